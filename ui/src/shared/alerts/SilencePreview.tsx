// What a silence would have hidden, had it held for the last seven days.
import { List, Stack, Text } from '@mantine/core';
import type { Schemas } from '@/api/client';
import type { ProblemError } from '@/api/problem';
import { Failed } from '../Failed';
import { TimeAgo } from '../TimeAgo';
import { plural } from '../format';
import classes from './alerts.module.css';

interface SilencePreviewProps {
  data: Schemas['SilencePreview'] | undefined;
  error: ProblemError | null;
  isPending: boolean;
}

const SHOWN_MAX = 4;

export function SilencePreview({ data, error, isPending }: SilencePreviewProps) {
  if (error !== null) return <Failed error={error} what="What it would have hidden is not known" />;
  return (
    <div className={classes.preview} aria-live="polite" aria-busy={isPending}>
      {data === undefined ? (
        <Text size="sm" c="dimmed">
          {isPending ? 'Looking at the last seven days' : 'Give each line a value to see what it would hide'}
        </Text>
      ) : (
        <Shown data={data} />
      )}
    </div>
  );
}

function Shown({ data }: { data: Schemas['SilencePreview'] }) {
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600}>
        Would have hidden {plural(data.alerts, 'alert')} ({plural(data.notices, 'notice')}) in 7 days
        {data.truncated ? ', or more: it looked at the newest 50,000' : ''}
      </Text>
      <Text size="sm">
        {data.open_alerts === 0
          ? 'No open alert that is told now becomes quiet.'
          : `${plural(data.open_alerts, 'open alert')} told now would become quiet at once.`}
      </Text>
      {data.rules.length + data.hosts.length > 2 && (
        <Text size="xs" c="dimmed">
          {names('Rules', data.rules)}. {names('Devices', data.hosts)}.
        </Text>
      )}
      <List size="xs" spacing={2}>
        {data.samples.slice(0, SHOWN_MAX).map((one) => (
          <List.Item key={one.id}>
            {one.summary} <TimeAgo at={one.first_seen} />
          </List.Item>
        ))}
      </List>
    </Stack>
  );
}

function names(what: string, hidden: readonly Schemas['HiddenOf'][]): string {
  const shown = hidden.slice(0, SHOWN_MAX).map((one) => `${one.name} ${one.alerts}`);
  const more = hidden.length - shown.length;
  return `${what}: ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
