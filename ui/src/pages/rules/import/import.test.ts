import { describe, expect, it } from 'vitest';
import type { Change } from '../api';
import { type RuleFile, formatOf, lineIn, readRules, together } from './files';
import { counts, otherFaults, reportOf } from './report';

const TOML: RuleFile = {
  name: 'a.toml',
  format: 'toml',
  text: `# two
[[rules]]
id = "a"
priority = 1
handling = "log_only"
when.message.contains = "x"

[[rules]]
id = "b"
priority = 2
handling = "log_only"
when.any = [
  { message.contains = "fan" },
]

[[rules.scenarios]]
name = "s"
`,
};
const YAML: RuleFile = {
  name: 'b.yaml',
  format: 'yaml',
  text: 'rules:\n  - id: c\n    priority: 3\n    when:\n      message: { contains: z }\n  - id: d\n    priority: 4\n',
};

const NOTHING = new Set<string>();

describe('formatOf', () => {
  it('goes by the ending, else by the text', () => {
    expect(formatOf('x.yml', '{')).toBe('yaml');
    expect(formatOf('x.TOML', '')).toBe('toml');
    expect(formatOf('', ' {"rules":[]}')).toBe('json');
    expect(formatOf('', '# x\n[[rules]]\n')).toBe('toml');
    expect(formatOf('', 'rules:\n')).toBe('yaml');
  });
});

describe('readRules', () => {
  it('finds rules with their lines', () => {
    expect(readRules(TOML).rules.map((rule) => [rule.id, rule.line])).toEqual([['a', 2], ['b', 8]]);
    expect(readRules(YAML).rules.map((rule) => [rule.id, rule.line])).toEqual([['c', 2], ['d', 6]]);
  });

  it('takes one rule alone, and says what is no rule file', () => {
    expect(readRules({ name: 'x', format: 'yaml', text: 'id: a\n' }).rules).toHaveLength(1);
    expect(readRules({ name: 'x', format: 'yaml', text: 'hosts: []\n' }).fault?.message).toContain('no list');
  });

  it('says in which line a file cannot be read', () => {
    expect(readRules({ ...TOML, text: '[[rules]]\nid = \n' }).fault?.line).toBe(2);
    expect(readRules({ ...YAML, text: 'rules:\n  - id: [1\n' }).fault?.line).toBeGreaterThan(1);
  });

  it('puts several files together', () => {
    const rules = [TOML, YAML].flatMap((file) => readRules(file).rules);
    expect((JSON.parse(together(rules)) as { rules: { id: string }[] }).rules.map((rule) => rule.id)).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('lineIn', () => {
  it('finds parts in TOML, or what is around them', () => {
    expect(lineIn(TOML, 0, 'when.message.contains')).toBe(6);
    expect(lineIn(TOML, 1, 'when.any[0].message.contains')).toBe(12);
    expect(lineIn(TOML, 1, 'scenarios[0].name')).toBe(16);
    expect(lineIn(TOML, 1, 'team')).toBe(8);
  });

  it('finds parts in YAML', () => {
    expect(lineIn(YAML, 0, 'when.message.contains')).toBe(5);
    expect(lineIn(YAML, 1, 'priority')).toBe(7);
  });
});

describe('reportOf', () => {
  const files = [TOML, YAML];
  const rules = files.flatMap((file) => readRules(file).rules);
  const change = (name: string, action: Change['action']): Change => ({ kind: 'rule', name, action });

  it('says of each rule what becomes of it', () => {
    const saved = { revision: 3, dry_run: true, warnings: [], changes: [change('a', 'added'), change('b', 'changed'), change('old', 'removed')] };
    const rows = reportOf(rules, new Set(['d']), files, { saved, faults: [] }, false);
    expect(rows.map((row) => [row.id, row.state])).toEqual([
      ['a', 'new'],
      ['b', 'changed'],
      ['c', 'same'],
      ['d', 'left out'],
      ['old', 'removed'],
    ]);
    expect(counts(rows)).toEqual([['new', 1], ['changed', 1], ['same', 1], ['left out', 1], ['removed', 1]]);
  });

  it('says in which line of which file a rule is wrong', () => {
    const faults = [{ kind: 'rule', name: 'b', path: 'when.any[0].message', message: 'bad', line: 1 }];
    const [, row] = reportOf(rules, NOTHING, files, { saved: null, faults }, false);
    expect(row).toMatchObject({ state: 'refused', file: 'a.toml', faults: [{ line: 12, message: 'bad' }] });
    const [, raw] = reportOf(rules, NOTHING, files, { saved: null, faults }, true);
    expect(raw?.faults[0]?.line).toBe(1);
    expect(reportOf(rules, NOTHING, files, { saved: null, faults }, false)[0]?.state).toBe('waiting');
  });

  it('tells what belongs to no rule of the files', () => {
    const faults = [{ kind: 'rule', name: 'other', path: 'examples[0]', message: 'is taken' }];
    expect(otherFaults(rules, [{ file: 'x', line: 2, message: 'odd' }], { saved: null, faults })).toEqual([
      'x, line 2: odd',
      'rule other, examples[0]: is taken',
    ]);
  });
});
