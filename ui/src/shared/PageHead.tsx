// The top of each page: its title (also of the tab), what it shows, what can be done, and the API behind it.
import { Button, Collapse, Group, Text, Title } from '@mantine/core';
import { IconCode } from '@tabler/icons-react';
import { type ReactNode, useId, useState } from 'react';
import { ApiCalls } from './ApiCalls';
import type { ApiCall } from './curl';
import classes from './PageHead.module.css';

/** Where the focus goes after a change of page. */
export const PAGE_TITLE_ID = 'page-title';

interface PageHeadProps {
  title: string;
  subtitle?: ReactNode;
  actions?: ReactNode;
  /** The calls that this page shows the answers of. */
  calls?: readonly ApiCall[];
}

export function PageHead({ title, subtitle, actions, calls = [] }: PageHeadProps) {
  const [shown, setShown] = useState(false);
  const id = useId();
  return (
    <header className={classes.head}>
      <title>{`${title} · MUTT`}</title>
      <div className={classes.row}>
        <div className={classes.words}>
          <Title order={1} id={PAGE_TITLE_ID} tabIndex={-1} className={classes.title}>
            {title}
          </Title>
          {subtitle !== undefined && (
            <Text component="div" size="sm" c="dimmed">
              {subtitle}
            </Text>
          )}
        </div>
        <Group gap="xs">
          {actions}
          {calls.length > 0 && (
            <Button
              variant="subtle"
              color="gray"
              leftSection={<IconCode size={18} aria-hidden />}
              aria-expanded={shown}
              aria-controls={id}
              onClick={() => setShown(!shown)}
            >
              API
            </Button>
          )}
        </Group>
      </div>
      {/* The element stays, since the button names it. */}
      <div id={id}>
        <Collapse expanded={shown}>
          <div className={classes.calls}>
            <ApiCalls calls={calls} />
          </div>
        </Collapse>
      </div>
    </header>
  );
}
