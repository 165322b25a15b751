// The table of pages: what leads where must be told apart.
import { expect, test } from 'vitest';
import { GROUPS, PAGES, isInNavigation } from './pages';

test('paths and keys are each of one page', () => {
  const paths = PAGES.map((page) => page.path);
  const keys = PAGES.flatMap((page) => page.key ?? []);
  expect(new Set(paths).size).toBe(paths.length);
  expect(new Set(keys).size).toBe(keys.length);
});

test('the navigation has its order', () => {
  const paths = GROUPS.map((group) => PAGES.filter((page) => page.group === group && isInNavigation(page)).map((page) => page.path));
  expect(paths).toEqual([
    ['/', '/find', '/quiet'],
    ['/rules', '/unknown', '/revisions'],
    ['/noise', '/trust'],
    ['/delivery', '/inventory', '/users', '/audit', '/health', '/settings'],
  ]);
});
