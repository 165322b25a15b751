import { describe, expect, it } from 'vitest';
import { asLive, readable } from './rule';
import { lineOf, parse, print, withPart } from './text';

const TEXT = `# why
id: a
priority: 5
when:
  any:
    - message: { contains: fan }
    - app: { equals: x }
      message:
        regex: 'power \\d+'
  varbind:
    1.3.6.1.2.1: { equals: 2 }
handling: log_only
`;

describe('readable', () => {
  it('writes several tests as one table if that is the same rule', () => {
    const when = { all: [{ app: { equals: 'a' } }, { message: { contains: 'b' } }, { not: { host: { glob: 'lab-*' } } }] };
    expect(readable({ when }).when).toEqual({
      app: { equals: 'a' },
      message: { contains: 'b' },
      not: { host: { glob: 'lab-*' } },
    });
  });

  it('keeps a list whose order a table would change, or that has a name twice', () => {
    const other = { all: [{ message: { contains: 'b' } }, { app: { equals: 'a' } }] };
    expect(readable({ when: other }).when).toEqual(other);
    const twice = { all: [{ message: { contains: 'a' } }, { message: { contains: 'b' } }] };
    expect(readable({ when: twice }).when).toEqual(twice);
  });

  it('writes one handling for both environments once', () => {
    expect(readable({ handling: { prod: 'log_only', dev: 'log_only' } }).handling).toBe('log_only');
    expect(readable({ handling: { prod: 'page_only', dev: 'log_only' } }).handling).toEqual({ prod: 'page_only', dev: 'log_only' });
  });
});

describe('parse', () => {
  it('reads what print writes', () => {
    const rule = { id: 'a', mode: 'off', key: '10', when: { message: { regex: String.raw`(?<x>\S+): '#` } } };
    for (const format of ['yaml', 'json'] as const) expect(parse(print(rule, format), format).value).toEqual(rule);
  });

  it('says in which line the text cannot be read', () => {
    expect(parse('id: a\nwhen: [1\n', 'yaml').fault?.line).toBeGreaterThan(1);
    expect(parse('{\n  "id": "a",\n}', 'json').fault?.line).toBe(3);
    expect(parse('- a', 'yaml').fault?.message).toContain('no rule');
  });
});

describe('withPart', () => {
  it('changes one part and keeps comments and the rest', () => {
    const changed = withPart(TEXT, 'yaml', ['priority'], 7);
    expect(changed).toContain('# why\nid: a\npriority: 7\nwhen:');
    expect(changed).toContain("regex: 'power \\d+'");
  });

  it('puts a new part where it belongs, and takes one away', () => {
    const more = withPart(TEXT, 'yaml', ['mode'], 'shadow');
    expect(more.indexOf('mode: shadow')).toBeLessThan(more.indexOf('when:'));
    expect(withPart(more, 'yaml', ['mode'], undefined)).not.toContain('mode');
  });

  it('does so in JSON', () => {
    expect(JSON.parse(withPart('{"id":"a","handling":"log_only"}', 'json', ['team'], 'net'))).toEqual({
      id: 'a',
      handling: 'log_only',
      team: 'net',
    });
  });
});

describe('lineOf', () => {
  it('finds parts, also below lists and names with dots', () => {
    expect(lineOf(TEXT, 'priority')).toBe(3);
    expect(lineOf(TEXT, 'when.any[0].message.contains')).toBe(6);
    expect(lineOf(TEXT, 'when.any[1].message.regex')).toBe(9);
    expect(lineOf(TEXT, 'when.varbind.1.3.6.1.2.1.equals')).toBe(11);
  });

  it('finds the nearest part around what is not there', () => {
    expect(lineOf(TEXT, 'when.any[1].host.glob')).toBe(7);
    expect(lineOf(TEXT, 'team')).toBeNull();
  });
});

it('judges a draft as if it were live', () => {
  expect(asLive({ id: 'a', mode: 'off' })).toEqual({ id: 'a' });
});
