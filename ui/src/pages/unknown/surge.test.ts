import { describe, expect, it } from 'vitest';
import { isSurging, surge, surgeWords } from './surge';

const NOW = Date.parse('2026-11-28T12:30:00Z');
const of = (count: number, last_hour: number, first_seen: string) => surge({ count, last_hour, first_seen }, NOW);

describe('surge', () => {
  it('compares this hour and the one before with what was before', () => {
    const one = of(1_150, 150, '2026-11-28T01:00:00Z');
    expect(one.lately).toBe(100);
    expect(one.before).toBe(100);
    expect(surgeWords(one)).toBe('as before');
  });

  it('knows what is new', () => {
    const one = of(30, 30, '2026-11-28T12:10:00Z');
    expect(one.before).toBeNull();
    expect(isSurging(one)).toBe(false);
    expect(surgeWords(one)).toBe('new');
  });

  it('says how often more', () => {
    expect(surgeWords(of(650, 600, '2026-11-28T01:00:00Z'))).toBe('80× before');
    expect(surgeWords(of(720, 600, '2026-11-28T08:00:00Z'))).toBe('10× before');
    expect(surgeWords(of(1_320, 600, '2026-11-28T05:00:00Z'))).toBe('3.3× before');
  });

  it('takes a few for no surge, and tells what went down', () => {
    expect(isSurging(of(10, 6, '2026-11-28T01:00:00Z'))).toBe(false);
    expect(surgeWords(of(10_001, 1, '2026-11-28T01:00:00Z'))).toBe('less than before');
  });
});
