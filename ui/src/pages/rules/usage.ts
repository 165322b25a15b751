// How rules were used: hits, alerts and pages by the day. From: GET /rules/usage. To: the list of rules.
import { useQuery } from '@tanstack/react-query';
import type { Schemas } from '@/api/client';
import type { ProblemError } from '@/api/problem';
import { ask } from '@/api/query';

export type UsageDay = Schemas['RuleDay'];
export type RuleUsage = Schemas['RuleUsage'];

export interface Usage {
  days: string[];
  known_since: string | null;
  by_rule: ReadonlyMap<string, RuleUsage>;
}

const PAGES_MAX = 20;
const EVERY_MS = 60_000;

async function askUsage(days: number, signal: AbortSignal): Promise<Usage> {
  const by_rule = new Map<string, RuleUsage>();
  let after: string | undefined;
  let last: Schemas['Usage'] | null = null;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    // Each page names the next.
    // oxlint-disable-next-line no-await-in-loop
    last = await ask('/rules/usage', { query: { days, limit: 1_000, after } }, signal);
    for (const item of last.items) by_rule.set(item.rule, item);
    after = last.next ?? undefined;
    if (after === undefined) break;
  }
  return { days: last?.days ?? [], known_since: last?.known_since ?? null, by_rule };
}

export function useUsage(days = 7) {
  return useQuery<Usage, ProblemError>({
    queryKey: ['/rules/usage', { query: { days } }, 'all'],
    queryFn: ({ signal }) => askUsage(days, signal),
    staleTime: EVERY_MS,
    refetchInterval: EVERY_MS,
  });
}
