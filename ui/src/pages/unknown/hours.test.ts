import { expect, it } from 'vitest';
import { everyHour } from './hours';

it('has each hour, the latest last', () => {
  const counted = [{ start: '2026-11-28T10:00:00.000000Z', count: 7 }];
  const hours = everyHour(counted, 3, Date.parse('2026-11-28T11:20:00Z'));
  expect(hours.map((hour) => hour.count)).toEqual([0, 7, 0]);
  expect(new Date(hours[2]?.start_ms ?? 0).toISOString()).toBe('2026-11-28T11:00:00.000Z');
});
