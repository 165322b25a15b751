// What is wrong at this moment. From: all alerts that are not over, as the stream changes them. To: an
// operator, who narrows them by the URL's filter.
import { Button, Text } from '@mantine/core';
import { IconCircleCheck, IconFilterOff } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useCurrentAlerts } from '@/api/list';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import { formatNumber, plural } from '@/shared/format';
import { DataTable } from '@/shared/table/DataTable';
import { useUrlState } from '@/shared/urlState';
import { Filters } from './Filters';
import { Peek } from './Peek';
import { SeverityBar } from './SeverityBar';
import { COLUMNS } from './columns';
import { type AlertView, DEFAULTS, isTold, shows } from './filter';

const CALLS = [{ method: 'GET', path: '/alerts', query: { state: 'open,acknowledged', limit: 1_000 } }] as const;
const ALL = { text: '', severity: '', team: '', environment: '', show: 'all' };
const NONE: readonly AlertView[] = [];

function subtitle(alerts: readonly AlertView[], more: boolean): string {
  const quiet = alerts.filter((alert) => !isTold(alert)).length;
  const text = `${plural(alerts.length, 'alert')} not over, ${formatNumber(quiet)} of them quiet`;
  return more ? `${text}. There are more: these are the newest` : text;
}

export default function Now() {
  const { data, error, isPending, refetch } = useCurrentAlerts();
  const [state, setState] = useUrlState(DEFAULTS);
  const alerts = data?.items ?? NONE;
  const withoutSeverity = useMemo(
    () => alerts.filter((alert) => shows(alert, { ...state, severity: '' })),
    [alerts, state],
  );
  const shown = useMemo(() => withoutSeverity.filter((alert) => shows(alert, state)), [withoutSeverity, state]);
  const peeked = alerts.find((alert) => alert.id === state.alert) ?? null;
  return (
    <>
      <PageHead title="Now" subtitle={data && subtitle(alerts, data.more)} calls={CALLS} />
      {error !== null && <Failed error={error} what="The alerts could not be loaded" onRetry={() => void refetch()} />}
      {isPending && <Loading what="alerts" lines={8} />}
      {data !== undefined && (
        <>
          <SeverityBar alerts={withoutSeverity} chosen={state.severity} onChoose={(severity) => setState({ severity })} />
          <Filters alerts={alerts} filter={state} onChange={setState} />
          <DataTable
            label="Alerts that are not over"
            rows={shown}
            columns={COLUMNS}
            rowKey={(alert) => alert.id}
            sort={state.sort}
            onSort={(sort) => setState({ sort })}
            onOpen={(alert) => setState({ alert: alert.id }, { push: true })}
            openKey={state.alert}
            empty={<Nothing isFiltered={alerts.length > 0} onAll={() => setState(ALL)} />}
          />
          <Peek alert={peeked} onClose={() => setState({ alert: '' })} />
        </>
      )}
    </>
  );
}

function Nothing({ isFiltered, onAll }: { isFiltered: boolean; onAll: () => void }) {
  if (!isFiltered) {
    return (
      <Empty title="Nothing is wrong that a rule knows" icon={IconCircleCheck}>
        <Text size="sm">No alert is open. One that a rule opens shows here at once.</Text>
      </Empty>
    );
  }
  const action = (
    <Button variant="default" mt="xs" leftSection={<IconFilterOff size={14} aria-hidden />} onClick={onAll}>
      Show all
    </Button>
  );
  return <Empty title="No alert fits the filter" action={action} />;
}
