// The columns of the audit.
import { Text } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { Link } from 'react-router';
import { Sign } from '@/shared/Sign';
import { TimeAgo } from '@/shared/TimeAgo';
import { countWords } from '@/shared/change';
import { formatExact } from '@/shared/format';
import type { Column } from '@/shared/table/columns';
import { toRevision } from '@/shared/links';
import type { AuditView } from './filter';

export const COLUMNS: readonly Column<AuditView>[] = [
  {
    id: 'at',
    head: 'When',
    width: '11rem',
    cell: (one) => (
      <div>
        <span className="tabular">{formatExact(one.at)}</span>
        <Text size="xs" c="dimmed">
          <TimeAgo at={one.at} />
        </Text>
      </div>
    ),
  },
  { id: 'who', head: 'Who', width: 'minmax(6rem, 10rem)', cell: (one) => <strong>{one.who}</strong> },
  { id: 'what', head: 'What', width: '8rem', cell: (one) => one.what },
  { id: 'item', head: 'Of what', width: 'minmax(10rem, 1fr)', narrow: 'whole', cell: (one) => <Item entry={one} /> },
  { id: 'done', head: 'Done', width: '6.5rem', cell: (one) => <Done done={one.done} /> },
  { id: 'from', head: 'From', width: '8rem', cell: (one) => one.from && <span className="mono">{one.from}</span> },
  {
    id: 'revision',
    head: 'Revision',
    width: '5.5rem',
    align: 'end',
    cell: (one) => one.revision != null && <Link to={toRevision(one.revision)}>{one.revision}</Link>,
  },
];

export function Done({ done }: { done: boolean }) {
  return done ? <Sign icon={IconCheck} tone="good" text="done" /> : <Sign icon={IconX} tone="critical" text="refused" />;
}

function Item({ entry }: { entry: AuditView }) {
  return (
    <div>
      {entry.item}
      {entry.items.length > 0 && (
        <Text size="xs" c="dimmed" span>
          {' '}
          {countWords(entry.items)}
        </Text>
      )}
      {entry.why !== '' && (
        <Text size="xs" c="dimmed">
          {entry.why}
        </Text>
      )}
    </div>
  );
}
