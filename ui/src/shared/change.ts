// What a change does to items, in words. From: `changes` of a saved or dry-run change, `items` of a revision. Pure.
import type { Schemas } from '@/api/client';
import { plural } from './format';

export type Change = Schemas['Change'] & { before?: unknown; after?: unknown };

/** `2 added, 1 changed`. */
export function countWords(changes: readonly Change[]): string {
  if (changes.length === 0) return 'nothing differs';
  const counts = new Map<string, number>();
  for (const { action } of changes) counts.set(action, (counts.get(action) ?? 0) + 1);
  const said = ['added', 'changed', 'removed'].filter((action) => counts.has(action));
  return said.map((action) => `${counts.get(action)} ${action}`).join(', ');
}

/** `3 items: 2 added, 1 changed`. */
export function summary(changes: readonly Change[]): string {
  return `${plural(changes.length, 'item')}: ${countWords(changes)}`;
}

export interface Line {
  path: string;
  before: string | null;
  after: string | null;
}

/** A value on one line; a text as it is. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function members(value: unknown): Map<string, unknown> {
  if (value === null || value === undefined) return new Map();
  if (typeof value !== 'object' || Array.isArray(value)) return new Map([['', value]]);
  return new Map(Object.entries(value));
}

function line(path: string, before: unknown, after: unknown): Line {
  const text = (value: unknown) => (value === null || value === undefined ? null : valueText(value));
  return { path, before: text(before), after: text(after) };
}

/** What differs between two states, member by member; of what is alike nothing. */
export function linesBetween(before: unknown, after: unknown): Line[] {
  const from = members(before);
  const to = members(after);
  const names = [...new Set([...from.keys(), ...to.keys()])];
  return names
    .map((name) => line(name, from.get(name), to.get(name)))
    .filter((one) => one.before !== one.after);
}

/** The lines of a change: its parts if it tells them, else what differs between before and after. */
export function linesOf(change: Change): Line[] {
  const parts = change.parts ?? [];
  if (parts.length > 0) return parts.map((part) => line(part.path, part.before, part.after));
  return linesBetween(change.before, change.after);
}
