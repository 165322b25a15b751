import { describe, expect, it } from 'vitest';
import { toLocal, toMoment, zones } from './zone';

describe('toMoment', () => {
  it('knows summer and winter', () => {
    expect(toMoment('2026-11-29T22:00', 'Europe/Berlin')).toBe('2026-11-29T21:00:00.000Z');
    expect(toMoment('2026-07-01T22:00', 'Europe/Berlin')).toBe('2026-07-01T20:00:00.000Z');
    expect(toMoment('2026-11-29T22:00', 'America/New_York')).toBe('2026-11-30T03:00:00.000Z');
  });

  it('takes the first of a time that comes twice, and moves one that is skipped', () => {
    expect(toMoment('2026-10-25T02:30', 'Europe/Berlin')).toBe('2026-10-25T00:30:00.000Z');
    expect(toMoment('2026-03-29T02:30', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z');
  });

  it('reads the day of the change on both sides of it', () => {
    expect(toMoment('2026-03-29T01:30', 'Europe/Berlin')).toBe('2026-03-29T00:30:00.000Z');
    expect(toMoment('2026-03-29T12:00', 'Europe/Berlin')).toBe('2026-03-29T10:00:00.000Z');
  });

  it('says so if it is no time', () => {
    expect(toMoment('', 'UTC')).toBeNull();
  });
});

it('goes both ways', () => {
  const moment = toMoment('2026-11-29T22:15', 'Asia/Kolkata');
  expect(toLocal(moment ?? '', 'Asia/Kolkata')).toBe('2026-11-29T22:15');
});

it('has UTC first', () => {
  expect(zones()[0]).toBe('UTC');
});
