import { describe, expect, it } from 'vitest';
import { type Group, newTest, toCondition, toTree, withChild, withOperator } from './condition';

/** Through the form and back nothing changes. */
const SAME: readonly Record<string, unknown>[] = [
  { message: { contains: 'fan' } },
  { app: { equals: 'a' }, message: { regex: 'b' } },
  { any: [{ message: { contains: 'a' } }, { app: { equals: 'x' }, message: { regex: 'y' } }] },
  { all: [{ message: { contains: 'a' } }, { message: { contains: 'b' } }] },
  { severity: { at_least: 'error' }, not: { host: { glob: 'lab-*' } } },
  { varbind: { '1.3.6.1.2.1.2.2.1.8': { in: [2, 7] } }, peer: { cidr: '10.0.0.0/8' } },
  { structured: { 'junos@2636.1': { 'interface-name': { glob: 'xe-*' } } } },
  { json: { 'sensor.value': { at_least: 85 } }, labels: { room: { in: ['a1'] } } },
  { message: { contains: 'DOWN', case: true } },
  { app: { exists: false } },
  { message: { between: [1, '2.5'] } },
];

describe('toTree and toCondition', () => {
  it.each(SAME)('keeps %j', (condition) => {
    expect(toCondition(toTree(condition, 'when'))).toEqual(condition);
  });

  it('names members of JSON by their path, nested or not', () => {
    const tree = toTree({ json: { sensor: { kind: { equals: 't' }, value: { at_least: 85 } } } }, 'when');
    expect(tree.children.map((one) => one.kind === 'test' && one.field)).toEqual(['json.sensor.kind', 'json.sensor.value']);
  });

  it('leaves alone what the form does not know', () => {
    const odd = { mesage: { contains: 'a' }, host: { near: 'b' }, app: 'x' };
    const tree = toTree(odd, 'when');
    expect(tree.children.map((one) => one.kind)).toEqual(['raw', 'raw', 'raw']);
    expect(toCondition(tree)).toEqual(odd);
  });

  it('knows where each test stands', () => {
    const tree = toTree({ any: [{ app: { equals: 'a' } }, { app: { equals: 'x' }, message: { regex: 'y' } }] }, 'when');
    const second = tree.children[1] as Group;
    expect(tree.children[0]?.path).toBe('when.any[0].app.equals');
    expect(second.children[1]?.path).toBe('when.any[1].message.regex');
  });

  it('writes two tests of one field as a list', () => {
    const tree = toTree({ message: { contains: 'a' } }, 'when');
    const two = { ...tree, children: [...tree.children, newTest()] };
    expect(toCondition(two)).toEqual({ all: [{ message: { contains: 'a' } }, { message: { contains: '' } }] });
    expect(toCondition(withChild(two, 1, null))).toEqual({ message: { contains: 'a' } });
  });
});

describe('withOperator', () => {
  it('keeps the value where it can', () => {
    const test = { ...newTest(), value: 'a' };
    expect(withOperator(test, 'in').value).toEqual(['a']);
    expect(withOperator(withOperator(test, 'in'), 'equals').value).toBe('a');
    expect(withOperator(test, 'exists').value).toBe(true);
    expect(withOperator(test, 'between').value).toEqual(['a', '']);
  });
});
