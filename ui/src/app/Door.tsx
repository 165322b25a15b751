// The frame of what stands before the pages: signing in, and the first password.
import { Paper, Stack, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './Door.module.css';

export function Door({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className={classes.door}>
      <title>{`${title} · MUTT`}</title>
      <div className={classes.brand}>
        <img src="/mutt.svg" alt="" width={36} height={36} />
        <div>
          <div className={classes.name}>MUTT</div>
          <div className={classes.what}>Syslog and traps, judged</div>
        </div>
      </div>
      <Paper className={classes.card}>
        <Stack>
          <Title order={1} size="h4">
            {title}
          </Title>
          {children}
        </Stack>
      </Paper>
    </main>
  );
}
