import { describe, expect, it } from 'vitest';
import { formatDay, knownZone, zoneChoices } from '@/shared/zone';
import { paged } from './alerts';
import { toDestination, toMessages, toPastAlerts, toRule } from '@/shared/links';
import { belowCritical, dayShort, fewer, kilometre, lateCounts, lateText, nightText, rangeOf, severityText, totals } from './noise';

const day = (pages_day: number, pages_night: number, severe_day: number, severe_night: number) => ({
  day: '2026-11-28',
  messages: 0,
  alerts: 0,
  pages_day,
  pages_night,
  severe_day,
  severe_night,
});

describe('the headline', () => {
  const funnel = { messages: 1_204_332, matched: 94_220, alerts: 877, pages: 41 };
  const all = totals({ funnel, days: [day(20, 5, 9_000, 100), day(10, 6, 9_000, 111)] });

  it('adds days and nights up', () => {
    expect(all).toEqual({ messages: 1_204_332, pages: 41, nights: 11, severe: 18_211, severeNights: 211 });
  });

  it('says how many times fewer only where that is so', () => {
    expect(fewer(all)).toBe('That is 444 times fewer.');
    expect(fewer({ pages: 4, severe: 6 })).toBe('That is 1.5 times fewer.');
    expect(fewer({ pages: 0, severe: 6 })).toBe('Nobody was paged at all.');
    expect(fewer({ pages: 6, severe: 6 })).toBe('');
  });

  it('draws to scale in words', () => {
    expect(kilometre(1_204_332, 41)).toBe('3.4 cm');
    expect(kilometre(1_000, 500)).toBe('500 m');
    expect(kilometre(1_000, 5)).toBe('5.0 m');
    expect(kilometre(10_000_000, 3)).toBe('0.30 mm');
    expect(kilometre(1_000, 0)).toBe('');
    expect(kilometre(0, 0)).toBe('');
  });

  it('holds the range to what the API takes', () => {
    expect([1, 7, 31, 0, 32, 2.5, Number.NaN].map(rangeOf)).toEqual([1, 7, 31, 7, 7, 7, 7]);
  });
});

describe('severities', () => {
  const severities = { critical: 4, error: 20, none: 8, warning: 30, debug: 0 };

  it('are below critical, or none', () => {
    expect(belowCritical(severities)).toBe(58);
    expect(severityText(severities)).toBe('30 warning, 20 error, 8 without one');
  });
});

describe('counts that began late', () => {
  const since = { messages: null, matched: null, alerts: null, pages: null, pages_by_name: null, page_severities: null, host_alerts: null };
  const from = '2026-11-21T00:00:00Z';

  it('are said at once if they began at one time', () => {
    const late = lateCounts({ from, since: { ...since, messages: '2026-11-25T00:00:00Z', pages: '2026-11-25T00:00:00Z' } });
    expect(late).toHaveLength(2);
    expect(lateText(late, (at) => at.slice(0, 10))).toBe('Counted since 2026-11-25; what was before is not known.');
  });

  it('are said one by one if not', () => {
    const late = lateCounts({ from, since: { ...since, messages: '2026-11-25T00:00:00Z', pages: '2026-11-26T00:00:00Z' } });
    expect(lateText(late, (at) => at.slice(8, 10))).toBe('Counted: messages since 25; pages since 26. What was before is not known.');
  });

  it('are not said of what is older, or never was', () => {
    expect(lateCounts({ from, since: { ...since, alerts: '2026-11-01T00:00:00Z' } })).toEqual([]);
    expect(lateText([], String)).toBe('');
  });
});

describe('days', () => {
  it('have a name while there is room', () => {
    expect(formatDay('2026-11-28')).toBe('Sat 28 Nov');
    expect(dayShort('2026-11-28', 3, 7)).toBe('Sat 28');
    expect([0, 1, 5].map((at) => dayShort('2026-11-28', at, 30))).toEqual(['28 Nov', '', '28 Nov']);
    expect(formatDay('?')).toBe('?');
  });

  it('tell nights apart', () => {
    expect([nightText(0, 0), nightText(1, 0), nightText(39, 11)]).toEqual([
      'No pages',
      '1 page, none at night',
      '39 pages, 11 of them at night',
    ]);
  });

  it('are of zones that there are', () => {
    expect([knownZone('Europe/Berlin'), knownZone('Mars/North')]).toEqual(['Europe/Berlin', 'UTC']);
    expect(zoneChoices('UTC', 'UTC')).toEqual(['UTC']);
    expect(zoneChoices('Asia/Tokyo', 'Europe/Berlin')).toEqual(['Europe/Berlin', 'UTC', 'Asia/Tokyo']);
  });
});

describe('links', () => {
  it('keep names whole', () => {
    expect(toRule('a/b c')).toBe('/rules/a%2Fb%20c');
    expect(toRule('mutt/pattern')).toBeUndefined();
    expect(toDestination('moogsoft 2')).toBe('/delivery#moogsoft%202');
    expect(toPastAlerts({ host: 'r1&x' }, '2026-11-28T00:00:00Z')).toBe('/noise/alerts?host=r1%26x&since=2026-11-28T00%3A00%3A00Z');
    expect(toMessages({ since: 'x' })).toBe('/find?since=x');
  });

  it('know which alerts paged', () => {
    expect(paged({ handling: 'page_only', notices: 1 })).toBe(true);
    expect(paged({ handling: 'page_and_ticket', notices: 0 })).toBe(false);
    expect(paged({ handling: 'ticket_only', notices: 2 })).toBe(false);
  });
});
