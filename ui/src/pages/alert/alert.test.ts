import { describe, expect, test } from 'vitest';
import type { Schemas } from '@/api/client';
import { grouped, told } from './moments';
import { captures, quieters, reasonOf, verdict } from './why';

const AT = '2026-11-28T21:10:00Z';
const moment = (one: object) => told({ at: AT, moment: one });

describe('the time line', () => {
  test.each([
    [{ what: 'opened', reason: 'x' }, 'It opened'],
    [{ what: 'event', number: 2, host: 'r1', severity: 'major', id: '1', raw: '<1>x' }, 'Event 2 of r1, major'],
    [{ what: 'made_up_of', ids: ['1', '2'] }, 'Made up of 2 messages together'],
    [{ what: 'told', kind: 'clear', notice_id: 'n' }, 'Told: destinations are told that it is over'],
    [{ what: 'quiet', why: [{ because: 'silenced', by: 'lab' }, { because: 'logged' }] }, 'Nobody is told from now on: silenced by lab; its rule only logs'],
    [{ what: 'ended', ending: 'clear' }, 'It ended: its problem is over'],
    [{ what: 'ended', ending: { hand: { who: 'op', why: 'cable' } } }, 'It ended: op closed it: cable'],
    [{ what: 'ended', ending: { pattern: { why: 'it is handled' } } }, 'It ended: it is handled'],
    [{ what: 'decided', who: 'op', decision: { do: 'comment', text: 'on my way' } }, 'op: on my way'],
    [{ what: 'decided', who: 'op', decision: { do: 'take' } }, 'op took it'],
  ])('%j', (one, words) => {
    expect(moment(one).words).toBe(words);
  });

  test('what is not known is told as it is', () => {
    expect(moment({ what: 'dreamt' })).toMatchObject({ kind: 'other', words: 'dreamt {"what":"dreamt"}' });
  });

  test('events in a row are one group', () => {
    const event = moment({ what: 'event', number: 1, id: '7', raw: 'x' });
    const groups = grouped([moment({ what: 'opened' }), event, event, moment({ what: 'told', kind: 'open' }), event]);
    expect(groups.map((one) => [one.first.kind, one.more.length])).toEqual([['opened', 0], ['event', 1], ['told', 0], ['event', 0]]);
    expect(event).toMatchObject({ raw: 'x', ids: ['7'] });
  });
});

describe('why', () => {
  const reason =
    'rule cisco-bgp-down (revision 9e5d4758def4): mnemonic is one of "A and B", "C" and message matches "neighbor (?<peer>\\S+) .*\\bDown\\b" and not (message matches "x" and host is "y"); environment prod since no development pattern matches the host';

  test('a reason in its parts; "and" in quotes and brackets parts nothing', () => {
    expect(reasonOf(reason)).toEqual({
      conditions: [
        'mnemonic is one of "A and B", "C"',
        'message matches "neighbor (?<peer>\\S+) .*\\bDown\\b"',
        'not (message matches "x" and host is "y")',
      ],
      environment: 'environment prod since no development pattern matches the host',
    });
    expect(reasonOf('100 messages within 24 h')).toEqual({ conditions: ['100 messages within 24 h'], environment: '' });
  });

  test('captures are read where a browser can', () => {
    expect(captures(['message matches "neighbor (?<peer>\\S+) .*Down"'], 'neighbor 203.0.113.9 x Down')).toEqual([['peer', '203.0.113.9']]);
    expect(captures(['message matches "(?i)X(?<a>.)"', 'not (message matches "(?<b>x)")'], 'xy')).toEqual([['a', 'y']]);
    expect(captures(['message matches "(?x) (?<a>.)"'], 'xy')).toEqual([]);
  });

  const alert = { quiet: ['silenced by lab'], notices: 0 } as unknown as Schemas['AlertView'];

  test('each quieter, now or before or never', () => {
    const moments = [{ at: AT, moment: { what: 'quiet', why: [{ because: 'held', until: AT }] } }];
    const states = quieters({ alert, moments }).map((one) => `${one.kind} ${one.state}`);
    expect(states).toEqual(['logged never', 'held before', 'silenced now', 'child never', 'flapping never', 'storm never']);
  });

  test('whether somebody was told', () => {
    const delivery = { destination: 'moogsoft', state: 'delivered' } as Schemas['DeliveryView'];
    expect(verdict({ alert, deliveries: [delivery] })).toBe('Told to moogsoft');
    expect(verdict({ alert, deliveries: [{ ...delivery, state: 'waiting' }] })).toContain('wait to be delivered');
    expect(verdict({ alert, deliveries: [] })).toBe('Not told: silenced by lab');
  });
});
