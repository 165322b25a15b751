// The columns of alerts.
import { Text } from '@mantine/core';
import { IconHandStop, IconUser } from '@tabler/icons-react';
import { Link } from 'react-router';
import { Count } from '@/shared/Count';
import { Severity, severityRank } from '@/shared/Severity';
import { Sign } from '@/shared/Sign';
import { StateBadge } from '@/shared/StateBadge';
import { TimeAgo } from '@/shared/TimeAgo';
import { QuietWhy } from '@/shared/alerts/QuietWhy';
import { toAlert } from '@/shared/links';
import type { Column } from '@/shared/table/columns';
import classes from './Now.module.css';
import type { AlertView } from './filter';
import type { Row } from './hold';

/** The worst first, and of these the newest. */
function rank(alert: AlertView): string {
  const newest = Number.MAX_SAFE_INTEGER - Date.parse(alert.last_seen);
  return `${severityRank(alert.severity)} ${String(newest).padStart(17, '0')}`;
}

// Sorted by how the alert was when reading began, so that rows stay; drawn as it is now.
export const COLUMNS: readonly Column<Row>[] = [
  {
    id: 'severity',
    head: 'Severity',
    width: '6.75rem',
    sort: ({ order }) => rank(order),
    narrow: 'plain',
    cell: ({ alert }) => <Severity severity={alert.severity} />,
  },
  {
    id: 'host',
    head: 'Device',
    width: 'minmax(6rem, 8.5rem)',
    narrow: 'plain',
    sort: ({ order }) => order.host,
    cell: ({ alert }) => <span className="mono">{alert.host}</span>,
  },
  {
    id: 'summary',
    head: 'What',
    width: 'minmax(15rem, 1fr)',
    narrow: 'whole',
    cell: (row) => <What row={row} />,
  },
  {
    id: 'state',
    head: 'State',
    width: '8rem',
    narrow: 'plain',
    sort: ({ order }) => order.state,
    cell: ({ alert }) => <StateBadge state={alert.state} tone={alert.state === 'open' ? 'warning' : undefined} />,
  },
  { id: 'team', head: 'Team', width: '6rem', sort: ({ order }) => order.team, cell: ({ alert }) => alert.team },
  {
    id: 'environment',
    head: 'Env',
    width: '3.75rem',
    sort: ({ order }) => order.environment,
    cell: ({ alert }) => alert.environment,
  },
  {
    id: 'count',
    head: 'Count',
    width: '4.75rem',
    align: 'end',
    startsDown: true,
    sort: ({ order }) => order.count,
    cell: ({ alert }) => <Count value={alert.count} short />,
  },
  {
    id: 'age',
    head: 'Age',
    width: '6rem',
    align: 'end',
    startsDown: true,
    sort: ({ order }) => order.first_seen,
    cell: ({ alert }) => <TimeAgo at={alert.first_seen} />,
  },
];

/** The summary without the device, which stands beside it; under it, who has it and why it is quiet. */
function What({ row: { alert, isGone } }: { row: Row }) {
  const start = `${alert.host}: `;
  const text = alert.summary.startsWith(start) ? alert.summary.slice(start.length) : alert.summary;
  return (
    <div>
      <Text size="sm" lineClamp={2} className={isGone ? classes.gone : undefined}>
        <Link to={toAlert(alert.id)} className={classes.what}>
          {text}
        </Link>
      </Text>
      {alert.flapping && <StateBadge state="flapping" />}
      {alert.taken_by != null && <Sign icon={IconUser} tone="info" text={`taken by ${alert.taken_by}`} />}
      {alert.taken_by == null && alert.acknowledged_by != null && (
        <Sign icon={IconHandStop} tone="info" text={`acknowledged by ${alert.acknowledged_by}`} />
      )}
      {alert.quiet.map((why) => (
        <QuietWhy key={why} words={why} />
      ))}
    </div>
  );
}
