// Which alerts the page shows. From: the URL. To: what the API is asked, and which of its rows are drawn. Pure.
import type { Schemas } from '@/api/client';
import type { Params } from '@/api/query';
import { type AlertSeverity, severityRank } from '@/shared/Severity';

export type AlertView = Schemas['AlertView'];

export const DEFAULTS = {
  text: '',
  severity: '',
  team: '',
  environment: '',
  host: '',
  rule: '',
  state: 'current',
  show: 'all',
  hour: '',
  sort: 'severity',
};

/** What "Show all" sets back; the order stays. */
export const ALL = { ...DEFAULTS, sort: undefined };

export type Filter = Record<Exclude<keyof typeof DEFAULTS, 'sort'>, string>;

export const HOUR_MS = 3_600_000;

const STATES: Record<string, readonly string[]> = {
  current: ['open', 'acknowledged'],
  open: ['open'],
  acknowledged: ['acknowledged'],
  over: ['cleared', 'closed'],
  all: ['open', 'acknowledged', 'cleared', 'closed'],
};

export function hasState(alert: Pick<AlertView, 'state'>, state: string): boolean {
  return (STATES[state] ?? STATES.all ?? []).includes(alert.state);
}

/** The hour that is chosen, in milliseconds; null: none, or what stands in the URL is no time. */
export function hourOf(filter: Pick<Filter, 'hour'>): number | null {
  const hour_ms = Date.parse(filter.hour);
  return Number.isNaN(hour_ms) ? null : hour_ms;
}

/** What is not over comes from the list that all pages share; what may be over is asked for by its time. */
export function questionOf(filter: Pick<Filter, 'state' | 'hour'>, now_ms: number): Params<'/alerts'> | null {
  const hour_ms = hourOf(filter);
  if (hour_ms === null && filter.state !== 'over' && filter.state !== 'all') return null;
  // Of the running hour, not of now: another question each moment could not be kept.
  const since_ms = hour_ms ?? Math.floor(now_ms / HOUR_MS) * HOUR_MS - 24 * HOUR_MS;
  const state = (STATES[filter.state] ?? STATES.all ?? []).join(',');
  const until = hour_ms === null ? undefined : new Date(hour_ms + HOUR_MS).toISOString();
  return { query: { state, since: new Date(since_ms).toISOString(), until } };
}

function has(alert: AlertView, text: string): boolean {
  const texts = [alert.summary, alert.host, alert.key, alert.text, alert.rule, alert.site ?? ''];
  return texts.some((one) => one.toLowerCase().includes(text));
}

export function isTold(alert: Pick<AlertView, 'quiet'>): boolean {
  return alert.quiet.length === 0;
}

function began(alert: AlertView, hour_ms: number): boolean {
  const first_ms = Date.parse(alert.first_seen);
  return first_ms >= hour_ms && first_ms < hour_ms + HOUR_MS;
}

export function shows(alert: AlertView, filter: Filter): boolean {
  const hour_ms = hourOf(filter);
  if (!hasState(alert, filter.state)) return false;
  if (hour_ms !== null && !began(alert, hour_ms)) return false;
  if (filter.severity !== '' && alert.severity !== filter.severity) return false;
  if (filter.team !== '' && alert.team !== filter.team) return false;
  if (filter.environment !== '' && alert.environment !== filter.environment) return false;
  if (filter.host !== '' && alert.host !== filter.host && !alert.hosts.includes(filter.host)) return false;
  if (filter.rule !== '' && alert.rule !== filter.rule) return false;
  if (filter.show === 'told' && !isTold(alert)) return false;
  if (filter.show === 'quiet' && isTold(alert)) return false;
  if (filter.show === 'free' && (alert.taken_by != null || alert.state !== 'open')) return false;
  return filter.text === '' || has(alert, filter.text.trim().toLowerCase());
}

/** How many there are of each severity, the worst first; what there is none of is left out. */
export function bySeverity(alerts: readonly AlertView[]): [AlertSeverity, number][] {
  const counts = new Map<AlertSeverity, number>();
  for (const { severity } of alerts) counts.set(severity, (counts.get(severity) ?? 0) + 1);
  return [...counts].toSorted(([a], [b]) => severityRank(a) - severityRank(b));
}
