import { describe, expect, it } from 'vitest';
import type { Check, Process } from '@/api/reports';
import { adviceFor, checkState, processState, processWords, rolesText, sortChecks, sortProcesses, summary, versions } from './health';

const check = (name: string, wrong: string | null = null, needed = false): Check => ({ name, ok: wrong === null, needed, wrong, note: null });
const process = (name: string, change: Partial<Process> = {}): Process => ({
  name,
  reported: '',
  age_ms: 1_000,
  stale: false,
  role: 'run',
  roles: ['ingest', 'web'],
  version: '0.1.0',
  started: '',
  ready: true,
  checks: [check('database')],
  inputs: [],
  channels: [],
  destinations: [],
  ways: [],
  journal: { bytes: 0, used: 0, stuck: null, lost: 0, damaged: 0, dropped: 0 },
  ...change,
});

describe('checks', () => {
  it('fail only if they are needed', () => {
    expect([check('a'), check('a', 'x'), check('a', 'x', true)].map(checkState)).toEqual(['ok', 'degraded', 'failed']);
    const sorted = sortChecks([check('ok'), check('soft', 'x'), check('hard', 'x', true)]);
    expect(sorted.map((one) => one.name)).toEqual(['hard', 'soft', 'ok']);
  });

  it('say what to do, by their whole name or by its start', () => {
    expect(adviceFor('journal')?.doc).toBe('docs/promises.md');
    expect(adviceFor('journal_durability')?.doc).toBe('docs/redis.md');
    expect(adviceFor('tls destination.moogsoft')?.doc).toBe('docs/tls.md');
    expect(adviceFor('inputs')).not.toEqual(adviceFor('input relp'));
    expect(adviceFor('of_tomorrow')).toBeNull();
  });
});

describe('processes', () => {
  const well = process('a');
  const degraded = process('b', { checks: [check('rules', 'revision 7')] });
  const unready = process('c', { ready: false, checks: [check('journal', 'EIO', true)] });
  const silent = process('d', { stale: true, age_ms: 65_000 });

  it('are as their checks are, and as they last said', () => {
    expect([well, degraded, unready, silent].map(processState)).toEqual(['ok', 'warn', 'down', 'down']);
    expect(processWords(silent)).toContain('nothing for 1 min 5 s');
    expect(processWords(unready)).toContain('1 check failed');
    expect(processWords(degraded)).toContain('1 check degraded');
  });

  it('are counted, the worst first', () => {
    expect(summary([well, degraded, unready, silent])).toBe('4 processes: 1 well, 1 degraded, 1 not ready, 1 silent');
    expect(sortProcesses([well, degraded, unready]).map((one) => one.name)).toEqual(['c', 'b', 'a']);
  });

  it('differ in versions only while they live', () => {
    expect(versions([well, process('e', { version: '0.2.0' })])).toEqual(['0.1.0', '0.2.0']);
    expect(versions([well, { ...silent, version: '0.2.0' }])).toEqual([]);
  });

  it('name their jobs once', () => {
    expect([rolesText(well), rolesText({ role: 'web', roles: ['web'] })]).toEqual(['mutt run: ingest, web', 'mutt web']);
  });
});
