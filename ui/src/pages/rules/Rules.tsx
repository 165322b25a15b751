// All rules: what they do, how much they are hit and page, which need a look. From: GET /rules, /rules/usage and
// /status. To: the author of rules, who narrows them by the URL's filter and opens one.
import { Button, Group, Text } from '@mantine/core';
import { IconFileImport, IconFilterOff, IconPlus } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { useAll, useGet } from '@/api/query';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import { formatNumber, plural } from '@/shared/format';
import { usePermission } from '@/shared/permission';
import { useShortcut } from '@/shared/shortcuts';
import { DataTable } from '@/shared/table/DataTable';
import { useUrlState } from '@/shared/urlState';
import type { RuleView } from './api';
import { Export } from './Export';
import { Filters } from './Filters';
import { ModeChange } from './ModeChange';
import { COLUMNS } from './columns';
import { DEFAULTS, type Row, rowsOf, shows } from './filter';
import { toOwnRule } from '@/shared/links';
import { useUsage } from './usage';

const CALLS = [
  { method: 'GET', path: '/rules', query: { limit: 1_000 } },
  { method: 'GET', path: '/rules/usage', query: { days: 7, limit: 1_000 } },
  { method: 'GET', path: '/rules/export' },
] as const;
const ALL = { text: '', mode: '', team: '', show: 'all' };
const NONE: ReadonlySet<string> = new Set();

function subtitle(rows: readonly Row[]): string {
  const of = (mode: Row['mode']) => formatNumber(rows.filter((row) => row.mode === mode).length);
  return `${plural(rows.length, 'rule')}: ${of('live')} live, ${of('shadow')} in shadow, ${of('off')} as drafts`;
}

export default function Rules() {
  const { data, error, isPending, refetch } = useAll('/rules');
  const usage = useUsage();
  const { data: status } = useGet('/status');
  const [state, setState] = useUrlState(DEFAULTS);
  const [chosen, setChosen] = useState(NONE);
  const navigate = useNavigate();
  const rows = useMemo(
    () => rowsOf((data?.items ?? []) as RuleView[], usage.data, status?.refused?.faults ?? []),
    [data, usage.data, status],
  );
  const shown = useMemo(() => rows.filter((row) => shows(row, state)), [rows, state]);
  const isChosen = rows.filter((row) => chosen.has(row.id));
  return (
    <>
      <PageHead title="Rules" subtitle={data && subtitle(rows)} actions={<Actions />} calls={CALLS} />
      {error !== null && <Failed error={error} what="The rules could not be loaded" onRetry={() => void refetch()} />}
      {usage.error !== null && <Failed error={usage.error} what="How much they are used is not known at the moment" onRetry={() => void usage.refetch()} />}
      {status?.refused != null && (
        <Failed error={new Error(`Revision ${status.refused.revision} has faults and is not in force; revision ${status.in_force.revision} goes on.`)} what="The newest rules are refused" />
      )}
      {isPending && <Loading what="rules" lines={10} />}
      {data !== undefined && (
        <>
          <Filters rows={rows} filter={state} onChange={setState} />
          <ModeChange chosen={isChosen} onDone={() => setChosen(NONE)} />
          <DataTable
            label="Rules"
            rows={shown}
            columns={COLUMNS}
            rowKey={(row) => row.id}
            sort={state.sort}
            onSort={(sort) => setState({ sort })}
            selected={chosen}
            onSelect={setChosen}
            onOpen={(row) => void navigate(toOwnRule(row.id))}
            empty={<Nothing isFiltered={rows.length > 0} onAll={() => setState(ALL)} />}
          />
          <Text size="xs" c="dimmed">
            {usage.data?.known_since != null && `Hits are known since ${usage.data.known_since.slice(0, 10)}. `}
            The lowest priority is tried first. Of rules in shadow, alerts and pages are what they would have made.
          </Text>
        </>
      )}
    </>
  );
}

function Actions() {
  const { allowed, why } = usePermission('author');
  const navigate = useNavigate();
  useShortcut('n', 'New rule', () => allowed && void navigate('/rules/new'));
  return (
    <Group gap="xs">
      <Export />
      <Button
        component={Link}
        to="/rules/import"
        variant="default"
        leftSection={<IconFileImport size={14} aria-hidden />}
      >
        Import
      </Button>
      {allowed ? (
        <Button component={Link} to="/rules/new" leftSection={<IconPlus size={14} aria-hidden />}>
          New rule
        </Button>
      ) : (
        <Button disabled title={why} leftSection={<IconPlus size={14} aria-hidden />}>
          New rule
        </Button>
      )}
    </Group>
  );
}

function Nothing({ isFiltered, onAll }: { isFiltered: boolean; onAll: () => void }) {
  if (!isFiltered) {
    return (
      <Empty title="There are no rules yet">
        <Text size="sm">
          Write the first one, import a file, or begin with the packs that come with MUTT: <code>mutt rules apply rules/</code>
        </Text>
      </Empty>
    );
  }
  const action = (
    <Button variant="default" mt="xs" leftSection={<IconFilterOff size={14} aria-hidden />} onClick={onAll}>
      Show all
    </Button>
  );
  return <Empty title="No rule fits the filter" action={action} />;
}
