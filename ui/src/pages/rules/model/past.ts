// What a backtest found of one rule, for people. From: its report. To: the panel. Pure.
import type { Schemas } from '@/api/client';

type Report = Schemas['Report'];
type Tally = Schemas['Tally'];

const NONE: Tally = { live: 0, draft: 0, same: 0, changed: 0, gained: 0, lost: 0, clears_gained: 0, clears_lost: 0 };

export interface Found {
  /** Messages of this rule: same, gained and lost. */
  own: Tally;
  /** Of other rules that lose messages to it, or get some. */
  others: { rule: string; gained: number; lost: number; changed: number }[];
  alerts: Schemas['Compared'];
  pages: Schemas['Compared'];
  /** Of this rule alone, by the draft. */
  ownAlerts: number;
  hours: number;
}

function all(tally: Tally | undefined): Tally {
  return tally ?? NONE;
}

export function foundOf(report: Report, id: string): Found {
  const of = report.by_rule.of as Record<string, Tally>;
  const others = Object.entries(of)
    .filter(([rule, tally]) => rule !== id && tally.gained + tally.lost + tally.changed > 0)
    .map(([rule, { gained, lost, changed }]) => ({ rule, gained, lost, changed }))
    .toSorted((a, b) => b.gained + b.lost + b.changed - (a.gained + a.lost + a.changed));
  const { first, last } = report;
  const span = first != null && last != null ? (last - first) / 3_600_000_000 : 0;
  return {
    own: all(of[id]),
    others,
    alerts: report.alerts,
    pages: report.pages,
    ownAlerts: report.alerts_by_rule[id]?.draft.alerts ?? 0,
    hours: span,
  };
}

/** What differs, in one sentence. */
export function sentence(found: Found): string {
  const { alerts, pages, own } = found;
  if (own.gained + own.lost + own.changed + alerts.gained + alerts.lost === 0) {
    return own.same > 0 ? 'Nothing would be otherwise: it owns the same messages as now.' : 'It owns no message of this time.';
  }
  const part = (count: number, one: string, more: string) => (count === 0 ? null : `${count} ${more} ${count === 1 ? one : `${one}s`}`);
  const parts = [
    part(alerts.gained, 'alert', 'more'),
    part(alerts.lost, 'alert', 'fewer'),
    part(pages.gained, 'page', 'more'),
    part(pages.lost, 'page', 'fewer'),
  ].filter((one) => one !== null);
  return parts.length === 0 ? 'Other messages, but the same alerts and pages.' : `With this draft live: ${parts.join(', ')}.`;
}
