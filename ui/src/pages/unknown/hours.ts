// Messages of patterns by the hour. From: GET /patterns/hours, GET /patterns/{id}. To: heat map, sparklines.
import { useQuery } from '@tanstack/react-query';
import { type Params, ask } from '@/api/query';
import type { ProblemError } from '@/api/problem';
import { usePollWhenNotLive } from '@/api/live';

export interface HeatRow {
  id: string;
  key: string;
  template: string;
  state: string;
  count: number;
  counts: number[];
}

export interface PatternHours {
  hours: string[];
  rows: HeatRow[];
  looked_at: number;
  truncated: boolean;
}

export const HOURS_PATH = '/patterns/hours';

export function usePatternHours(hours: number, limit: number) {
  const refetchInterval = usePollWhenNotLive(60_000);
  return useQuery<PatternHours, ProblemError>({
    queryKey: [HOURS_PATH, { query: { hours, limit } }],
    queryFn: ({ signal }) =>
      ask(HOURS_PATH as '/patterns', { query: { hours, limit } } as Params<'/patterns'>, signal) as unknown as Promise<PatternHours>,
    staleTime: 30_000,
    refetchInterval,
  });
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
