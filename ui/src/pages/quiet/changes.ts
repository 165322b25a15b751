// What asks again after a silence or a window was changed, and what can be looked for.
import type { GetPath } from '@/api/query';
import type { Matcher } from './matchers';

export const QUIET_PATHS = [
  '/silences',
  '/silences/{name}',
  '/maintenance',
  '/maintenance/{name}',
  '/alerts',
  '/quiet',
] as const satisfies readonly GetPath[];

/** Whether each matcher is filled in. */
export function isNamed(matchers: readonly Matcher[]): boolean {
  return matchers.every((one) => one.field !== '' && one.value !== '');
}
