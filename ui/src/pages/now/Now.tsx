// What is wrong at this moment. From: alerts as the stream changes them. To: an operator, who narrows them by
// the URL's filter and decides over them.
import { Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useNavigate } from 'react-router';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import { AlertActions } from '@/shared/alerts/AlertActions';
import { formatNumber, plural } from '@/shared/format';
import { toAlert } from '@/shared/links';
import { useTimed } from '@/shared/now';
import { DataTable } from '@/shared/table/DataTable';
import { useUrlState } from '@/shared/urlState';
import { Filters } from './Filters';
import { Hours } from './Hours';
import { Lights } from './Lights';
import classes from './Now.module.css';
import { SeverityBar } from './SeverityBar';
import { Waiting } from './Waiting';
import { COLUMNS } from './columns';
import { type AlertView, DEFAULTS, HOUR_MS, hourOf, isTold, questionOf, shows } from './filter';
import type { Row } from './hold';
import { useAlerts, useLeft } from './source';
import { useHeld } from './useHeld';

const NONE: readonly AlertView[] = [];

function subtitle(alerts: readonly AlertView[], more: boolean, isCurrent: boolean): string {
  const quiet = alerts.filter((alert) => !isTold(alert)).length;
  const text = `${plural(alerts.length, 'alert')}${isCurrent ? ' not over' : ''}, ${formatNumber(quiet)} of them quiet`;
  return more ? `${text}. There are more: these are the newest` : text;
}

export default function Now() {
  const [state, setState] = useUrlState(DEFAULTS);
  const running_ms = useTimed((now_ms) => Math.floor(now_ms / HOUR_MS) * HOUR_MS);
  const question = useMemo(() => questionOf(state, running_ms), [state, running_ms]);
  const { data, error, isPending, refetch } = useAlerts(question);
  const alerts = data?.items ?? NONE;
  const chooseHour = (start_ms: number | null) =>
    setState(start_ms === null ? { hour: '', state: 'current' } : { hour: new Date(start_ms).toISOString(), state: 'all' });
  const calls = [
    { method: 'GET', path: '/alerts', query: { state: 'open,acknowledged', ...question?.query, limit: 1_000 } },
    { method: 'GET', path: '/hours', query: { kind: 'alerts' } },
  ] as const;
  return (
    <>
      <PageHead title="Now" subtitle={data && subtitle(alerts, data.more, question === null)} calls={calls} />
      <Lights />
      <Hours chosen_ms={hourOf(state)} onChoose={chooseHour} />
      {error !== null && <Failed error={error} what="The alerts could not be loaded" onRetry={() => void refetch()} />}
      {isPending && <Loading what="alerts" lines={8} />}
      {data !== undefined && <List alerts={alerts} state={state} setState={setState} />}
    </>
  );
}

interface ListProps {
  alerts: readonly AlertView[];
  state: ReturnType<typeof useUrlState<typeof DEFAULTS>>[0];
  setState: ReturnType<typeof useUrlState<typeof DEFAULTS>>[1];
}

function List({ alerts, state, setState }: ListProps) {
  const navigate = useNavigate();
  const withoutSeverity = useMemo(
    () => alerts.filter((alert) => shows(alert, { ...state, severity: '' })),
    [alerts, state],
  );
  const live = useMemo(() => withoutSeverity.filter((alert) => shows(alert, state)), [withoutSeverity, state]);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [activeId, setActiveId] = useState<string | null>(null);
  const { known, left } = useLeft();
  const held = useHeld(live, known, chosen.size > 0, state);
  const about = useMemo(() => {
    const wanted = (row: Row) => (chosen.size > 0 ? chosen.has(row.id) : row.id === activeId);
    return held.rows.filter(wanted).map((row) => row.alert);
  }, [held.rows, chosen, activeId]);
  return (
    <>
      <div className={classes.narrow}>
        <SeverityBar alerts={withoutSeverity} chosen={state.severity} onChoose={(severity) => setState({ severity })} />
        <Filters alerts={alerts} filter={state} onChange={setState} />
      </div>
      <div className={classes.acts}>
        <AlertActions alerts={about} onDone={() => setChosen(new Set())} />
        <About alerts={about} isChosen={chosen.size > 0} />
        <Waiting fresh={held.fresh} gone={held.gone} left={left} onLetIn={held.letIn} />
      </div>
      <div {...held.watch}>
        <DataTable
          label="Alerts"
          rows={held.rows}
          columns={COLUMNS}
          rowKey={(row) => row.id}
          sort={state.sort}
          onSort={(sort) => setState({ sort })}
          onOpen={(row) => void navigate(toAlert(row.id))}
          onActive={(row) => setActiveId(row.id)}
          openKey={activeId}
          selected={chosen}
          onSelect={setChosen}
          maxHeight="max(24rem, calc(100dvh - 21rem))"
          empty={<Nothing isFiltered={alerts.length > 0} />}
        />
      </div>
    </>
  );
}

/** What the buttons and keys are about. */
function About({ alerts, isChosen }: { alerts: readonly AlertView[]; isChosen: boolean }) {
  const [first] = alerts;
  const text = isChosen ? `${plural(alerts.length, 'alert')} chosen` : (first?.summary ?? '');
  return (
    <Text size="xs" c="dimmed" truncate className={classes.about}>
      {text}
    </Text>
  );
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <Empty title="No alert fits the filter">“Show all” takes the filter away.</Empty>;
  return (
    <Empty title="Nothing is wrong that a rule knows" icon={IconCircleCheck}>
      <Text size="sm">No alert is open. One that a rule opens shows here at once.</Text>
    </Empty>
  );
}
