import { describe, expect, test } from 'vitest';
import type { Schemas } from '@/api/client';
import { said } from './outcome';
import { quietOf, quietOfMoment } from './quiet';
import { matchersFor, nameFor, silenceOf, teamFor } from './silence';

const NOW = new Date('2026-11-28T21:03:11Z');
const link = { host: 'r1.lab', hosts: [], rule: 'cisco-link-down', team: 'network' };
const pattern = { host: 'r2', hosts: ['r2', 'r3'], rule: 'mutt/pattern', team: 'mutt' };

describe('a silence proposed for alerts', () => {
  test('of one alert names its host and its rule as they are', () => {
    expect(matchersFor([link])).toEqual([
      { field: 'host', operator: 'equals', value: 'r1.lab' },
      { field: 'rule', operator: 'equals', value: 'cisco-link-down' },
    ]);
  });

  test('of several alerts names all hosts, whole and escaped', () => {
    const [hosts, rules] = matchersFor([link, link, pattern]);
    expect(hosts).toEqual({ field: 'host', operator: 'regex', value: String.raw`^(r1\.lab|r2|r3)$` });
    expect(new RegExp(hosts?.value ?? '').test('r1-lab')).toBe(false);
    expect(rules?.value).toBe('^(cisco-link-down|mutt/pattern)$');
  });

  test('has a name that the API takes', () => {
    expect(nameFor([link], NOW)).toBe('r1.lab-cisco-link-down-1128-2103');
    expect(nameFor([pattern], NOW)).toBe('r2-mutt-pattern-1128-2103');
    expect(nameFor([{ ...link, host: 'x'.repeat(90) }], NOW)).toHaveLength(64);
    expect(nameFor([link, pattern], NOW)).toBe('r1.lab-and-others-1128-2103');
  });

  test('has a team only if all have the same', () => {
    expect(teamFor([link, link])).toBe('network');
    expect(teamFor([link, pattern])).toBeUndefined();
  });

  test('ends after its minutes', () => {
    const fields = { name: ' lab ', matchers: matchersFor([link]), minutes: '120', reason: ' new switch ' };
    const made = silenceOf(fields, undefined, NOW);
    expect(made).toMatchObject({ name: 'lab', reason: 'new switch', end: '2026-11-28T23:03:11.000Z' });
    expect('team' in made).toBe(false);
  });
});

describe('why an alert is quiet', () => {
  test.each([
    ['silenced by lab', 'silenced', 'lab'],
    ['held until 2026-11-28T21:05:00Z', 'held', '2026-11-28T21:05:00Z'],
    ['child of core-1::link::1', 'child', 'core-1::link::1'],
    ['flapping, told by r1::flap', 'flapping', 'r1::flap'],
    ['storm, told by mutt::storm', 'storm', 'mutt::storm'],
    ['its rule only logs', 'logged', null],
    ['something new', 'other', null],
  ])('%s', (words, kind, by) => {
    expect(quietOf(words)).toEqual({ kind, by, words });
  });

  test('a moment says the same as the words', () => {
    expect(quietOfMoment({ because: 'child_of', parent: 'a::b' })).toEqual(quietOf('child of a::b'));
    expect(quietOfMoment({ because: 'storm', told_by: 'a' })).toEqual(quietOf('storm, told by a'));
    expect(quietOfMoment({ because: 'logged' })).toEqual(quietOf('its rule only logs'));
  });
});

test('what came of a decision over several', () => {
  const alert = {} as Schemas['AlertView'];
  const done = { alert, state: 'done' as const };
  expect(said('acknowledge', [done])).toBe('1 alert acknowledged');
  expect(said('close', [done, { alert, state: 'failed' }])).toBe('1 of 2 alerts closed; 1 failed');
  expect(said('take', [{ alert, state: 'accepted' }])).toContain('as soon as MUTT judges again');
});
