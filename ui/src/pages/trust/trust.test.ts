import { describe, expect, it } from 'vitest';
import type { Schemas } from '@/api/client';
import type { Process } from '@/api/reports';
import { drillText, sinceMade, stepName } from './drill';
import { faultsOf, inputRows, lossText, outcomeWords, parts, refusedText, spans } from './ledger';

type WayStep = Schemas['WayStep'];

describe('an account', () => {
  it('always has what waits and what was lost, at its end', () => {
    const line = { stored: 110, waiting: 0, done: { unconfirmed: 10, archived: 100, withheld: 0 } };
    expect(parts(line).map((part) => `${part.count} ${part.name}`)).toEqual(['100 archived', '10 unconfirmed', '0 waiting', '0 lost']);
    expect(parts({ ...line, done: { lost: 3 } }).at(-1)).toEqual({ name: 'lost', words: 'lost', count: 3 });
    expect(outcomeWords('of_tomorrow')).toBe('of_tomorrow');
  });

  it('has its own faults alone', () => {
    const faults = ['archive/syslog: 3 messages', 'archive/syslog, partition 2: 4', 'judge: 5'];
    expect(faultsOf(faults, 'archive/syslog')).toHaveLength(2);
    expect(faultsOf(faults, 'archive')).toEqual([]);
  });
});

describe('losses', () => {
  const inputs = [{ input: 'relp', messages: 1, since: '2026-11-01T00:00:00Z', last: '2026-11-02T00:00:00Z' }];
  const short = (at: string) => at.slice(0, 10);

  it('are none since the journal began', () => {
    expect(lossText({ losses: { lost: 0, last: null, hours_without: null }, inputs }, short)).toBe(
      'Since the journal began; numbers since 2026-11-01',
    );
    expect(lossText({ losses: { lost: 0, last: null, hours_without: null }, inputs: [] }, short)).toBe('Since the journal began');
  });

  it('have a last hour, or are older than the hours', () => {
    expect(lossText({ losses: { lost: 2, last: '2026-11-03T00:00:00Z', hours_without: 1 }, inputs }, short)).toBe(
      'The last in the hour of 2026-11-03; 1 hour without one since',
    );
    expect(lossText({ losses: { lost: 2, last: null, hours_without: null }, inputs }, short)).toContain('none since then');
  });
});

describe('inputs', () => {
  it('are added up over processes, and known if only one side has them', () => {
    const report = (input: string, received: number) => ({ input, received, stored: received - 2, kernel_dropped: 1, refused: [{ reason: 'too_long', count: 2 }] });
    const processes = [{ inputs: [report('relp', 10), report('http', 5)] }, { inputs: [report('relp', 20)] }] as Process[];
    const rows = inputRows({ inputs: [{ input: 'relp', messages: 7, since: 's', last: 'l' }, { input: 'trap', messages: 9, since: 's', last: 'l' }] }, processes);
    expect(rows.map((row) => [row.input, row.messages, row.received])).toEqual([
      ['trap', 9, 0],
      ['relp', 7, 30],
      ['http', null, 5],
    ]);
    const [, relp] = rows;
    expect(refusedText(relp?.refused ?? [])).toBe('4 too long');
  });
});

describe('how long it took', () => {
  it('has each hour, also those without a page', () => {
    const now_ms = Date.parse('2026-11-28T21:30:00Z');
    const made = spans({ hours: [{ hour: '2026-11-28T20:00:00Z', count: 1, p50_ms: 10, p99_ms: 20, max_ms: 20 }] }, 24, now_ms);
    expect(made).toHaveLength(24);
    expect(made.at(-2)).toMatchObject({ from: 10, to: 20 });
    expect(made.at(-1)).toMatchObject({ from: null, to: null });
  });
});

describe('a drill', () => {
  const step = (name: string, state: WayStep['state']): WayStep => ({ step: name, name: null, state, at: null, words: '', alert_id: null, notice_id: null });
  const drill = { id: 'd', who: 'w', team: 't', made: '2026-11-28T21:00:00Z', until: '2026-11-28T21:10:00Z', arrived: null, alert_id: null };

  it('says what is next, or how it ended', () => {
    expect(drillText({ ...drill, state: 'under_way' }, [step('made', 'done'), step('stored', 'waiting')])).toBe('The drill is under way: stored is next.');
    expect(drillText({ ...drill, state: 'arrived', arrived: '2026-11-28T21:00:12.400Z' }, [])).toBe('The drill arrived everywhere, 12.4 s after it was made.');
    expect(drillText({ ...drill, state: 'incomplete' }, [])).toContain('did not arrive everywhere');
  });

  it('names its steps and their times', () => {
    expect(stepName({ step: 'told', name: 'moogsoft' })).toBe('Told: moogsoft');
    expect(stepName({ step: 'new', name: null })).toBe('new');
    expect(sinceMade('2026-11-28T21:02:00Z', drill.made)).toBe('+ 2 min');
    expect([sinceMade(null, drill.made), sinceMade('2026-11-28T20:00:00Z', drill.made)]).toEqual(['', '']);
  });
});
