import { describe, expect, it } from 'vitest';
import { countWords, linesBetween, linesOf, summary } from './change';

describe('words', () => {
  it('counts by what is done', () => {
    const host = { kind: 'host', name: 'a' };
    const changes = [{ ...host, action: 'added' }, { ...host, action: 'removed' }, { ...host, action: 'added' }] as const;
    expect(countWords(changes)).toBe('2 added, 1 removed');
    expect(summary(changes)).toBe('3 items: 2 added, 1 removed');
    expect(countWords([])).toBe('nothing differs');
  });
});

describe('lines', () => {
  it('has what differs alone', () => {
    expect(linesBetween({ role: 'viewer', name: 'ann' }, { role: 'admin', name: 'ann', teams: ['net'] })).toEqual([
      { path: 'role', before: 'viewer', after: 'admin' },
      { path: 'teams', before: null, after: '["net"]' },
    ]);
    expect(linesBetween('open', 'ignored')).toEqual([{ path: '', before: 'open', after: 'ignored' }]);
    expect(linesBetween(null, null)).toEqual([]);
  });

  it('takes the parts if they are told', () => {
    const parts = [{ path: 'site', before: 'fra1', after: 'fra2' }];
    expect(linesOf({ kind: 'host', name: 'a', action: 'changed', parts })).toEqual([
      { path: 'site', before: 'fra1', after: 'fra2' },
    ]);
  });
});
