import { describe, expect, test } from 'vitest';
import type { Process } from '@/api/reports';
import { type AlertView, DEFAULTS, bySeverity, questionOf, shows } from './filter';
import { hold, waitingWords } from './hold';
import { lightsOf } from './lights';
import { dayWords, hourWords, lastDay } from './hours';

function alert(id: string, change: Partial<AlertView> = {}): AlertView {
  return {
    id, signature: id, state: 'open', rule: 'link-down', rule_revision: '1', key: '', host: 'r1', hosts: [],
    environment: 'prod', handling: 'page_only', severity: 'major', worst: 'major', team: 'network',
    summary: 'r1: Ethernet9 is down', text: 'down', reason: '', labels: {}, correlation_id: '1',
    first_seen: '2026-11-28T21:10:00Z', last_seen: '2026-11-28T21:10:00Z', count: 1, reopened: 0, quiet: [],
    told: true, flapping: false, notices: 1, ...change,
  };
}

describe('the filter', () => {
  test('shows what is not over, told and quiet, by default', () => {
    expect(shows(alert('1'), DEFAULTS)).toBe(true);
    expect(shows(alert('1', { quiet: ['silenced by lab'] }), DEFAULTS)).toBe(true);
    expect(shows(alert('1', { state: 'cleared' }), DEFAULTS)).toBe(false);
    expect(shows(alert('1', { state: 'cleared' }), { ...DEFAULTS, state: 'over' })).toBe(true);
  });

  test('narrows by each part', () => {
    const quiet = alert('1', { quiet: ['its rule only logs'] });
    expect(shows(quiet, { ...DEFAULTS, show: 'told' })).toBe(false);
    expect(shows(alert('1'), { ...DEFAULTS, show: 'quiet' })).toBe(false);
    expect(shows(alert('1', { taken_by: 'op' }), { ...DEFAULTS, show: 'free' })).toBe(false);
    expect(shows(alert('1'), { ...DEFAULTS, text: ' ETHERNET9 ' })).toBe(true);
    expect(shows(alert('1'), { ...DEFAULTS, team: 'security' })).toBe(false);
    expect(shows(alert('1', { host: 'a, b', hosts: ['a', 'b'] }), { ...DEFAULTS, host: 'b' })).toBe(true);
  });

  test('an hour shows what began in it', () => {
    const hour = '2026-11-28T21:00:00.000Z';
    expect(shows(alert('1'), { ...DEFAULTS, state: 'all', hour })).toBe(true);
    expect(shows(alert('1', { first_seen: '2026-11-28T22:00:00Z' }), { ...DEFAULTS, state: 'all', hour })).toBe(false);
    expect(shows(alert('1'), { ...DEFAULTS, hour: 'nonsense' })).toBe(true);
  });

  test('asks the API only for what the shared list does not have', () => {
    const now_ms = Date.parse('2026-11-28T21:47:00Z');
    expect(questionOf(DEFAULTS, now_ms)).toBeNull();
    expect(questionOf({ state: 'open', hour: '' }, now_ms)).toBeNull();
    expect(questionOf({ state: 'over', hour: '' }, now_ms)?.query).toEqual({
      state: 'cleared,closed', since: '2026-11-27T21:00:00.000Z', until: undefined,
    });
    expect(questionOf({ state: 'all', hour: '2026-11-28T20:00:00Z' }, now_ms)?.query?.until).toBe('2026-11-28T21:00:00.000Z');
  });

  test('severities are counted, the worst first', () => {
    const counts = bySeverity([alert('1', { severity: 'warning' }), alert('2', { severity: 'critical' })]);
    expect(counts).toEqual([['critical', 1], ['warning', 1]]);
  });
});

describe('a list that is read', () => {
  test('shows all at once while nobody reads', () => {
    expect(hold([alert('1'), alert('2')], null)).toMatchObject({ fresh: 0, gone: 0, rows: [{ id: '1' }, { id: '2' }] });
  });

  test('keeps rows and their order; what changed shows in place, what came waits, what left is marked', () => {
    const kept = [alert('1'), alert('2'), alert('3')];
    const live = [alert('4'), alert('3', { count: 9 }), alert('1')];
    const known = new Map([['2', alert('2', { state: 'cleared' })]]);
    const held = hold(live, kept, known);
    expect(held.rows.map((row) => row.id)).toEqual(['1', '2', '3']);
    expect(held.rows[1]).toMatchObject({ isGone: true, alert: { state: 'cleared' } });
    expect(held.rows[2]).toMatchObject({ isGone: false, alert: { count: 9 }, order: { count: 1 } });
    expect(waitingWords(held)).toBe('1 new, 1 left');
    expect(waitingWords({ fresh: 0, gone: 0 })).toBe('');
  });

  test('10,000 alerts are held in little time', () => {
    const many = Array.from({ length: 10_000 }, (_, at) => alert(String(at)));
    expect(hold(many, many.slice(1)).fresh).toBe(1);
  });
});

