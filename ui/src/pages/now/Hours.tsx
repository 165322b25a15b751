// The last 24 hours: how many alerts began in each, and in which somebody was paged. A click shows these alerts.
import { Text } from '@mantine/core';
import { useGet } from '@/api/query';
import { useLiveRefresh } from '@/api/refresh';
import { Failed } from '@/shared/Failed';
import { Loading } from '@/shared/Loading';
import { HourStrip } from '@/shared/charts/HourStrip';
import { useTimed } from '@/shared/now';
import classes from './Now.module.css';
import { HOUR_MS } from './filter';
import { dayWords, hourName, hourWords, lastDay } from './hours';

interface HoursProps {
  chosen_ms: number | null;
  onChoose: (start_ms: number | null) => void;
}

const TICK_HOURS = 3;
const REFRESH_MS = 15_000;

export function Hours({ chosen_ms, onChoose }: HoursProps) {
  const running_ms = useTimed((now_ms) => Math.floor(now_ms / HOUR_MS) * HOUR_MS);
  const alerts = useGet('/hours', { query: { kind: 'alerts' } });
  const notices = useGet('/hours', { query: { kind: 'notices' } });
  const handling = useGet('/hours', { query: { kind: 'handling' } });
  useLiveRefresh('alert', ['/hours'], REFRESH_MS);
  const error = alerts.error ?? notices.error ?? handling.error;
  if (error !== null) return <Failed error={error} what="The last 24 hours could not be loaded" />;
  if (alerts.data === undefined || notices.data === undefined || handling.data === undefined) {
    return <Loading what="the last 24 hours" lines={3} />;
  }
  const hours = lastDay({ alerts: alerts.data, notices: notices.data, handling: handling.data }, running_ms);
  const columns = hours.map((hour, at) => ({
    start_ms: hour.start_ms,
    value: hour.alerts,
    marked: hour.pages,
    tick: (hours.length - 1 - at) % TICK_HOURS === 0 ? hourName(hour.start_ms).slice(0, 2) : '',
    words: hourWords(hour),
  }));
  return (
    <section className={classes.panel} aria-label="The last 24 hours">
      <Text size="xs" c="dimmed">
        Last 24 hours: {dayWords(hours)}
      </Text>
      <HourStrip label="Alerts by the hour" columns={columns} chosen_ms={chosen_ms} onChoose={onChoose} />
    </section>
  );
}
