// What is quiet in a time: silences, and each time of maintenance windows. From: GET /quiet. To: the calendar.
import { useQuery } from '@tanstack/react-query';
import type { ProblemError } from '@/api/problem';
import { type Params, ask } from '@/api/query';
import { usePollWhenNotLive } from '@/api/live';
import type { Item } from './calendar';

export interface QuietTimes {
  from: string;
  to: string;
  truncated: boolean;
  items: Item[];
}

export const QUIET_PATH = '/quiet';

export function useQuiet(from: Date, to: Date) {
  const query = { from: from.toISOString(), to: to.toISOString() };
  const refetchInterval = usePollWhenNotLive(60_000);
  return useQuery<QuietTimes, ProblemError>({
    queryKey: [QUIET_PATH, { query }],
    queryFn: ({ signal }) =>
      ask(QUIET_PATH as '/silences', { query } as Params<'/silences'>, signal) as unknown as Promise<QuietTimes>,
    placeholderData: (before) => before,
    refetchInterval,
  });
}
