// Which entries of the audit are shown. From: the URL, with times of the browser's zone. To: the API's query. Pure.
import type { Params } from '@/api/query';
import type { Schemas } from '@/api/client';
import { ownZone, toMoment } from '@/shared/zone';

export type AuditView = Schemas['AuditView'];

export const DEFAULTS = { who: '', what: '', since: '', until: '', entry: '' };

export type Filter = Record<keyof typeof DEFAULTS, string>;

export const KINDS = [
  { value: '', label: 'Everything' },
  { value: 'change', label: 'Change of rules, settings …' },
  { value: 'decision', label: 'Decision over an alert' },
  { value: 'pattern-state', label: 'Decision over a pattern' },
  { value: 'sign-in', label: 'Sign-in' },
  { value: 'sign-out', label: 'Sign-out' },
  { value: 'password', label: 'Password' },
  { value: 'sessions-end', label: 'Sessions ended' },
  { value: 'unlock', label: 'Unlock' },
];

export function query(filter: Filter, zone = ownZone()): NonNullable<Params<'/audit'>['query']> {
  const or = (text: string) => (text.trim() === '' ? undefined : text.trim());
  return {
    who: or(filter.who),
    what: or(filter.what),
    since: toMoment(filter.since, zone) ?? undefined,
    until: toMoment(filter.until, zone) ?? undefined,
  };
}
