// What is told once of a new password. Pure.
import type { Schemas } from '@/api/client';
import type { GetPath } from '@/api/query';
import type { Secret } from './Once';

/** What a change of a user makes others. */
export const USER_CHANGES: readonly GetPath[] = ['/users', '/audit', '/revisions'];

export function oneTimeSecret(made: Schemas['OneTime']): Secret {
  const about = 'It opens once, within a day: with it they set a password of their own.';
  return { title: `One-time password of ${made.name}`, text: made.one_time_password, about };
}
