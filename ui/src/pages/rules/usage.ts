// How rules were used: hits, alerts and pages by the day. From: GET /rules/usage. To: the list of rules. Pure but for the hook.
import { useQuery } from '@tanstack/react-query';
import { API_BASE } from '@/api/client';
import { type ProblemError, problemOf } from '@/api/problem';
import { usePollWhenNotLive } from '@/api/live';

export interface UsageDay {
  hits: number;
  alerts: number;
  pages: number;
}

export interface RuleUsage {
  rule: string;
  hits: number;
  alerts: number;
  pages: number;
  per_day: UsageDay[];
  last_hit: string | null;
  unreachable_by: string | null;
}

export interface Usage {
  days: string[];
  known_since: string | null;
  by_rule: ReadonlyMap<string, RuleUsage>;
}

interface UsagePage {
  days: string[];
  known_since: string | null;
  next: string | null;
  items: RuleUsage[];
}

const PAGES_MAX = 20;

async function askUsage(days: number, signal: AbortSignal): Promise<Usage> {
  const byRule = new Map<string, RuleUsage>();
  let after: string | null = null;
  let last: UsagePage | null = null;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const cursor: string = after === null ? '' : `&after=${encodeURIComponent(after)}`;
    // Each page names the next.
    // oxlint-disable-next-line no-await-in-loop
    const response = await fetch(`${API_BASE}/rules/usage?days=${days}&limit=1000${cursor}`, { signal });
    // oxlint-disable-next-line no-await-in-loop
    if (!response.ok) throw await problemOf(response);
    // oxlint-disable-next-line no-await-in-loop
    last = (await response.json()) as UsagePage;
    for (const item of last.items) byRule.set(item.rule, item);
    after = last.next;
    if (after === null) break;
  }
  return { days: last?.days ?? [], known_since: last?.known_since ?? null, by_rule: byRule };
}

export function useUsage(days = 7) {
  const refetchInterval = usePollWhenNotLive(60_000);
  return useQuery<Usage, ProblemError>({
    queryKey: ['/rules/usage', { query: { days } }, 'all'],
    queryFn: ({ signal }) => askUsage(days, signal),
    staleTime: 60_000,
    refetchInterval,
  });
}
