import { expect, it } from 'vitest';
import { DEFAULTS, query } from './filter';

it('asks for what is filled in, in RFC 3339', () => {
  expect(query(DEFAULTS, 'UTC')).toEqual({});
  const filter = { ...DEFAULTS, who: ' ann ', what: 'change', since: '2026-11-28T10:00' };
  expect(query(filter, 'Europe/Berlin')).toEqual({ who: 'ann', what: 'change', since: '2026-11-28T09:00:00.000Z' });
});
