// The columns of the inventory.
import { IconAsterisk, IconNetwork, IconServer } from '@tabler/icons-react';
import { Link } from 'react-router';
import { Sign } from '@/shared/Sign';
import type { Column } from '@/shared/table/columns';
import { toRevision } from '@/shared/links';
import { type HostView, kindOf } from './hosts';

const SIGNS = {
  host: { icon: IconServer, text: 'name', tone: 'quiet' },
  pattern: { icon: IconAsterisk, text: 'pattern', tone: 'info' },
  network: { icon: IconNetwork, text: 'network', tone: 'info' },
} as const;

export const COLUMNS: readonly Column<HostView>[] = [
  {
    id: 'host',
    head: 'Host',
    width: 'minmax(10rem, 1fr)',
    narrow: 'whole',
    sort: (one) => one.entry.host,
    cell: (one) => <strong className="mono">{one.entry.host}</strong>,
  },
  {
    id: 'kind',
    head: 'Kind',
    width: '7rem',
    sort: (one) => kindOf(one.entry.host),
    cell: (one) => <Sign {...SIGNS[kindOf(one.entry.host)]} />,
  },
  {
    id: 'environment',
    head: 'Environment',
    width: '8.5rem',
    sort: (one) => one.entry.environment ?? null,
    cell: (one) => one.entry.environment,
  },
  { id: 'site', head: 'Site', width: '8rem', sort: (one) => one.entry.site ?? null, cell: (one) => one.entry.site },
  { id: 'team', head: 'Team', width: '8rem', sort: (one) => one.entry.team ?? null, cell: (one) => one.entry.team },
  {
    id: 'labels',
    head: 'Labels',
    width: 'minmax(8rem, 1fr)',
    narrow: 'whole',
    cell: (one) => (
      <span className="mono">
        {Object.entries(one.entry.labels ?? {})
          .map(([name, value]) => `${name}=${value}`)
          .join(' ')}
      </span>
    ),
  },
  {
    id: 'revision',
    head: 'Revision',
    width: '6rem',
    align: 'end',
    cell: (one) => <Link to={toRevision(one.revision)}>{one.revision}</Link>,
  },
];
