// The ways out and the journal as three lights. From: the stream's `pulse`. To: Now's lights. Pure.
import { formatBytes, formatDuration, formatNumber } from '@/shared/format';

export type LightState = 'ok' | 'warn' | 'down';

export interface Light {
  id: 'archive' | 'destinations' | 'journal';
  name: string;
  state: LightState;
  words: string;
  /** `39 waiting, oldest 2 s`. */
  numbers: string;
}

type Part = Record<string, unknown>;

function number(part: Part, name: string): number {
  const value = part[name];
  return typeof value === 'number' ? value : 0;
}

function base(part: Part): Pick<Light, 'state' | 'words'> {
  const { state, words } = part;
  const known = state === 'ok' || state === 'warn' || state === 'down';
  return { state: known ? state : 'warn', words: typeof words === 'string' ? words : '' };
}

function waiting(part: Part): string {
  const count = number(part, 'waiting');
  const age_ms = number(part, 'oldest_waiting_age_ms');
  const dead = number(part, 'dead');
  const parts = [`${formatNumber(count)} waiting`];
  if (count > 0) parts.push(`oldest ${formatDuration(age_ms)}`);
  if (dead > 0) parts.push(`${formatNumber(dead)} dead`);
  return parts.join(', ');
}

function journal(part: Part): string {
  const age_ms = number(part, 'oldest_unread_age_ms');
  const unread = age_ms === 0 ? 'all read' : `oldest unread ${formatDuration(age_ms)}`;
  return `${unread}, ${formatBytes(number(part, 'bytes'))}, ${(number(part, 'used') * 100).toFixed(0)} % full`;
}

function isPart(value: unknown): value is Part {
  return typeof value === 'object' && value !== null;
}

/** What a pulse tells; what is not in it is no light. */
export function lightsOf(pulse: Part): Light[] {
  const lights: Light[] = [];
  if (isPart(pulse.archive)) {
    lights.push({ id: 'archive', name: 'NetIM', ...base(pulse.archive), numbers: waiting(pulse.archive) });
  }
  if (isPart(pulse.destinations)) {
    lights.push({ id: 'destinations', name: 'Destinations', ...base(pulse.destinations), numbers: waiting(pulse.destinations) });
  }
  if (isPart(pulse.journal)) {
    lights.push({ id: 'journal', name: 'Journal', ...base(pulse.journal), numbers: journal(pulse.journal) });
  }
  return lights;
}
