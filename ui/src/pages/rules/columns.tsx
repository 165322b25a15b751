// The columns of the list of rules.
import { Anchor, Text } from '@mantine/core';
import { IconAlertTriangle, IconArrowBarToUp, IconCircleX, IconMoodEmpty } from '@tabler/icons-react';
import { Link } from 'react-router';
import { Sparkline } from '@/shared/charts/Sparkline';
import { Sign } from '@/shared/Sign';
import { HourAgo } from '@/shared/TimeAgo';
import { formatNumber, formatShort } from '@/shared/format';
import type { Column } from '@/shared/table/columns';
import type { Row } from './filter';
import { toOwnRule } from '@/shared/links';
import { MODES } from './model/rule';
import { ModeSign } from './ModeSign';
import classes from './Rules.module.css';
import type { UsageDay } from './usage';

function trend(row: Row, part: keyof UsageDay, name: string) {
  const { usage } = row;
  if (usage === null) return <span className={classes.none}>–</span>;
  const values = usage.per_day.map((day) => day[part]);
  const label = `${name} of ${row.id} by the day: ${values.map(formatNumber).join(', ')}`;
  return (
    <span className={classes.trend}>
      <span className="tabular" title={formatNumber(usage[part])}>
        {formatShort(usage[part])}
      </span>
      {usage[part] > 0 && <Sparkline values={values} label={label} width={56} height={18} />}
    </span>
  );
}

export const COLUMNS: readonly Column<Row>[] = [
  {
    id: 'priority',
    head: 'Prio',
    width: '5rem',
    align: 'end',
    sort: (row) => row.priority,
    cell: (row) => <span className="tabular">{row.priority}</span>,
  },
  {
    id: 'id',
    head: 'Rule',
    width: 'minmax(13rem, 1.4fr)',
    narrow: 'whole',
    sort: (row) => row.id,
    cell: (row) => <Name row={row} />,
  },
  { id: 'mode', head: 'Mode', width: '5.5rem', sort: (row) => MODES.indexOf(row.mode), cell: (row) => <ModeSign mode={row.mode} /> },
  { id: 'team', head: 'Team', width: '5.5rem', sort: (row) => (row.team === '' ? null : row.team), cell: (row) => row.team },
  { id: 'handling', head: 'Handling', width: 'minmax(7rem, 1fr)', sort: (row) => row.handling, cell: (row) => row.handling },
  { id: 'owner', head: 'Owner', width: '5rem', sort: (row) => (row.owner === '' ? null : row.owner), cell: (row) => row.owner },
  {
    id: 'hits',
    head: 'Hits, 7 d',
    width: '6.75rem',
    align: 'end',
    startsDown: true,
    sort: (row) => row.usage?.hits ?? null,
    cell: (row) => trend(row, 'hits', 'Hits'),
  },
  {
    id: 'pages',
    head: 'Pages, 7 d',
    width: '6.75rem',
    align: 'end',
    startsDown: true,
    sort: (row) => row.usage?.pages ?? null,
    cell: (row) => trend(row, 'pages', 'Pages'),
  },
  {
    id: 'last',
    head: 'Last hit',
    width: '5.5rem',
    align: 'end',
    startsDown: true,
    sort: (row) => row.usage?.last_hit ?? null,
    cell: (row) => (row.usage?.last_hit == null ? <span className={classes.none}>–</span> : <HourAgo at={row.usage.last_hit} />),
  },
];

function Name({ row }: { row: Row }) {
  return (
    <div>
      <Anchor component={Link} inherit to={toOwnRule(row.id)} className="mono">
        {row.id}
      </Anchor>
      {row.faults.map((fault) => (
        <Note key={fault.message}>
          <Sign icon={IconCircleX} tone="critical" text="broken" title={fault.message} /> {fault.message}
        </Note>
      ))}
      {row.unreachableBy !== null && (
        <Note>
          <Sign icon={IconArrowBarToUp} tone="warning" text="unreachable" /> all its messages go to {row.unreachableBy}
        </Note>
      )}
      {row.neverHit && (
        <Note>
          <Sign icon={IconMoodEmpty} tone="quiet" text="never hit" />
        </Note>
      )}
      {row.unreachableBy === null && row.warnings.length > 0 && (
        <Note>
          <Sign icon={IconAlertTriangle} tone="warning" text={row.warnings.length === 1 ? 'warning' : `${row.warnings.length} warnings`} /> {row.warnings[0]?.message}
        </Note>
      )}
    </div>
  );
}

function Note({ children }: { children: React.ReactNode }) {
  return (
    <Text component="div" size="xs" c="dimmed" lineClamp={2}>
      {children}
    </Text>
  );
}
