import { describe, expect, it } from 'vitest';
import type { RuleView } from './api';
import { DEFAULTS, handlingWords, inMode, rowsOf, shows } from './filter';
import type { RuleUsage, Usage } from './usage';

function view(rule: object, warnings: RuleView['warnings'] = []): RuleView {
  const whole = { id: 'a', priority: 1, when: {}, handling: { prod: 'log_only', dev: 'log_only' }, ...rule };
  return { rule: whole, revision: 1, hash: '', warnings } as unknown as RuleView;
}

function used(rule: string, change: Partial<RuleUsage> = {}): [string, RuleUsage] {
  const none = { hits: 0, alerts: 0, pages: 0, per_day: [], last_hit: null, unreachable_by: null };
  return [rule, { rule, priority: 1, mode: 'live', team: '', ...none, ...change }];
}

function usage(...rules: [string, RuleUsage][]): Usage {
  return { days: [], known_since: null, by_rule: new Map(rules) };
}

const ALL = { ...DEFAULTS };

describe('rowsOf', () => {
  it('knows what was never hit, unless it could not be', () => {
    const rows = rowsOf([view({}), view({ id: 'b', mode: 'off' }), view({ id: 'c' })], usage(used('a'), used('b'), used('c', { hits: 2, last_hit: 'x' })), []);
    expect(rows.map((row) => row.neverHit)).toEqual([true, false, false]);
    expect(rows.filter((row) => shows(row, { ...ALL, show: 'never' })).map((row) => row.id)).toEqual(['a']);
  });

  it('says nothing of rules whose use is not known', () => {
    expect(rowsOf([view({})], undefined, [])[0]?.neverHit).toBe(false);
  });

  it('knows who takes all of its messages', () => {
    const warning = { kind: 'rule', name: 'a', path: 'when', message: 'never owns an event: rule `b` fits all' };
    const rows = rowsOf([view({}, [warning]), view({ id: 'b' })], usage(used('b', { unreachable_by: 'c' })), []);
    expect(rows.map((row) => row.unreachableBy)).toEqual(['b', 'c']);
  });

  it('knows which are broken', () => {
    const fault = { kind: 'rule', name: 'a', path: '', message: 'x' };
    const rows = rowsOf([view({}), view({ id: 'b' })], undefined, [fault]);
    expect(rows.filter((row) => shows(row, { ...ALL, show: 'broken' })).map((row) => row.id)).toEqual(['a']);
  });
});

describe('shows', () => {
  it('looks in all of the rule', () => {
    const [row] = rowsOf([view({ note: 'Fans of Berlin', team: 'net' })], undefined, []);
    if (row === undefined) throw new Error('no row');
    expect(shows(row, { ...ALL, text: ' berlin' })).toBe(true);
    expect(shows(row, { ...ALL, team: 'core' })).toBe(false);
    expect(shows(row, { ...ALL, mode: 'live' })).toBe(true);
    expect(shows(row, { ...ALL, mode: 'shadow' })).toBe(false);
  });
});

it('writes handlings in words', () => {
  expect(handlingWords({ prod: 'page_and_ticket', dev: 'log_only' })).toBe('page and ticket; dev: log only');
  expect(handlingWords({ prod: 'log_only', dev: 'log_only' })).toBe('log only');
});

it('puts rules in another mode', () => {
  const rows = rowsOf([view({ mode: 'off' })], undefined, []);
  expect(inMode(rows, 'shadow')[0]?.mode).toBe('shadow');
  expect(inMode(rows, 'live')[0]).not.toHaveProperty('mode');
});
