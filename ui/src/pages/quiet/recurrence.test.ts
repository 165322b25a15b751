import { describe as group, expect, it } from 'vitest';
import { ONCE, dayOf, describe, fromRule, toRule } from './recurrence';

const START = '2026-11-29T22:00';

group('toRule', () => {
  it('says nothing of what is once', () => {
    expect(toRule(ONCE, START)).toBeUndefined();
  });

  it('has the days of a week in order, or that of the beginning', () => {
    expect(toRule({ ...ONCE, frequency: 'WEEKLY', days: ['SU', 'MO'] }, START)).toBe('FREQ=WEEKLY;BYDAY=MO,SU');
    expect(toRule({ ...ONCE, frequency: 'WEEKLY' }, START)).toBe('FREQ=WEEKLY;BYDAY=SU');
  });

  it('knows both ways of a month, and ends', () => {
    const monthly = { ...ONCE, frequency: 'MONTHLY', monthDay: 15 } as const;
    expect(toRule({ ...monthly, ends: 'count', count: 3 }, START)).toBe('FREQ=MONTHLY;BYMONTHDAY=15;COUNT=3');
    const last = { ...monthly, monthly: 'weekday', nth: -1, weekday: 'SU', interval: 2 } as const;
    expect(toRule({ ...last, ends: 'until', until: '2027-01-31' }, START)).toBe(
      'FREQ=MONTHLY;INTERVAL=2;BYDAY=-1SU;UNTIL=20270131',
    );
  });
});

group('fromRule', () => {
  it.each([
    'FREQ=DAILY',
    'FREQ=DAILY;INTERVAL=2;COUNT=5',
    'FREQ=WEEKLY;BYDAY=MO,WE',
    'FREQ=MONTHLY;BYMONTHDAY=-1',
    'FREQ=MONTHLY;BYDAY=-1SU;UNTIL=20270131',
  ])('reads %s, and writes it again', (rule) => {
    const read = fromRule(rule, START);
    expect(read.frequency).not.toBe('OTHER');
    expect(toRule(read, START)).toBe(rule);
  });

  it.each(['FREQ=MONTHLY;BYDAY=1MO,3MO', 'FREQ=WEEKLY;WKST=SU;INTERVAL=2;BYDAY=MO', 'FREQ=DAILY;UNTIL=20261130T220000Z'])(
    'keeps %s as it is',
    (rule) => {
      expect(fromRule(rule, START)).toMatchObject({ frequency: 'OTHER', text: rule });
      expect(toRule(fromRule(rule, START), START)).toBe(rule);
    },
  );
});

group('describe', () => {
  it('says it in words', () => {
    expect(describe(fromRule('FREQ=WEEKLY;BYDAY=SU', START), START)).toBe('every week on Sunday');
    expect(describe(fromRule('FREQ=MONTHLY;BYDAY=-1SU;UNTIL=20270131', START), START)).toBe(
      'every month on the last Sunday, until 2027-01-31',
    );
    expect(describe(ONCE, START)).toBe('once');
  });
});

it('knows weekdays', () => {
  expect(dayOf(START)).toBe('SU');
  expect(dayOf('2026-11-30T00:00')).toBe('MO');
});
