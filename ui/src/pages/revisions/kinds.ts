// Items of revisions as text that can be compared. From: a revision's items. To: Diff. Pure.
import { type RuleValue, isTable, readable } from '@/pages/rules/model/rule';
import { print } from '@/pages/rules/model/text';
import { toOwnRule, toSilence } from '@/shared/links';

export const KINDS = ['rule', 'host', 'team', 'setting', 'silence', 'maintenance', 'mib', 'key', 'user'] as const;

/** What may be brought back, and by whom: rules by authors, all else by admins; keys and users never. */
export function restorer(kind: string): 'author' | 'admin' | null {
  if (kind === 'key' || kind === 'user') return null;
  return kind === 'rule' ? 'author' : 'admin';
}

/** An item as a person would write it; empty: there is none. */
export function itemText(kind: string, value: unknown): string {
  if (value === null || value === undefined) return '';
  return print(kind === 'rule' && isTable(value) ? readable(value as RuleValue) : value, 'yaml');
}

/** Where an item is looked at; null: nowhere. */
export function itemPath(kind: string, name: string): string | null {
  if (kind === 'rule') return toOwnRule(name);
  if (kind === 'silence') return toSilence(name);
  return null;
}
