// The columns of open alerts.
import { Text } from '@mantine/core';
import { IconHandStop, IconUser, IconVolumeOff } from '@tabler/icons-react';
import { Count } from '@/shared/Count';
import { Severity, severityRank } from '@/shared/Severity';
import { Sign } from '@/shared/Sign';
import { TimeAgo } from '@/shared/TimeAgo';
import type { Column } from '@/shared/table/columns';
import type { AlertView } from './filter';

/** The worst first, and of these the newest. */
function rank(alert: AlertView): string {
  const newest = Number.MAX_SAFE_INTEGER - Date.parse(alert.last_seen);
  return `${severityRank(alert.severity)} ${String(newest).padStart(17, '0')}`;
}

export const COLUMNS: readonly Column<AlertView>[] = [
  {
    id: 'severity',
    head: 'Severity',
    width: '7.25rem',
    sort: rank,
    narrow: 'plain',
    cell: (alert) => <Severity severity={alert.severity} />,
  },
  {
    id: 'host',
    head: 'Device',
    width: 'minmax(6rem, 8.5rem)',
    narrow: 'plain',
    sort: (alert) => alert.host,
    cell: (alert) => <span className="mono">{alert.host}</span>,
  },
  {
    id: 'summary',
    head: 'What',
    width: 'minmax(14rem, 1fr)',
    narrow: 'whole',
    cell: (alert) => <What alert={alert} />,
  },
  { id: 'team', head: 'Team', width: '6.75rem', sort: (alert) => alert.team, cell: (alert) => alert.team },
  {
    id: 'environment',
    head: 'Env',
    width: '4rem',
    sort: (alert) => alert.environment,
    cell: (alert) => alert.environment,
  },
  {
    id: 'count',
    head: 'Events',
    width: '5rem',
    align: 'end',
    startsDown: true,
    sort: (alert) => alert.count,
    cell: (alert) => <Count value={alert.count} short />,
  },
  {
    id: 'began',
    head: 'Began',
    width: '6rem',
    align: 'end',
    startsDown: true,
    sort: (alert) => alert.first_seen,
    cell: (alert) => <TimeAgo at={alert.first_seen} />,
  },
  {
    id: 'last',
    head: 'Last',
    width: '6rem',
    align: 'end',
    startsDown: true,
    sort: (alert) => alert.last_seen,
    cell: (alert) => <TimeAgo at={alert.last_seen} />,
  },
];

/** The summary without the device, which stands beside it; under it, who has it and why it is quiet. */
function What({ alert }: { alert: AlertView }) {
  const start = `${alert.host}: `;
  const text = alert.summary.startsWith(start) ? alert.summary.slice(start.length) : alert.summary;
  return (
    <div>
      <Text size="sm" lineClamp={2}>
        {text}
      </Text>
      {alert.taken_by != null && <Sign icon={IconUser} tone="info" text={`taken by ${alert.taken_by}`} />}
      {alert.taken_by == null && alert.acknowledged_by != null && (
        <Sign icon={IconHandStop} tone="info" text={`acknowledged by ${alert.acknowledged_by}`} />
      )}
      {alert.quiet.map((why) => (
        <Text key={why} size="xs" c="dimmed">
          <IconVolumeOff size={12} aria-hidden /> quiet: {why}
        </Text>
      ))}
    </div>
  );
}
