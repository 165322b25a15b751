import { describe, expect, it } from 'vitest';
import { LEVELS, columnWidth, level, movedTo } from './heat';

describe('level', () => {
  it('goes from nothing to the most', () => {
    expect(level(0, 1_000)).toBe(0);
    expect(level(1, 1_000)).toBe(1);
    expect(level(1_000, 1_000)).toBe(LEVELS);
    expect(level(1, 1)).toBe(LEVELS);
  });

  it('shows a few among many', () => {
    expect(level(30, 1_000)).toBeGreaterThan(level(2, 1_000));
  });
});

describe('movedTo', () => {
  it('stays within', () => {
    expect(movedTo('ArrowLeft', { line: 0, column: 0 }, 3, 5)).toEqual({ line: 0, column: 0 });
    expect(movedTo('ArrowDown', { line: 2, column: 1 }, 3, 5)).toEqual({ line: 2, column: 1 });
    expect(movedTo('End', { line: 1, column: 1 }, 3, 5)).toEqual({ line: 1, column: 4 });
    expect(movedTo('PageDown', { line: 0, column: 1 }, 3, 5)).toEqual({ line: 2, column: 1 });
    expect(movedTo('a', { line: 0, column: 1 }, 3, 5)).toBeNull();
  });
});

it('fills the width between limits', () => {
  expect(columnWidth(960, 48)).toBe(20);
  expect(columnWidth(300, 168)).toBe(9);
  expect(columnWidth(2_000, 24)).toBe(28);
});
