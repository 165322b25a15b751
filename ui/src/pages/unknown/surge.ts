// How much more of a pattern came lately than before. From: a pattern's counts. Pure.
import type { Schemas } from '@/api/client';

export type PatternView = Schemas['PatternView'];
type Counts = Pick<PatternView, 'count' | 'last_hour' | 'first_seen'>;

const HOUR_MS = 3_600_000;

export interface Surge {
  /** Messages an hour lately: in this hour and the one before. */
  lately: number;
  /** Messages an hour before that; null: there was no before. */
  before: number | null;
  /** How often what was usual: at least one an hour counts as usual. */
  factor: number;
}

export function surge(pattern: Counts, now_ms: number): Surge {
  const from_ms = Math.floor(now_ms / HOUR_MS) * HOUR_MS - HOUR_MS;
  const lately = pattern.last_hour / ((now_ms - from_ms) / HOUR_MS);
  const hours = (from_ms - Date.parse(pattern.first_seen)) / HOUR_MS;
  if (hours <= 0) return { lately, before: null, factor: lately };
  const before = (pattern.count - pattern.last_hour) / Math.max(1, hours);
  return { lately, before, factor: lately / Math.max(1, before) };
}

/** Three times what was usual, and more than a few. */
export function isSurging({ lately, before, factor }: Surge): boolean {
  return before !== null && factor >= 3 && lately >= 10;
}

/** `4× before`, `new`, `as before`. */
export function surgeWords(one: Surge): string {
  if (one.before === null) return 'new';
  if (isSurging(one)) return `${one.factor < 10 ? one.factor.toFixed(1) : Math.round(one.factor)}× before`;
  if (one.before >= 1 && one.lately < one.before / 3) return 'less than before';
  return 'as before';
}
