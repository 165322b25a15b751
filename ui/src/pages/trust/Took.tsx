// How long it took from a message's receipt to its page, hour by hour.
import { SegmentedControl } from '@mantine/core';
import type { Schemas } from '@/api/client';
import { Empty } from '@/shared/Empty';
import { Figure } from '@/shared/charts/Figure';
import { Spans } from '@/shared/charts/Spans';
import { formatDuration, formatNumber } from '@/shared/format';
import { useTimed } from '@/shared/now';
import { spans } from './ledger';
import classes from './Trust.module.css';

type Latency = Schemas['Latency'];

interface TookProps {
  latency: Latency;
  hours: number;
  onHours: (hours: number) => void;
}

const CHOICES = [
  { value: '24', label: '24 hours' },
  { value: '168', label: '7 days' },
];

const MINUTE_MS = 60_000;

export function Took({ latency, hours, onHours }: TookProps) {
  const now_ms = useTimed((now) => Math.floor(now / MINUTE_MS) * MINUTE_MS);
  const { all } = latency;
  const text = (value: number | null | undefined) => (value == null ? '–' : formatDuration(value));
  const label = `Half of ${formatNumber(all.count)} pages within ${text(all.p50_ms)}, 99 of 100 within ${text(all.p99_ms)}, all within ${text(all.max_ms)}`;
  const rows = latency.hours.map((one) => [
    one.hour.replace('T', ' ').replace(/:00Z$/, ' UTC'),
    formatNumber(one.count),
    text(one.p50_ms),
    text(one.p99_ms),
    text(one.max_ms),
  ]);
  return (
    <Figure
      title="From receipt to page"
      table={{ head: ['Hour', 'Pages', 'Half within', '99 of 100 within', 'All within'], rows }}
      note={`${all.count > 0 ? `${label}. ` : ''}The mark is half of the pages, the bar goes up to 99 of 100; the axis is logarithmic. What a rule waits for, and a destination that is away, are in it.`}
    >
      <SegmentedControl
        className={classes.hours}
        aria-label="Hours"
        data={CHOICES}
        value={String(hours)}
        onChange={(value) => onHours(Number(value))}
      />
      {all.count === 0 ? (
        <Empty title="Nobody was paged in this time">A drill below shows how long it takes now.</Empty>
      ) : (
        <Spans label={label} spans={spans(latency, hours, now_ms)} />
      )}
    </Figure>
  );
}
