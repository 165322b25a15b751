import { describe, expect, it } from 'vitest';
import { DEFAULTS, inHeatMap, ordered, query } from './filter';
import type { PatternView } from './surge';

const NOW = Date.parse('2026-11-28T12:30:00Z');

function pattern(id: string, count: number, last_hour: number): PatternView {
  const seen = { first_seen: '2026-11-28T01:00:00Z', last_seen: '2026-11-28T12:00:00Z' };
  return { id, key: 'k', template: 't', state: 'open', count, last_hour, hosts: 1, ...seen };
}

describe('query', () => {
  it('asks for what is filled in', () => {
    expect(query({ ...DEFAULTS, text: ' fan ' })).toEqual({ sort: 'count', state: 'open', text: 'fan' });
    expect(query({ ...DEFAULTS, order: 'surge', state: 'all' })).toEqual({ sort: 'last_hour' });
  });
});

describe('ordered', () => {
  it('puts first what is most above what is usual', () => {
    const items = [pattern('steady', 5_000, 600), pattern('surging', 310, 300)];
    expect(ordered(items, 'surge', NOW).map((one) => one.id)).toEqual(['surging', 'steady']);
    expect(ordered(items, 'count', NOW)).toBe(items);
  });
});

describe('inHeatMap', () => {
  const row = { id: '1', key: 'FAN', template: 'Fan <*> slow', state: 'open', count: 1, counts: [1] };
  it('keeps state, key and text', () => {
    expect(inHeatMap(row, DEFAULTS)).toBe(true);
    expect(inHeatMap(row, { ...DEFAULTS, text: 'SLOW' })).toBe(true);
    expect(inHeatMap(row, { ...DEFAULTS, key: 'FA' })).toBe(false);
    expect(inHeatMap(row, { ...DEFAULTS, state: 'ignored' })).toBe(false);
    expect(inHeatMap({ ...row, state: 'handled' }, { ...DEFAULTS, state: 'all' })).toBe(true);
  });
});
