// The table of pages: what leads where must be told apart. Read as text: all icons would come with it.
import { expect, test } from 'vitest';
import table from './pages.tsx?raw';

const all = (name: string) => [...table.matchAll(new RegExp(`^ {4}${name}: '([^']+)'`, 'gm'))].map((found) => found[1]);

test('paths and keys are each of one page', () => {
  for (const name of ['path', 'key']) {
    const values = all(name);
    expect(values.length).toBeGreaterThan(10);
    expect(new Set(values).size).toBe(values.length);
  }
});
