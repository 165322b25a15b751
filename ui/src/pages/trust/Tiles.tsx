// The four answers of the page: does it add up, was anything lost, how fast, when was it last tried.
import { IconCircleCheck, IconCircleX, IconClock, IconFlag } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Schemas } from '@/api/client';
import { Sign } from '@/shared/Sign';
import { formatAgo, formatDuration, formatExact, formatNumber, plural } from '@/shared/format';
import { useTimed } from '@/shared/now';
import { lossText } from './ledger';
import classes from './Trust.module.css';

type Drills = Schemas['DrillPage'];
type Latency = Schemas['Latency'];
type Ledger = Schemas['Ledger'];

interface TilesProps {
  ledger: Ledger | undefined;
  latency: Latency | undefined;
  drills: Drills | undefined;
  hours: number;
}

export function Tiles({ ledger, latency, drills, hours }: TilesProps) {
  return (
    <div className={classes.tiles}>
      {ledger !== undefined && (
        <>
          <Tile name="Ledger" value={<Balance ledger={ledger} />}>
            {ledger.balanced
              ? `Each of ${formatNumber(ledger.stored)} stored messages is accounted for`
              : plural(ledger.faults.length, 'fault')}
          </Tile>
          <Tile name="Messages lost" value={<Lost ledger={ledger} />}>
            {lossText(ledger, formatExact)}
          </Tile>
        </>
      )}
      {latency !== undefined && (
        <Tile name="From receipt to page" value={<Speed latency={latency} />}>
          {latency.all.count === 0
            ? `No page in ${hours === 24 ? '24 hours' : '7 days'}`
            : `Half within that, 99 of 100 within ${formatDuration(latency.all.p99_ms ?? 0)}; ${plural(latency.all.count, 'page')} in ${hours === 24 ? '24 hours' : '7 days'}`}
        </Tile>
      )}
      {drills !== undefined && <LastDrill drills={drills} />}
    </div>
  );
}

function Tile({ name, value, children }: { name: string; value: ReactNode; children: ReactNode }) {
  return (
    <div className={classes.tile} role="group" aria-label={name}>
      <div className={classes.name}>{name}</div>
      <div className={classes.value}>{value}</div>
      <div className={classes.more}>{children}</div>
    </div>
  );
}

function Balance({ ledger }: { ledger: Ledger }) {
  return ledger.balanced ? (
    <Sign icon={IconCircleCheck} tone="good" text="Balanced" />
  ) : (
    <Sign icon={IconCircleX} tone="critical" text="Does not balance" />
  );
}

function Lost({ ledger }: { ledger: Ledger }) {
  const { lost } = ledger.losses;
  return lost === 0 ? (
    <Sign icon={IconCircleCheck} tone="good" text="None" />
  ) : (
    <Sign icon={IconCircleX} tone="critical" text={formatNumber(lost)} />
  );
}

function Speed({ latency }: { latency: Latency }) {
  const { p50_ms: half } = latency.all;
  return <Sign icon={IconClock} tone="info" text={half == null ? '–' : formatDuration(half)} />;
}

const DAY_MS = 86_400_000;
const OLD_DAYS = 30;

function LastDrill({ drills }: { drills: Drills }) {
  const at = drills.last_arrived?.arrived ?? null;
  const ago = useTimed((now_ms) => (at === null ? '' : formatAgo(Date.parse(at), now_ms)));
  const isOld = useTimed((now_ms) => at !== null && now_ms - Date.parse(at) > OLD_DAYS * DAY_MS);
  if (at === null) {
    return (
      <Tile name="Last drill" value={<Sign icon={IconFlag} tone="minor" text="None arrived yet" />}>
        A drill shows that the whole way works
      </Tile>
    );
  }
  return (
    <Tile name="Last drill" value={<Sign icon={IconFlag} tone={isOld ? 'minor' : 'good'} text={ago} />}>
      {isOld ? `That is more than ${OLD_DAYS} days: run one` : `Arrived everywhere at ${formatExact(at)}`}
    </Tile>
  );
}
