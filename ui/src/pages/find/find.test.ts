import { describe, expect, test } from 'vitest';
import type { Schemas } from '@/api/client';
import { DEFAULTS, isId, searchOf, timeOf } from './ask';
import { claims, fieldsOf, verdictWords } from './verdict';

const NOW_MS = Date.parse('2026-11-28T21:03:11Z');

describe('what is looked for', () => {
  test('an id is known as one', () => {
    expect(isId(' 01a22405-3c55-800f-8000-00000000024d ')).toBe(true);
    expect(isId('core-1')).toBe(false);
  });

  test.each([
    ['30 min', '2026-11-28T20:33:11.000Z'],
    ['2h ago', '2026-11-28T19:03:11.000Z'],
    ['1d', '2026-11-27T21:03:11.000Z'],
    ['2026-11-28T20:00:00Z', '2026-11-28T20:00:00.000Z'],
    ['yesterday-ish', null],
  ])('a time: %s', (text, time) => {
    expect(timeOf(text, NOW_MS)).toBe(time);
  });

  test('a time of the day is of today', () => {
    const at = new Date(timeOf('20:15', NOW_MS) ?? '');
    expect([at.getHours(), at.getMinutes(), at.getSeconds()]).toEqual([20, 15, 0]);
  });

  test('the question has what is filled in; a faulty time is told at its field', () => {
    expect(searchOf(DEFAULTS, NOW_MS)).toBeNull();
    const search = searchOf({ ...DEFAULTS, host: ' r1 ', text: 'down', since: '1h', until: 'soon' }, NOW_MS);
    expect(search?.query).toEqual({ host: 'r1', text: 'down', since: '2026-11-28T20:03:11.000Z' });
    expect(Object.keys(search?.errors ?? {})).toEqual(['until']);
  });
});

describe('the verdict', () => {
  const matched = { rule: 'link-down', handling: 'page_and_ticket', severity: 'major', team: 'network' } as Schemas['Matched'];
  const none = { owner: null, lost: [], clears: [], stages: [], continues: [], shadows: [], near: [] };
  const explanation = (change: object) => ({ ...none, ...change }) as unknown as Schemas['Explanation'];

  test('in words', () => {
    expect(verdictWords(explanation({ owner: matched }))).toBe('link-down wants it: page and ticket, major, team network');
    expect(verdictWords(explanation({ clears: [matched] }))).toBe('It ends an alert of link-down');
    expect(verdictWords(explanation({ near: [{ rule: 'a', held: 2, tests: 3 }] }))).toBe('No rule wants it; a came nearest, 2 of 3 tests held');
    expect(verdictWords(explanation({}))).toBe('No rule wants it');
  });

  test('who has to do with it, the winner first', () => {
    const found = claims(explanation({ owner: matched, lost: [{ ...matched, rule: 'b' }] }));
    expect(found.map((one) => `${one.matched.rule} ${one.what}`)).toEqual(['link-down wins', 'b wants it too, but comes later']);
  });

  test('fields that it has not are left out', () => {
    const message = { host: 'r1', severity: null, message: 'x', input: 'syslog_tcp', facility: 0 } as unknown as Schemas['MessageView'];
    expect(fieldsOf(message).map(([name]) => name)).toEqual(['host', 'facility', 'message', 'input']);
  });
});
