// What no rule wants, as patterns. From: GET /patterns, GET /patterns/hours. To: an author of rules, who sees
// what comes most, what is new, what surges, and goes to one to decide on it.
import { Alert, Button, Text } from '@mantine/core';
import { IconCircleCheck, IconFilterOff, IconInfoCircle } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useNavigate } from 'react-router';
import { type Schemas } from '@/api/client';
import { useAll, useGet } from '@/api/query';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import { formatNumber, plural } from '@/shared/format';
import { useTimed } from '@/shared/now';
import { DataTable } from '@/shared/table/DataTable';
import { useUrlState } from '@/shared/urlState';
import { toPattern } from '@/shared/links';
import { Filters } from './Filters';
import { Heat } from './Heat';
import { columns } from './columns';
import { DEFAULTS, type Filter, PATTERNS_MAX, ordered, query } from './filter';
import { usePatternHours } from './hours';
import type { PatternView } from './surge';

type Mining = Schemas['MiningView'];

const ALL = { key: '', host: '', team: '', text: '', state: 'open' };
const NONE: readonly PatternView[] = [];
const MINUTE_MS = 60_000;

export default function Unknown() {
  const [filter, setFilter] = useUrlState(DEFAULTS);
  const mining = useGet('/patterns', { query: { limit: 1 } }).data?.mining;
  const calls = [
    filter.view === 'list'
      ? ({ method: 'GET', path: '/patterns', query: { ...query(filter), limit: PATTERNS_MAX } } as const)
      : ({ method: 'GET', path: '/patterns/hours', query: { hours: filter.hours, limit: 200 } } as const),
  ];
  return (
    <>
      <PageHead title="Unknown" subtitle={mining && <Mined mining={mining} />} calls={calls} />
      {mining?.enabled === false && (
        <Alert icon={<IconInfoCircle aria-hidden />} title="Patterns are off">
          Nothing is counted since <code>patterns.enabled</code> is false in mutt.toml. What no rule wants is archived all
          the same, and found under Find.
        </Alert>
      )}
      <Filters filter={filter} onChange={setFilter} />
      {filter.view === 'list' ? <List filter={filter} onAll={() => setFilter(ALL)} /> : <Heat filter={filter} />}
    </>
  );
}

function Mined({ mining }: { mining: Mining }) {
  return (
    <>
      Messages that no rule wants: {formatNumber(mining.observed)} counted. They are archived, and nobody is told of one
      by one.
      {mining.sampling && ' So many come that one is counted for several.'}
    </>
  );
}

function List({ filter, onAll }: { filter: Filter; onAll: () => void }) {
  const navigate = useNavigate();
  const { data, error, isPending, refetch } = useAll('/patterns', { query: query(filter) }, PATTERNS_MAX, { every_ms: 15_000 });
  const hours = usePatternHours(48, 200).data;
  const minute = useTimed((now_ms) => Math.floor(now_ms / MINUTE_MS));
  const shown = useMemo(
    () => ordered(data?.items ?? NONE, filter.order, minute * MINUTE_MS),
    [data, filter.order, minute],
  );
  const table = useMemo(() => columns(new Map(hours?.rows.map((row) => [row.id, row.counts]))), [hours]);
  if (error !== null && data === undefined) {
    return <Failed error={error} what="The patterns could not be loaded" onRetry={() => void refetch()} />;
  }
  if (isPending) return <Loading what="patterns" lines={8} />;
  return (
    <>
      <Text size="sm" c="dimmed" role="status">
        {plural(shown.length, 'pattern')}
        {data?.more === true && ': there are more, narrow them to see the rest'}
      </Text>
      <DataTable
        label="Patterns of messages that no rule wants"
        rows={shown}
        columns={table}
        rowKey={(one) => one.id}
        onOpen={(one) => void navigate(toPattern(one.id))}
        empty={<Nothing filter={filter} onAll={onAll} />}
      />
    </>
  );
}

function Nothing({ filter, onAll }: { filter: Filter; onAll: () => void }) {
  const isNarrowed = [filter.key, filter.host, filter.team, filter.text].some((value) => value !== '');
  if (!isNarrowed && filter.state === 'open') {
    return (
      <Empty title="Every message has a rule, or was decided on" icon={IconCircleCheck}>
        What no rule wants shows here within seconds.
      </Empty>
    );
  }
  const action = (
    <Button variant="default" mt="xs" leftSection={<IconFilterOff size={14} aria-hidden />} onClick={onAll}>
      Show all that are open
    </Button>
  );
  return <Empty title="No pattern fits the filter" action={action} />;
}
