// A rule as people edit it. From: the API's canonical JSON. To: text in YAML or JSON, and the form. Pure.
//
// The canonical form has one condition a table; people write several tests into one table. Both are the same
// rule with the same hash, as long as a table's names stand in the alphabet's order.

export type RuleValue = Record<string, unknown>;

export const MODES = ['off', 'shadow', 'live'] as const;
export type Mode = (typeof MODES)[number];

/** The parts of a rule in the order in which they are written. */
export const PARTS: readonly string[] = [
  'id',
  'priority',
  'mode',
  'continue',
  'when',
  'clear',
  'handling',
  'team',
  'severity',
  'summary',
  'key',
  'close_after',
  'reopen_within',
  'across_hosts',
  'count',
  'hold_for',
  'early_clear',
  'absent',
  'sequence',
  'flapping',
  'suppressed_by',
  'storm_per_minute',
  'labels',
  'runbook',
  'owner',
  'note',
  'examples',
  'scenarios',
];

export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function modeOf(rule: RuleValue | null): Mode {
  const mode = rule?.mode;
  return mode === 'off' || mode === 'shadow' ? mode : 'live';
}

export function textOf(rule: RuleValue | null, part: string): string {
  const value = rule?.[part];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** As one table what is `all` of tables with other names each, in the alphabet's order. */
function asTable(condition: unknown): unknown {
  if (!isTable(condition)) return condition;
  const { all, any, not, ...tests } = condition;
  if (Array.isArray(any)) return { any: any.map(asTable) };
  if (not !== undefined) return { not: asTable(not) };
  if (!Array.isArray(all)) return tests;
  const parts = all.map(asTable);
  const names = parts.map((part) => (isTable(part) && Object.keys(part).length === 1 ? (Object.keys(part)[0] ?? '') : ''));
  const isInOrder = names.every((name, at) => name !== '' && (at === 0 || (names[at - 1] ?? '') < name));
  return isInOrder ? Object.assign({}, ...parts) : { all: parts };
}

/** A rule from the API, as a person would write it. */
export function readable(rule: RuleValue): RuleValue {
  const shown: RuleValue = {};
  for (const part of [...PARTS, ...Object.keys(rule).filter((name) => !PARTS.includes(name))]) {
    const value = rule[part];
    if (value === undefined || value === null) continue;
    if (part === 'when' || part === 'clear') shown[part] = asTable(value);
    else if (part === 'sequence' && isTable(value)) shown[part] = sequence(value);
    else if (part === 'handling' && isTable(value) && value.prod === value.dev) shown[part] = value.prod;
    else shown[part] = value;
  }
  return shown;
}

function sequence(value: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(value).map(([name, one]) => [name, name === 'within' ? one : asTable(one)]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

export function without(rule: RuleValue, parts: readonly string[]): RuleValue {
  return Object.fromEntries(Object.entries(rule).filter(([part]) => !parts.includes(part)));
}

/** The draft as it would judge if it were live: a draft and a rule in shadow own nothing yet. */
export function asLive(rule: RuleValue): RuleValue {
  return without(rule, ['mode']);
}

/** A first rule, to be filled in. It begins as a draft, which judges nothing. */
export function blank(): RuleValue {
  return {
    id: '',
    priority: 500,
    mode: 'off',
    when: { message: { contains: '' } },
    handling: 'log_only',
    summary: '{host}: {message}',
  };
}
