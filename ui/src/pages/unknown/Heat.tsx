// Patterns by hour. From: GET /patterns/hours. To: who looks for when something began, ended, or comes nightly.
import { Text } from '@mantine/core';
import { Empty } from '@/shared/Empty';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { HeatMap } from '@/shared/charts/HeatMap';
import { toPattern } from '@/shared/links';
import { type Filter, inHeatMap } from './filter';
import { type PatternHours, usePatternHours } from './hours';

const LINES_MAX = 40;
const DAY = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' });
const HOUR = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/** Days where there are many hours, else each sixth hour. */
function columnsOf(hours: readonly string[]): { name: string; tick?: string }[] {
  return hours.map((start) => {
    const date = new Date(start);
    const isDay = date.getHours() === 0;
    const isTick = hours.length > 48 ? isDay : date.getHours() % 6 === 0;
    const tick = isDay ? DAY.format(date) : HOUR.format(date);
    return { name: `${DAY.format(date)}, ${HOUR.format(date)}`, tick: isTick ? tick : undefined };
  });
}

export function Heat({ filter }: { filter: Filter }) {
  const { data, error, isPending, refetch } = usePatternHours(Number(filter.hours), 200);
  if (error !== null && data === undefined) {
    return <Failed error={error} what="The hours could not be loaded" onRetry={() => void refetch()} />;
  }
  if (isPending || data === undefined) return <Loading what="hours of patterns" lines={8} />;
  return <Shown data={data} filter={filter} />;
}

function Shown({ data, filter }: { data: PatternHours; filter: Filter }) {
  const fit = data.rows.filter((row) => inHeatMap(row, filter));
  const lines = fit.slice(0, LINES_MAX).map((row) => ({
    id: row.id,
    label: row.key === '' || row.template.includes(row.key) ? row.template : `${row.key}: ${row.template}`,
    values: row.counts,
  }));
  if (lines.length === 0) {
    return (
      <Empty title="Nothing came in these hours">
        No pattern that fits the filter has a message in the last {filter.hours} hours.
      </Empty>
    );
  }
  return (
    <div>
      <Text size="sm" c="dimmed" mb="xs" role="status">
        The {lines.length} patterns with the most messages in these hours
        {(fit.length > lines.length || data.truncated) && ', of more'}. Times are of your zone.
      </Text>
      <HeatMap
        label="Messages by pattern and hour"
        unit="messages"
        lines={lines}
        columns={columnsOf(data.hours)}
        to={(line) => toPattern(line.id)}
      />
    </div>
  );
}
