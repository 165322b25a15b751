// A pattern's messages by the hour, as bars; as a table for whoever wants the numbers.
import { Text } from '@mantine/core';
import type { Schemas } from '@/api/client';
import { Strip } from '@/shared/charts/Strip';
import { formatExact, formatNumber } from '@/shared/format';
import { useTimed } from '@/shared/now';
import classes from './Unknown.module.css';
import { everyHour } from './hours';

const HOURS = 168;
const HOUR_MS = 3_600_000;

export function Hours({ hours }: { hours: Schemas['PatternDetail']['hours'] }) {
  const hour = useTimed((now_ms) => Math.floor(now_ms / HOUR_MS));
  const all = everyHour(hours, HOURS, hour * HOUR_MS);
  const bars = all.map(({ start_ms, count }) => ({ label: formatExact(start_ms).slice(0, 16), value: count }));
  const most = Math.max(0, ...all.map((one) => one.count));
  const label = `Messages an hour in the last 7 days: at most ${formatNumber(most)}`;
  return (
    <>
      <Strip bars={bars} label={label} width={840} height={72} />
      <Text size="xs" c="dimmed" mt={4}>
        7 days ago on the left, now on the right; at most {formatNumber(most)} an hour
      </Text>
      <details>
        <summary>As a table</summary>
        <table className={classes.tally}>
          <thead>
            <tr>
              <th scope="col">Hour</th>
              <td>Messages</td>
            </tr>
          </thead>
          <tbody>
            {hours.toReversed().map((one) => (
              <tr key={one.start}>
                <th scope="row" className="tabular">
                  {formatExact(one.start).slice(0, 16)}
                </th>
                <td className="tabular">{formatNumber(one.count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}
