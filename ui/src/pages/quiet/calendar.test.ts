import { describe, expect, it } from 'vitest';
import { type Item, dateOf, dayOfDate, daysOf, hoursWords, inLanes, moved, onDay } from './calendar';

const day = (date: string) => dayOfDate(date, '2026-11-28');

function item(name: string, start: Date, end: Date): Item {
  const times = { start: start.toISOString(), end: end.toISOString() };
  return { kind: 'silence', name, reason: 'r', owner: 'ann', team: null, active: false, ...times };
}

describe('days', () => {
  it('shows whole weeks of a month', () => {
    const days = daysOf('month', day('2026-11-28')).map(dateOf);
    expect(days).toHaveLength(42);
    expect(days[0]).toBe('2026-10-26');
    expect(days.at(-1)).toBe('2026-12-06');
    expect(daysOf('month', day('2027-02-10'))).toHaveLength(28);
  });

  it('shows the week from Monday', () => {
    expect(dateOf(daysOf('week', day('2026-11-29'))[0] as Date)).toBe('2026-11-23');
  });

  it('goes on by view, also from the end of a long month', () => {
    expect(dateOf(moved('month', day('2026-10-31'), 1))).toBe('2026-11-01');
    expect(dateOf(moved('week', day('2026-11-28'), -1))).toBe('2026-11-21');
  });

  it('takes today for what is no date', () => {
    expect(dateOf(day('soon'))).toBe('2026-11-28');
  });
});

describe('onDay', () => {
  const night = item('night', new Date(2026, 10, 28, 22), new Date(2026, 10, 29, 2));
  const whole = item('whole', new Date(2026, 10, 27), new Date(2026, 10, 30));

  it('cuts what goes on over midnight', () => {
    expect(onDay([night], day('2026-11-28'))).toMatchObject([{ from: 1_320, to: 1_440, isAfter: true }]);
    expect(onDay([night], day('2026-11-29'))).toMatchObject([{ from: 0, to: 120, isBefore: true }]);
    expect(onDay([night], day('2026-11-30'))).toEqual([]);
  });

  it('says from when to when', () => {
    const words = (one: Item, date: string) => onDay([one], day(date)).map(hoursWords);
    expect(words(night, '2026-11-28')).toEqual(['from 22:00']);
    expect(words(night, '2026-11-29')).toEqual(['until 02:00']);
    expect(words(whole, '2026-11-28')).toEqual(['all day']);
  });

  it('puts what is at the same time side by side', () => {
    const early = item('early', new Date(2026, 10, 28, 1), new Date(2026, 10, 28, 2));
    const late = item('late', new Date(2026, 10, 28, 3), new Date(2026, 10, 28, 4));
    const laned = inLanes(onDay([early, late, whole], day('2026-11-28')));
    expect(laned.map((one) => [one.item.name, one.lane, one.lanes])).toEqual([
      ['whole', 0, 2],
      ['early', 1, 2],
      ['late', 1, 2],
    ]);
  });
});
