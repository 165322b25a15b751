// Whether MUTT can be believed. From: the ledger, the processes' inputs, how long pages took, and drills.
// To: whoever answers for it.
import { useGet } from '@/api/query';
import { useLiveRefresh } from '@/api/refresh';
import { processesOf } from '@/api/reports';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { PageHead } from '@/shared/PageHead';
import { useTimed } from '@/shared/now';
import '@/shared/print.css';
import { useUrlState } from '@/shared/urlState';
import { Drill } from './Drill';
import { Inputs } from './Inputs';
import { Took } from './Took';
import { Readers } from './Readers';
import { Tiles } from './Tiles';
import classes from './Trust.module.css';

const DEFAULTS = { hours: 24, drill: '' };
const HOUR_MS = 3_600_000;
const PATHS = ['/ledger', '/health', '/latency'] as const;

/** Held to what the choice offers. */
function hoursOf(hours: number): number {
  return hours === 168 ? 168 : 24;
}

export default function Trust() {
  const [state, setState] = useUrlState(DEFAULTS);
  const hours = hoursOf(state.hours);
  const hour = useTimed((now_ms) => Math.floor(now_ms / HOUR_MS));
  const since = new Date((hour - hours + 1) * HOUR_MS).toISOString();
  const ledger = useGet('/ledger');
  const health = useGet('/health');
  const latency = useGet('/latency', { query: { since } });
  const drills = useGet('/drills');
  useLiveRefresh('pulse', PATHS, 1_000);
  return (
    <>
      <PageHead
        title="Trust"
        subtitle="What became of every message, how long a page took, and when the whole way was last tried"
        calls={[
          { method: 'GET', path: '/ledger' },
          { method: 'GET', path: '/health' },
          { method: 'GET', path: '/latency', query: { since } },
          { method: 'GET', path: '/drills' },
          { method: 'POST', path: '/drills', body: { send: true } },
        ]}
      />
      <div className={classes.page}>
        <Tiles ledger={ledger.data} latency={latency.data} drills={drills.data} hours={hours} />
        {ledger.error !== null && (
          <Failed error={ledger.error} what="The ledger could not be loaded" onRetry={() => void ledger.refetch()} />
        )}
        {ledger.isPending && <Loading what="the ledger" lines={6} />}
        {ledger.data !== undefined && (
          <>
            <Readers ledger={ledger.data} />
            <Inputs ledger={ledger.data} processes={processesOf(health.data)} error={health.error} />
          </>
        )}
        {latency.error !== null && (
          <Failed error={latency.error} what="How long pages took could not be loaded" onRetry={() => void latency.refetch()} />
        )}
        {latency.data !== undefined && (
          <Took latency={latency.data} hours={hours} onHours={(chosen) => setState({ hours: chosen })} />
        )}
        <Drill
          drills={drills.data}
          error={drills.error}
          onRetry={() => void drills.refetch()}
          chosen={state.drill}
          onChoose={(drill) => setState({ drill })}
        />
      </div>
    </>
  );
}
