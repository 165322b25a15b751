// Between what the API has of a silence or a window, and what their forms have. Pure.
import type { Schemas } from '@/api/client';
import { ownZone, toLocal, toMoment } from '@/shared/zone';
import { type Matcher, type Row, row, toMatchers } from './matchers';
import { type Recurrence, fromRule, toRule } from './recurrence';

export type Silence = Schemas['Silence'];
export type Window = Schemas['Maintenance'];

const MINUTE_MS = 60_000;

export interface SilenceValues extends Record<string, unknown> {
  name: string;
  matchers: Row[];
  zone: string;
  start: string;
  end: string;
  reason: string;
  team: string;
}

export interface WindowValues extends Record<string, unknown> {
  name: string;
  matchers: Row[];
  zone: string;
  start: string;
  duration_minutes: number;
  rule: Recurrence;
  except: string;
  reason: string;
}

export function newSilence(matchers: Matcher[], now_ms: number): Silence {
  const start = new Date(Math.floor(now_ms / MINUTE_MS) * MINUTE_MS);
  const end = new Date(start.getTime() + 120 * MINUTE_MS);
  return { name: '', matchers, start: start.toISOString(), end: end.toISOString(), reason: '' };
}

/** From the next full hour, for two hours. */
export function newWindow(matchers: Matcher[], now_ms: number): Window {
  const next = Math.ceil(now_ms / (60 * MINUTE_MS)) * 60 * MINUTE_MS;
  const zone = ownZone();
  return { name: '', matchers, start: toLocal(next, zone), zone, duration_minutes: 120, reason: '' };
}

function rows(matchers: readonly Matcher[]): Row[] {
  return matchers.length === 0 ? [row()] : matchers.map(row);
}

export function silenceValues(silence: Silence): SilenceValues {
  const zone = ownZone();
  return {
    name: silence.name,
    matchers: rows(silence.matchers),
    zone,
    start: toLocal(silence.start, zone),
    end: toLocal(silence.end, zone),
    reason: silence.reason,
    team: silence.team ?? '',
  };
}

/** null: a time is none. */
export function toSilence(values: SilenceValues, owner: string | undefined): Silence | null {
  const start = toMoment(values.start, values.zone);
  const end = toMoment(values.end, values.zone);
  if (start === null || end === null) return null;
  const { name, reason, team } = values;
  const kept = owner === undefined || owner === '' ? {} : { owner };
  const reminded = team === '' ? {} : { team };
  return { name: name.trim(), matchers: toMatchers(values.matchers), start, end, reason: reason.trim(), ...kept, ...reminded };
}

export function windowValues(window: Window): WindowValues {
  return {
    name: window.name,
    matchers: rows(window.matchers),
    zone: window.zone,
    start: window.start.slice(0, 16),
    duration_minutes: window.duration_minutes,
    rule: fromRule(window.rule, window.start),
    except: (window.except ?? []).join(', '),
    reason: window.reason,
  };
}

export function toWindow(values: WindowValues, owner: string | undefined): Window {
  const { name, zone, start, duration_minutes, reason } = values;
  const rule = toRule(values.rule, start);
  const except = values.except.split(/[\s,;]+/).filter((date) => date !== '');
  return {
    name: name.trim(),
    matchers: toMatchers(values.matchers),
    zone,
    start,
    duration_minutes: Number(duration_minutes),
    reason: reason.trim(),
    ...(rule === undefined ? {} : { rule }),
    ...(except.length === 0 ? {} : { except }),
    ...(owner === undefined || owner === '' ? {} : { owner }),
  };
}