describe('the last day', () => {
  const hour = '2026-11-28T21:00:00.000000Z';
  const kinds = {
    alerts: [{ hour, name: 'a', count: 3 }, { hour, name: 'b', count: 2 }],
    notices: [{ hour, name: 'a', count: 6 }],
    handling: [
      { hour, name: 'open page_and_ticket', count: 2 }, { hour, name: 'worse page_only', count: 1 },
      { hour, name: 'clear page_and_ticket', count: 7 }, { hour, name: 'open email_only', count: 4 },
    ],
  };
  const hours = lastDay(kinds, Date.parse('2026-11-28T21:59:00Z'));

  test('has 24 hours, the running one last, sums over rules, and pages without what ended', () => {
    expect(hours).toHaveLength(24);
    expect(hours.at(-1)).toMatchObject({ alerts: 5, notices: 6, pages: 3 });
    expect(hours[0]).toMatchObject({ alerts: 0, start_ms: Date.parse('2026-11-27T22:00:00Z') });
  });

  test('in words', () => {
    expect(dayWords(hours)).toBe('5 alerts began, 6 notices told, 3 pages');
    expect(hours.map(hourWords).at(-1)).toMatch(/^\d\d:00 to \d\d:00: 5 alerts, 6 notices, 3 pages$/);
  });
});

describe('the lights', () => {
  const way = { state: 'ok', words: 'takes what it is sent', waiting: 0, oldest_waiting_age_ms: 0, dead: 0 } as const;
  const pulse = {
    at: '2026-11-28T21:00:00Z',
    archive: way,
    destinations: way,
    journal: { state: 'ok', words: '3 % full', oldest_unread_age_ms: 0, bytes: 2_048, used: 0.031 },
  } as const;
  const moogsoft = {
    ...way, name: 'moogsoft', state: 'down', words: 'moogsoft: HTTP 503', waiting: 12, oldest_waiting_age_ms: 61_000,
    dead: 2, delivered: 5, superseded: 0,
  } as const;

  test('are NetIM, each destination by its name, and the journal', () => {
    const lights = lightsOf({ pulse, destinations: [moogsoft, { ...moogsoft, name: 'cloud' }], processes: [] });
    expect(lights.map((light) => [light.name, light.numbers, light.to])).toEqual([
      ['NetIM', '0 waiting', '/health'],
      ['moogsoft', '12 waiting, oldest 1 min 1 s, 2 dead', '/delivery#moogsoft'],
      ['cloud', '12 waiting, oldest 1 min 1 s, 2 dead', '/delivery#cloud'],
      ['Journal', 'all read, 2.0 KiB, 3 % full', '/health'],
    ]);
    expect(lights[1]).toMatchObject({ state: 'down', words: 'HTTP 503' });
  });

  test('what nobody has said yet is no green light', () => {
    const lights = lightsOf({ pulse: null, destinations: undefined, processes: [] });
    expect(lights.map((light) => light.state)).toEqual(['unknown', 'unknown', 'unknown']);
  });

  test('without a pulse what processes say counts, but not of those that are silent', () => {
    const journal = { bytes: 1, used: 0.75, stuck: null, lost: 0, damaged: 0, dropped: 0 };
    const said = { stale: false, journal, ways: [{ name: 'archive/syslog', down: 'no connection' }] } as unknown as Process;
    const states = (process: Process) =>
      lightsOf({ pulse: null, destinations: [], processes: [process] }).map((light) => light.state);
    expect(states(said)).toEqual(['down', 'warn', 'warn']);
    expect(states({ ...said, stale: true })).toEqual(['unknown', 'warn', 'unknown']);
    expect(states({ ...said, ways: [] })[0]).toBe('unknown');
  });
});
