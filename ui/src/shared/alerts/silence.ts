// A silence as it is first proposed for alerts, and its parts as a person sets them. From: alerts, and the
// fields of the dialog. To: the body of PUT /silences/{name}. Pure.
import type { Schemas } from '@/api/client';

export type Silence = Schemas['Silence'];
export type Matcher = Schemas['SilenceMatcher'];

type Quietened = Pick<Schemas['AlertView'], 'host' | 'hosts' | 'rule' | 'team'>;

export const MATCHER_FIELDS = ['host', 'rule', 'key', 'site', 'team', 'severity', 'environment', 'summary'] as const;
export const OPERATORS = ['equals', 'glob', 'regex'] as const;

/** How long, in minutes. */
export const DURATIONS = [
  { value: '30', label: '30 minutes' },
  { value: '60', label: '1 hour' },
  { value: '120', label: '2 hours' },
  { value: '240', label: '4 hours' },
  { value: '480', label: '8 hours' },
  { value: '1440', label: '24 hours' },
] as const;

const NAME_MAX = 64;

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].toSorted();
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

/** One value is meant as it is; several become one expression over the whole value. */
function matcher(field: string, values: readonly string[]): Matcher {
  const [one = ''] = values;
  if (values.length === 1) return { field, operator: 'equals', value: one };
  return { field, operator: 'regex', value: `^(${values.map(escaped).join('|')})$` };
}

/** What these alerts have: their hosts and their rules. An alert over several hosts needs all of them. */
export function matchersFor(alerts: readonly Quietened[]): Matcher[] {
  const hosts = unique(alerts.flatMap((alert) => (alert.hosts.length > 0 ? alert.hosts : [alert.host])));
  const rules = unique(alerts.map((alert) => alert.rule));
  return [matcher('host', hosts), matcher('rule', rules)];
}

/** Letters, digits, `-`, `_`, `.`, `@`; with the minute, so that a second one the same day has another. */
export function nameFor(alerts: readonly Quietened[], now: Date): string {
  const [first] = alerts;
  const stem = first === undefined ? 'silence' : alerts.length === 1 ? `${first.host}-${first.rule}` : `${first.host}-and-others`;
  const minute = now.toISOString().slice(5, 16).replaceAll(/[-:]/g, '').replace('T', '-');
  const clean = stem.replaceAll(/[^A-Za-z0-9\-_.@]+/g, '-').slice(0, NAME_MAX - minute.length - 1);
  return `${clean}-${minute}`;
}

/** The team that all of them have; none if they have several. */
export function teamFor(alerts: readonly Quietened[]): string | undefined {
  const teams = unique(alerts.map((alert) => alert.team));
  return teams.length === 1 ? teams[0] : undefined;
}

export interface SilenceFields {
  name: string;
  matchers: Matcher[];
  minutes: string;
  reason: string;
  [field: string]: unknown;
}

export function silenceOf(fields: SilenceFields, team: string | undefined, now: Date): Silence {
  const end = new Date(now.getTime() + Number(fields.minutes) * 60_000);
  return {
    name: fields.name.trim(),
    matchers: fields.matchers.map((one) => ({ ...one, value: one.value.trim() })),
    start: now.toISOString(),
    end: end.toISOString(),
    reason: fields.reason.trim(),
    ...(team !== undefined && { team }),
  };
}
