// Alerts by the day. From: alerts of one device. To: its small strip. Pure.
import type { Schemas } from '@/api/client';

export const DAY_MS = 86_400_000;

const DAY = new Intl.DateTimeFormat('en', { weekday: 'short', day: 'numeric', timeZone: 'UTC' });

/** Seven days, the running one last, as UTC has them; what began before them is not counted. */
export function byDay(alerts: readonly Pick<Schemas['AlertView'], 'first_seen'>[], today_ms: number) {
  return Array.from({ length: 7 }, (_, at) => {
    const start_ms = today_ms - (6 - at) * DAY_MS;
    const value = alerts.filter(({ first_seen }) => {
      const first_ms = Date.parse(first_seen);
      return first_ms >= start_ms && first_ms < start_ms + DAY_MS;
    }).length;
    return { label: DAY.format(start_ms), value };
  });
}
