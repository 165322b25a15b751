// Silences and maintenance windows as tables.
import { Text } from '@mantine/core';
import { IconTool, IconVolumeOff } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import type { Schemas } from '@/api/client';
import type { ProblemError } from '@/api/problem';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { StateBadge } from '@/shared/StateBadge';
import { TimeAgo } from '@/shared/TimeAgo';
import { formatDuration } from '@/shared/format';
import { DataTable } from '@/shared/table/DataTable';
import type { Column } from '@/shared/table/columns';
import { type Matcher, words } from './matchers';
import { describe, fromRule } from './recurrence';

type SilenceView = Schemas['SilenceView'];
type MaintenanceView = Schemas['MaintenanceView'];
type Standing = Schemas['SilenceStanding'];

interface ListProps<View> {
  query: UseQueryResult<{ items: View[]; more: boolean }, ProblemError>;
  onOpen: (name: string) => void;
}

export function standing(now: Standing): 'active' | 'upcoming' | 'over' {
  if (now.active) return 'active';
  return now.begins_in_seconds == null ? 'over' : 'upcoming';
}

const ORDER = { active: 0, upcoming: 1, over: 2 };

function Matched({ matchers }: { matchers: readonly Matcher[] }) {
  return <span className="mono">{matchers.map(words).join(' and ')}</span>;
}

const SILENCES: readonly Column<SilenceView>[] = [
  {
    id: 'state',
    head: 'State',
    width: '7rem',
    sort: ({ now, silence }) => `${ORDER[standing(now)]} ${silence.end}`,
    cell: ({ now }) => <StateBadge state={standing(now)} />,
  },
  { id: 'name', head: 'Name', width: 'minmax(7rem, 12rem)', sort: (one) => one.silence.name, cell: (one) => <Text size="sm" fw={600}>{one.silence.name}</Text> },
  { id: 'hides', head: 'Hides', width: 'minmax(12rem, 1fr)', narrow: 'whole', cell: (one) => <Matched matchers={one.silence.matchers} /> },
  { id: 'reason', head: 'Reason', width: 'minmax(9rem, 1fr)', narrow: 'whole', cell: (one) => one.silence.reason },
  { id: 'owner', head: 'Whose', width: '7rem', sort: (one) => one.silence.owner ?? '', cell: (one) => one.silence.owner ?? '' },
  { id: 'start', head: 'Begins', width: '6.5rem', align: 'end', sort: (one) => one.silence.start, cell: (one) => <TimeAgo at={one.silence.start} /> },
  { id: 'end', head: 'Ends', width: '6.5rem', align: 'end', sort: (one) => one.silence.end, cell: (one) => <TimeAgo at={one.silence.end} /> },
];

const WINDOWS: readonly Column<MaintenanceView>[] = [
  {
    id: 'state',
    head: 'State',
    width: '7rem',
    sort: ({ now }) => ORDER[standing(now)],
    cell: ({ now }) => <StateBadge state={standing(now)} />,
  },
  { id: 'name', head: 'Name', width: 'minmax(7rem, 12rem)', sort: (one) => one.window.name, cell: (one) => <Text size="sm" fw={600}>{one.window.name}</Text> },
  { id: 'hides', head: 'Hides', width: 'minmax(12rem, 1fr)', narrow: 'whole', cell: (one) => <Matched matchers={one.window.matchers} /> },
  { id: 'when', head: 'When', width: 'minmax(12rem, 1fr)', narrow: 'whole', cell: ({ window }) => <When window={window} /> },
  { id: 'reason', head: 'Reason', width: 'minmax(8rem, 1fr)', narrow: 'whole', cell: (one) => one.window.reason },
  {
    id: 'next',
    head: 'Next',
    width: '7rem',
    align: 'end',
    sort: ({ now }) => (now.active ? 0 : (now.begins_in_seconds ?? null)),
    cell: ({ now }) => <Next now={now} />,
  },
];

function When({ window }: { window: Schemas['Maintenance'] }) {
  const { start, rule, zone, duration_minutes: minutes } = window;
  const days = describe(fromRule(rule, start), start);
  const begins = rule === undefined || rule === '' ? start.replace('T', ' ') : `${days}, ${start.slice(11, 16)}`;
  return <>{`${begins} for ${formatDuration(minutes * 60_000)}, ${zone}`}</>;
}

function Next({ now }: { now: Standing }) {
  if (now.active) return <>ends in {formatDuration((now.ends_in_seconds ?? 0) * 1_000)}</>;
  if (now.begins_in_seconds == null) return <>never again</>;
  return <>in {formatDuration(now.begins_in_seconds * 1_000)}</>;
}

export function Silences({ query, onOpen }: ListProps<SilenceView>) {
  if (query.error !== null && query.data === undefined) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <Loading what="silences" />;
  return (
    <DataTable
      label="Silences"
      rows={query.data.items}
      columns={SILENCES}
      rowKey={(one) => one.silence.name}
      onOpen={(one) => onOpen(one.silence.name)}
      empty={
        <Empty title="No silence is made" icon={IconVolumeOff}>
          A silence hides alerts for a time, once: during a change, or while a fault is known.
        </Empty>
      }
    />
  );
}

export function Windows({ query, onOpen }: ListProps<MaintenanceView>) {
  if (query.error !== null && query.data === undefined) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <Loading what="maintenance windows" />;
  return (
    <DataTable
      label="Maintenance windows"
      rows={query.data.items}
      columns={WINDOWS}
      rowKey={(one) => one.window.name}
      onOpen={(one) => onOpen(one.window.name)}
      empty={
        <Empty title="No maintenance window is made" icon={IconTool}>
          A window hides alerts again and again: on Sundays while patches go in, each night during the backup.
        </Empty>
      }
    />
  );
}
