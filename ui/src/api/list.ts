// A list that changes while one looks. From: the API, page by page, and the live stream. To: the cache, so the page's rows.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { Schemas } from './client';
import { live, useLive, usePollWhenNotLive } from './live';
import type { ProblemError } from './problem';
import { type Params, askAll } from './query';

type AlertView = Schemas['AlertView'];

/** A list with changes in it: what `keeps` says no to goes, what is new comes first. */
export function merge<Item extends { id: string }>(
  items: readonly Item[],
  changes: readonly Item[],
  keeps: (item: Item) => boolean,
): Item[] {
  const changed = new Map(changes.map((change) => [change.id, change]));
  const known = new Set<string>();
  const merged: Item[] = [];
  for (const item of items) {
    known.add(item.id);
    const now = changed.get(item.id) ?? item;
    if (keeps(now)) merged.push(now);
  }
  const fresh = [...changed.values()].filter((change) => !known.has(change.id) && keeps(change));
  return fresh.length === 0 ? merged : [...fresh.toReversed(), ...merged];
}

const CURRENT: Params<'/alerts'> = { query: { state: 'open,acknowledged' } };
const CURRENT_MAX = 10_000;
const CURRENT_KEY = ['/alerts', CURRENT, 'all', CURRENT_MAX] as const;

export function isCurrent(alert: AlertView): boolean {
  return alert.state === 'open' || alert.state === 'acknowledged';
}

interface Current {
  items: AlertView[];
  more: boolean;
}

/** Asks for all pages. What changes meanwhile may be newer than a page that was read before: it goes on top. */
async function askCurrent(signal: AbortSignal): Promise<Current> {
  const changed = new Map<string, AlertView>();
  const stop = live.listen('alert', (changes) => {
    for (const change of changes as AlertView[]) if (changed.size < CURRENT_MAX) changed.set(change.id, change);
  });
  try {
    const { items, more } = await askAll('/alerts', CURRENT, CURRENT_MAX, signal);
    return bounded(merge(items, [...changed.values()], isCurrent), more);
  } finally {
    stop();
  }
}

function bounded(items: AlertView[], more: boolean): Current {
  return { items: items.slice(0, CURRENT_MAX), more: more || items.length > CURRENT_MAX };
}

/** All alerts that are not over, as they change. */
export function useCurrentAlerts() {
  const cache = useQueryClient();
  const refetchInterval = usePollWhenNotLive();
  const query = useQuery<Current, ProblemError>({
    queryKey: CURRENT_KEY,
    queryFn: ({ signal }) => askCurrent(signal),
    refetchInterval,
  });
  useLive('alert', (changes) => {
    cache.setQueryData<Current>(CURRENT_KEY, (kept) =>
      kept === undefined ? kept : bounded(merge(kept.items, changes, isCurrent), kept.more),
    );
  });
  return query;
}
