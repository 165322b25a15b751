// Rows that do not move while somebody reads them. From: the alerts as they are, and as they were when reading
// began. To: the table's rows, and how many wait to be let in. Pure.
import type { AlertView } from './filter';

export interface Row {
  id: string;
  /** As it is now. */
  alert: AlertView;
  /** What it is sorted by: as it was when reading began. */
  order: AlertView;
  /** It would not be in the list any more. */
  isGone: boolean;
}

export interface Held {
  rows: Row[];
  /** Alerts that would be in the list, but came later. */
  fresh: number;
  gone: number;
}

function row(alert: AlertView): Row {
  return { id: alert.id, alert, order: alert, isGone: false };
}

/**
 * `live`: what the list is now. `kept`: what it was when reading began; null: nobody reads, all changes show.
 * `known`: what has left the list, as it was last heard of.
 */
export function hold(
  live: readonly AlertView[],
  kept: readonly AlertView[] | null,
  known: ReadonlyMap<string, AlertView> = new Map(),
): Held {
  if (kept === null) return { rows: live.map(row), fresh: 0, gone: 0 };
  const now = new Map(live.map((alert) => [alert.id, alert]));
  const rows = kept.map((order): Row => {
    const alert = now.get(order.id);
    return { id: order.id, alert: alert ?? known.get(order.id) ?? order, order, isGone: alert === undefined };
  });
  const before = new Set(kept.map((alert) => alert.id));
  return {
    rows,
    fresh: live.filter((alert) => !before.has(alert.id)).length,
    gone: rows.filter((one) => one.isGone).length,
  };
}

/** `3 new, 1 left`; empty: nothing waits. */
export function waitingWords({ fresh, gone }: Pick<Held, 'fresh' | 'gone'>): string {
  const parts = [fresh > 0 && `${fresh} new`, gone > 0 && `${gone} left`];
  return parts.filter(Boolean).join(', ');
}
