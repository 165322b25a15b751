// Messages of patterns by the hour. From: GET /patterns/hours, GET /patterns/{id}. To: heat map, sparklines.
import type { Schemas } from '@/api/client';
import { useGet } from '@/api/query';

export type HeatRow = Schemas['HeatRow'];
export type PatternHours = Schemas['PatternHeat'];

export function usePatternHours(hours: number, limit: number) {
  return useGet('/patterns/hours', { query: { hours, limit } }, { every_ms: 60_000 });
}

const HOUR_MS = 3_600_000;

/** Each of the last `hours` hours, with 0 where nothing came. */
export function everyHour(
  counted: readonly { start: string; count: number }[],
  hours: number,
  now_ms: number,
): { start_ms: number; count: number }[] {
  const counts = new Map(counted.map((hour) => [Date.parse(hour.start), hour.count]));
  const last_ms = Math.floor(now_ms / HOUR_MS) * HOUR_MS;
  return Array.from({ length: hours }, (_, at) => {
    const start_ms = last_ms - (hours - 1 - at) * HOUR_MS;
    return { start_ms, count: counts.get(start_ms) ?? 0 };
  });
}
