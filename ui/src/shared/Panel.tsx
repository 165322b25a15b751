// A part of a page with its title.
import { Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import classes from './Panel.module.css';

interface PanelProps {
  title: string;
  children: ReactNode;
  /** Beside the title. */
  aside?: ReactNode;
}

export function Panel({ title, children, aside }: PanelProps) {
  const id = useId();
  return (
    <section className={classes.panel} aria-labelledby={id}>
      <div className={classes.head}>
        <Title order={2} id={id} className={classes.title}>
          {title}
        </Title>
        {aside}
      </div>
      {children}
    </section>
  );
}
