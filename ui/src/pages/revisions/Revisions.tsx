// Every change of rules, hosts, teams and settings: who, when, why. From: GET /revisions. To: one of them.
import { Anchor, Group, NativeSelect, Text, TextInput } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { Link, useNavigate } from 'react-router';
import type { Schemas } from '@/api/client';
import { usePages } from '@/api/query';
import { Count } from '@/shared/Count';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import { TimeAgo } from '@/shared/TimeAgo';
import { formatExact } from '@/shared/format';
import { DataTable } from '@/shared/table/DataTable';
import type { Column } from '@/shared/table/columns';
import { useUrlState } from '@/shared/urlState';
import { toRevision } from '@/shared/links';
import { KINDS } from './kinds';

type RevisionView = Schemas['RevisionView'];

const DEFAULTS = { kind: '', name: '' };

const COLUMNS: readonly Column<RevisionView>[] = [
  {
    id: 'number',
    head: 'Revision',
    width: '6rem',
    cell: (one) => <Anchor component={Link} inherit to={toRevision(one.number)}>{one.number}</Anchor>,
  },
  { id: 'at', head: 'When', width: '7rem', cell: (one) => <TimeAgo at={one.at} /> },
  { id: 'exact', head: 'Time', width: '11rem', narrow: 'hidden', cell: (one) => <span className="tabular">{formatExact(one.at)}</span> },
  { id: 'who', head: 'Who', width: 'minmax(6rem, 11rem)', cell: (one) => one.who },
  {
    id: 'why',
    head: 'Why',
    width: 'minmax(12rem, 1fr)',
    narrow: 'whole',
    cell: (one) => (one.why === '' ? <Text size="sm" c="dimmed">no reason given</Text> : one.why),
  },
  { id: 'changes', head: 'Items', width: '5rem', align: 'end', cell: (one) => <Count value={one.changes} /> },
];

export default function Revisions() {
  const [state, setState] = useUrlState(DEFAULTS);
  const query = { kind: state.kind === '' ? undefined : state.kind, name: state.name === '' ? undefined : state.name };
  const { items, isPending, error, refetch, onEnd } = usePages('/revisions', { query }, 200);
  const navigate = useNavigate();
  return (
    <>
      <PageHead
        title="Revisions"
        subtitle="Every change, the newest first. Each is whole or not at all, and there is a way back to any."
        calls={[{ method: 'GET', path: '/revisions', query: { ...query, limit: 200 } }]}
      />
      <Group gap="xs">
        <NativeSelect
          aria-label="Kind of item"
          data={[{ value: '', label: 'Every kind' }, ...KINDS]}
          value={state.kind}
          onChange={(event) => setState({ kind: event.currentTarget.value })}
        />
        <TextInput
          aria-label="Name of the item"
          placeholder="Whole name of the item"
          w={220}
          value={state.name}
          onChange={(event) => setState({ name: event.currentTarget.value })}
        />
      </Group>
      {error !== null && <Failed error={error} what="The revisions could not be loaded" onRetry={() => void refetch()} />}
      {isPending && <Loading what="revisions" lines={8} />}
      {!isPending && error === null && (
        <DataTable
          label="Revisions"
          rows={items}
          columns={COLUMNS}
          rowKey={(one) => String(one.number)}
          onOpen={(one) => void navigate(toRevision(one.number))}
          onEnd={onEnd}
          empty={
            <Empty title="No revision fits" icon={IconHistory}>
              Nothing of this kind and name was ever changed.
            </Empty>
          }
        />
      )}
    </>
  );
}
