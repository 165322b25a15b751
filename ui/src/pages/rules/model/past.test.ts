import { describe, expect, it } from 'vitest';
import { exampleOf, hasOtherFaults, judged } from './examples';
import { foundOf, sentence } from './past';

const TALLY = { live: 0, draft: 0, same: 0, changed: 0, gained: 0, lost: 0, clears_gained: 0, clears_lost: 0 };

function report(gained: number, pages: number) {
  return {
    by_rule: { of: { a: { ...TALLY, gained }, b: { ...TALLY, lost: gained }, c: { ...TALLY, same: 4 } }, left_out: 0 },
    alerts: { same: 1, gained: gained > 0 ? 1 : 0, lost: 0 },
    pages: { same: 0, gained: pages, lost: 0 },
    alerts_by_rule: {},
    first: 0,
    last: 7_200_000_000,
  } as unknown as Parameters<typeof foundOf>[0];
}

describe('foundOf', () => {
  it('tells the rule’s own messages, and which other rules are touched', () => {
    const found = foundOf(report(3, 0), 'a');
    expect(found.own.gained).toBe(3);
    expect(found.others).toEqual([{ rule: 'b', gained: 0, lost: 3, changed: 0 }]);
    expect(found.hours).toBe(2);
  });

  it('says what differs in a sentence', () => {
    expect(sentence(foundOf(report(3, 2), 'a'))).toBe('With this draft live: 1 more alert, 2 more pages.');
    expect(sentence(foundOf(report(0, 0), 'x'))).toBe('It owns no message of this time.');
    expect(sentence(foundOf(report(0, 0), 'c'))).toContain('Nothing would be otherwise');
  });
});

describe('examples', () => {
  const rule = { id: 'a', examples: [{ expect: 'match', message: 'x' }, { expect: 'clear', message: 'y' }] };
  const fault = (name: string, path: string) => ({ kind: 'rule', name, path, message: 'is otherwise' });

  it('have the faults at their place', () => {
    const list = judged(rule, 'a', [fault('a', 'examples[1].key'), fault('b', 'examples[0]'), fault('a', 'examples[10]')]);
    expect(list.map((one) => one.faults)).toEqual([[], ['is otherwise']]);
  });

  it('are not judged while the rule itself is at fault', () => {
    expect(hasOtherFaults('a', [fault('a', 'when.message.regex')])).toBe(true);
    expect(hasOtherFaults('a', [fault('a', 'examples[0]'), fault('b', 'when')])).toBe(false);
  });

  it('come from stored messages and traps', () => {
    const message = { host: 'r1', raw: '<1>x\n' } as Parameters<typeof exampleOf>[0];
    expect(exampleOf(message, 'match')).toEqual({ message: '<1>x', host: 'r1', expect: 'match' });
    const trap = { ...message, trap_oid: '1.3', varbinds: [{ oid: '1.3.1', value: '2' }] } as Parameters<typeof exampleOf>[0];
    expect(exampleOf(trap, 'clear')).toEqual({ trap: { oid: '1.3', varbinds: { '1.3.1': '2' } }, host: 'r1', expect: 'clear' });
  });
});
