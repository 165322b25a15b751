// Destinations and deliveries in words. Pure.
import type { Schemas } from '@/api/client';
import type { DestinationReport } from '@/api/reports';
import { formatDuration, plural } from '@/shared/format';
import type { Tone } from '@/shared/Sign';

type Destination = Schemas['DestinationView'];
type LiveDelivery = Schemas['LiveDelivery'];

export type DeliveryState = 'waiting' | 'delivered' | 'dead' | 'superseded';

export const STATES: readonly DeliveryState[] = ['dead', 'waiting', 'delivered', 'superseded'];

export const STATE_TITLES: Record<DeliveryState, string> = {
  dead: 'Dead letters',
  waiting: 'Waiting notices',
  delivered: 'Delivered notices',
  superseded: 'Superseded notices',
};

export const STATE_MEANS: Record<DeliveryState, string> = {
  dead: 'Notices that a destination refused for good. Nobody was told by them; each can be sent again.',
  waiting: 'Notices that are not sent yet: their destination does not take them now, or others are before them.',
  delivered: 'Notices that their destination has.',
  superseded: 'Notices that were never sent, since a later one tells more.',
};

export function stateOf(text: string | undefined): DeliveryState | null {
  return STATES.find((state) => state === text) ?? null;
}

export interface Breaker {
  tone: Tone;
  /** closed, open, … */
  name: string;
  /** What that means. */
  means: string;
}

/** How the breaker stands, and until when. `now_ms` decides whether that time is over. */
export function breaker(sender: DestinationReport | null, now_ms: number): Breaker {
  if (sender === null) return { tone: 'quiet', name: 'not known', means: 'no process reports that it sends there' };
  const { breaker: state, failures, not_before } = sender;
  const left_ms = not_before === null ? 0 : Date.parse(not_before) - now_ms;
  const next = left_ms > 0 ? `next try in ${formatDuration(left_ms)}` : 'it may be tried now';
  switch (state) {
    case null:
      return { tone: 'quiet', name: 'closed', means: 'nothing was sent yet' };
    case 'closed':
      if (failures > 0) return { tone: 'minor', name: 'closed', means: `${plural(failures, 'failure')} in a row; ${next}` };
      return { tone: 'good', name: 'closed', means: left_ms > 0 ? `it asked for a pause; ${next}` : 'it takes what it is sent' };
    case 'half_open':
      return { tone: 'minor', name: 'half open', means: 'one notice is tried, to see whether it takes it' };
    case 'open':
      return { tone: 'critical', name: 'open', means: `after ${plural(failures, 'failure')} in a row; ${next}` };
    case 'paused':
      return { tone: 'critical', name: 'paused', means: `it does not let MUTT in: look at the key or password; ${next}` };
    default:
      return { tone: 'quiet', name: state, means: next };
  }
}

/** `10 a second at most, 20 at once`. */
export function rateText(sender: Pick<DestinationReport, 'per_second' | 'burst'>): string {
  if (sender.per_second === 0) return 'no limit';
  return `${sender.per_second} a second at most, ${sender.burst} at once`;
}

const ADAPTERS: Record<string, string> = { moogsoft_webhook: 'Moogsoft webhook', moogsoft_cloud: 'Moogsoft Cloud' };

export function adapterText(adapter: string | null | undefined): string {
  return adapter == null ? 'not in the settings' : (ADAPTERS[adapter] ?? adapter);
}

/** `moogsoft: HTTP 503` beside the name → `HTTP 503`. */
export function wordsWithoutName({ name, words }: Pick<Destination, 'name' | 'words'>): string {
  return words.startsWith(`${name}: `) ? words.slice(name.length + 2) : words;
}

export interface Progress {
  /** Put back so far, and not sent since a later one tells more. */
  replayed: number;
  superseded: number;
  /** How many there were. */
  total: number;
  isDone: boolean;
}

/** How far those are that were put back, by the last change that the stream told of each. */
export function afterwards(changes: ReadonlyMap<number, LiveDelivery>): { delivered: number; dead: number } {
  const states = [...changes.values()].map((change) => change.state);
  return {
    delivered: states.filter((state) => state === 'delivered').length,
    dead: states.filter((state) => state === 'dead').length,
  };
}

export function progressText({ replayed, superseded, total, isDone }: Progress, after: { delivered: number; dead: number }): string {
  const left = Math.max(0, total - replayed - superseded);
  const parts = [`${plural(replayed, 'letter')} put back`];
  if (superseded > 0) parts.push(`${superseded} not sent, since a later notice told more`);
  if (left > 0) parts.push(isDone ? `${left} still dead` : `${left} to go`);
  if (after.delivered > 0) parts.push(`${after.delivered} delivered by now`);
  if (after.dead > 0) parts.push(`${after.dead} refused again`);
  return `${parts.join(', ')}.`;
}
