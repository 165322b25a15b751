// A list that changes while one looks. From: useAll, and the live stream. To: the cache, so the page's rows.
import { useQueryClient } from '@tanstack/react-query';
import type { Schemas } from './client';
import { useLive } from './live';
import { type Params, useAll } from './query';

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

export function isCurrent(alert: AlertView): boolean {
  return alert.state === 'open' || alert.state === 'acknowledged';
}

/** All alerts that are not over, as they change. */
export function useCurrentAlerts() {
  const cache = useQueryClient();
  const query = useAll('/alerts', CURRENT, CURRENT_MAX);
  useLive('alert', (changes) => {
    type Kept = typeof query.data;
    cache.setQueryData<Kept>(['/alerts', CURRENT, 'all', CURRENT_MAX], (kept) => {
      if (kept === undefined) return kept;
      const items = merge(kept.items, changes, isCurrent);
      return { items: items.slice(0, CURRENT_MAX), more: kept.more || items.length > CURRENT_MAX };
    });
  });
  return query;
}
