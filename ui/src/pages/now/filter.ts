// Which alerts the page shows. From: the URL. Pure.
import type { Schemas } from '@/api/client';
import { type AlertSeverity, severityRank } from '@/shared/Severity';

export type AlertView = Schemas['AlertView'];

export const DEFAULTS = {
  text: '',
  severity: '',
  team: '',
  environment: '',
  show: 'all',
  sort: 'severity',
  alert: '',
};

export type Filter = Pick<Record<keyof typeof DEFAULTS, string>, 'text' | 'severity' | 'team' | 'environment' | 'show'>;

function has(alert: AlertView, text: string): boolean {
  const texts = [alert.summary, alert.host, alert.key, alert.text, alert.rule, alert.site ?? ''];
  return texts.some((one) => one.toLowerCase().includes(text));
}

export function isTold(alert: AlertView): boolean {
  return alert.quiet.length === 0;
}

export function shows(alert: AlertView, filter: Filter): boolean {
  if (filter.severity !== '' && alert.severity !== filter.severity) return false;
  if (filter.team !== '' && alert.team !== filter.team) return false;
  if (filter.environment !== '' && alert.environment !== filter.environment) return false;
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
