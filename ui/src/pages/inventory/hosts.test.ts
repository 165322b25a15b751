import { describe, expect, it } from 'vitest';
import { DEFAULTS, kindOf, shows, toEntry, toValues } from './hosts';

it('knows hosts, patterns and networks', () => {
  expect(kindOf('core-1.example.net')).toBe('host');
  expect(kindOf('10.1.0.0/16')).toBe('network');
  expect(kindOf('2001:db8::/32')).toBe('network');
  expect(kindOf('lab-*')).toBe('pattern');
  expect(kindOf('r[12]')).toBe('pattern');
});

describe('shows', () => {
  const host = { revision: 1, entry: { host: 'core-1', site: 'fra1', team: 'net', labels: { rack: 'r12' } } };
  it('finds by host, site and label', () => {
    for (const text of ['CORE', 'fra', 'rack=r12']) expect(shows(host, { ...DEFAULTS, text })).toBe(true);
    expect(shows(host, { ...DEFAULTS, text: 'lon' })).toBe(false);
    expect(shows(host, { ...DEFAULTS, environment: 'prod' })).toBe(false);
    expect(shows(host, { ...DEFAULTS, kind: 'network' })).toBe(false);
  });
});

it('an entry comes out of its form as it went in', () => {
  const entry = { host: '10.1.0.0/16', environment: 'dev', site: 'lab', labels: { rack: 'r1' } } as const;
  expect(toEntry(toValues(entry))).toEqual(entry);
  expect(toEntry(toValues({ host: 'a' }))).toEqual({ host: 'a' });
});
