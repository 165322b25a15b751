import { describe, expect, it } from 'vitest';
import type { Schemas } from '@/api/client';
import type { DestinationReport } from '@/api/reports';
import { afterwards, breaker, progressText, rateText, stateOf, wordsWithoutName } from './delivery';

type LiveDelivery = Schemas['LiveDelivery'];

const NOW_MS = Date.parse('2026-11-28T21:00:00Z');
const SENDER: DestinationReport = {
  name: 'moogsoft',
  holds: true,
  per_second: 10,
  burst: 20,
  breaker: 'closed',
  failures: 0,
  not_before: null,
  last_answer: null,
  last_answer_at: null,
  last_success_at: null,
  last_error: null,
  last_error_at: null,
};

describe('a breaker', () => {
  const of = (change: Partial<DestinationReport>) => breaker({ ...SENDER, ...change }, NOW_MS);

  it('says until when it is open', () => {
    const open = of({ breaker: 'open', failures: 14, not_before: '2026-11-28T21:00:42Z' });
    expect(open).toEqual({ tone: 'critical', name: 'open', means: 'after 14 failures in a row; next try in 42 s' });
    expect(of({ breaker: 'open', failures: 1, not_before: '2026-11-28T20:59:00Z' }).means).toBe('after 1 failure in a row; it may be tried now');
  });

  it('is well, weak, or not known', () => {
    expect(of({}).tone).toBe('good');
    expect(of({ failures: 2 }).tone).toBe('minor');
    expect(of({ breaker: 'half_open' }).name).toBe('half open');
    expect(of({ breaker: 'paused' }).means).toContain('key or password');
    expect(of({ breaker: null }).means).toBe('nothing was sent yet');
    expect(breaker(null, NOW_MS).name).toBe('not known');
  });

  it('has a pace', () => {
    expect([rateText(SENDER), rateText({ per_second: 0, burst: 1 })]).toEqual(['10 a second at most, 20 at once', 'no limit']);
  });
});

describe('states', () => {
  it('of the URL are those that there are', () => {
    expect([stateOf('dead'), stateOf('waiting'), stateOf('x'), stateOf(undefined)]).toEqual(['dead', 'waiting', null, null]);
  });

  it('do not say the name twice', () => {
    expect(wordsWithoutName({ name: 'a', words: 'a: HTTP 503' })).toBe('HTTP 503');
    expect(wordsWithoutName({ name: 'a', words: 'b: HTTP 503' })).toBe('b: HTTP 503');
  });
});

describe('letters that are sent again', () => {
  const change = (number: number, state: LiveDelivery['state']): [number, LiveDelivery] => [
    number,
    { number, destination: 'a', alert_id: 'x', kind: 'open', state, replays: 1, answer: null },
  ];

  it('tell how far they are', () => {
    const after = afterwards(new Map([change(1, 'delivered'), change(2, 'dead'), change(3, 'waiting')]));
    expect(after).toEqual({ delivered: 1, dead: 1 });
    expect(progressText({ replayed: 3, superseded: 1, total: 9, isDone: false }, after)).toBe(
      '3 letters put back, 1 not sent, since a later notice told more, 5 to go, 1 delivered by now, 1 refused again.',
    );
    expect(progressText({ replayed: 1, superseded: 0, total: 2, isDone: true }, { delivered: 0, dead: 0 })).toBe('1 letter put back, 1 still dead.');
  });
});
