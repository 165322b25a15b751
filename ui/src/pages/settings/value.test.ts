import { describe, expect, it } from 'vitest';
import { bounds, fromField, shown, sortOf, toField } from './value';

const setting = { name: 'n', about: '', expected: '', set: false, revision: 0 };

describe('values', () => {
  it.each([
    [['*-lab', 'test-*'], 'list'],
    [false, 'truth'],
    [15, 'number'],
    ['info', 'text'],
  ] as const)('%j goes into a field and back', (value, sort) => {
    expect(sortOf({ ...setting, value })).toBe(sort);
    expect(fromField(toField(value), sort)).toEqual(value);
  });

  it('takes the default where there is no value', () => {
    expect(sortOf({ ...setting, value: null, default: [] })).toBe('list');
  });

  it('is said in words', () => {
    expect(shown(['a', 'b'])).toBe('a, b');
    expect(shown([])).toBe('none');
    expect(shown(15, 'minutes')).toBe('15 minutes');
    expect(shown(true)).toBe('on');
    expect(bounds({ ...setting, value: 1, least: 1, most: 9 })).toBe('1 to 9');
    expect(bounds({ ...setting, value: 1 })).toBeNull();
  });
});
