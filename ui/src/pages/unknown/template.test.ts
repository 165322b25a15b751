import { expect, it } from 'vitest';
import { parts } from './template';

it('tells what varies from what does not', () => {
  expect(parts('Fan <*> is <*>')).toEqual([
    { at: 0, text: 'Fan ', varies: false },
    { at: 4, text: '<*>', varies: true },
    { at: 7, text: ' is ', varies: false },
    { at: 11, text: '<*>', varies: true },
  ]);
});

it('leaves a text without wildcards whole, and nothing empty', () => {
  expect(parts('link down')).toEqual([{ at: 0, text: 'link down', varies: false }]);
  expect(parts('<*>')).toEqual([{ at: 0, text: '<*>', varies: true }]);
  expect(parts('')).toEqual([]);
});
