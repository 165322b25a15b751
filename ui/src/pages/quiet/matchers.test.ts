import { describe, expect, it } from 'vitest';
import { fromText, hiddenTeam, whyNot, words } from './matchers';

describe('fromText', () => {
  it('reads what a link has, and words say it again', () => {
    const matchers = fromText('host=lab-*;rule~bgp; labels.rack=r12;nonsense');
    expect(matchers).toEqual([
      { field: 'host', operator: 'glob', value: 'lab-*' },
      { field: 'rule', operator: 'regex', value: 'bgp' },
      { field: 'labels.rack', operator: 'equals', value: 'r12' },
    ]);
    expect(matchers.map(words)).toEqual(['host=lab-*', 'rule~bgp', 'labels.rack=r12']);
  });
});

it('knows a team only by a matcher that names it', () => {
  expect(hiddenTeam([{ field: 'team', operator: 'glob', value: 'net*' }])).toBeNull();
  expect(hiddenTeam([{ field: 'team', value: 'net' }])).toBe('net');
});

describe('whyNot', () => {
  const net = [{ field: 'team', value: 'net' }];
  it('lets an admin do all, and a viewer nothing', () => {
    expect(whyNot({ role: 'admin', teams: [] }, [], ['wide'])).toBe('');
    expect(whyNot({ role: 'viewer', teams: [] }, net, [])).toContain('operator');
  });

  it('keeps an operator to their teams, and from what is broad', () => {
    const session = { role: 'operator', teams: ['net'] };
    expect(whyNot(session, [{ field: 'host', value: 'a' }], [])).toContain('Team is net');
    expect(whyNot(session, net, [])).toBe('');
    expect(whyNot(session, net, ['it lasts too long'])).toContain('it lasts too long');
  });
});
