// Which rules the list shows. From: the URL. Pure.
import type { Schemas } from '@/api/client';
import type { RuleView } from './api';
import { type Mode, type RuleValue, isTable, modeOf, textOf, without } from './model/rule';
import type { RuleUsage, Usage } from './usage';

type Fault = Schemas['Fault'];

export interface Row {
  id: string;
  priority: number;
  mode: Mode;
  team: string;
  handling: string;
  owner: string;
  note: string;
  rule: RuleValue;
  warnings: readonly Fault[];
  /** Why it is not in force. */
  faults: readonly Fault[];
  /** null: not known. */
  usage: RuleUsage | null;
  /** The rule that takes all its messages. */
  unreachableBy: string | null;
  neverHit: boolean;
  /** All that one may look for, in small letters. */
  text: string;
}

export const DEFAULTS = { text: '', mode: '', team: '', show: 'all', sort: 'priority' };
export type Filter = Record<'text' | 'mode' | 'team' | 'show', string>;

export function handlingWords(handling: unknown): string {
  const words = (one: unknown) => String(one ?? '').replaceAll('_', ' ');
  if (!isTable(handling)) return words(handling);
  return handling.prod === handling.dev ? words(handling.prod) : `${words(handling.prod)}; dev: ${words(handling.dev)}`;
}

/** `never owns an event: rule X …` names who takes all. */
function unreachable(usage: RuleUsage | null, warnings: readonly Fault[]): string | null {
  if (usage?.unreachable_by != null) return usage.unreachable_by;
  const told = warnings.find((one) => one.message.includes('never owns an event'));
  return told === undefined ? null : (/rule `?([\w.-]+)/.exec(told.message)?.[1] ?? 'another rule');
}

function rowOf(view: RuleView, usage: Usage | undefined, faults: readonly Fault[]): Row {
  const rule = view.rule as RuleValue;
  const used = usage?.by_rule.get(view.rule.id) ?? null;
  const isQuiet = rule.continue === true || modeOf(rule) === 'off';
  return {
    id: view.rule.id,
    priority: view.rule.priority,
    mode: modeOf(rule),
    team: textOf(rule, 'team'),
    handling: handlingWords(rule.handling),
    owner: textOf(rule, 'owner'),
    note: textOf(rule, 'note'),
    rule,
    warnings: view.warnings,
    faults,
    usage: used,
    unreachableBy: unreachable(used, view.warnings),
    neverHit: !isQuiet && used !== null && used.last_hit == null && used.hits === 0 && used.alerts === 0,
    text: JSON.stringify(rule).toLowerCase(),
  };
}

/** `refused`: faults of the newest revision, if it is not in force. */
export function rowsOf(views: readonly RuleView[], usage: Usage | undefined, refused: readonly Fault[]): Row[] {
  return views.map((view) => rowOf(view, usage, refused.filter((one) => one.kind === 'rule' && one.name === view.rule.id)));
}

export function shows(row: Row, filter: Filter): boolean {
  if (filter.mode !== '' && row.mode !== filter.mode) return false;
  if (filter.team !== '' && row.team !== filter.team) return false;
  if (filter.show === 'never' && !row.neverHit) return false;
  if (filter.show === 'unreachable' && row.unreachableBy === null) return false;
  if (filter.show === 'broken' && row.faults.length === 0 && row.warnings.length === 0) return false;
  return row.text.includes(filter.text.trim().toLowerCase());
}

/** The same rules in another mode, as a file that goes in beside the rest. */
export function inMode(rows: readonly Row[], mode: Mode): RuleValue[] {
  return rows.map((row) => {
    const rest = without(row.rule, ['mode']);
    return mode === 'live' ? rest : { ...rest, mode };
  });
}
