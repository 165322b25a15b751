// A condition as a tree for the form. From: `when` and `clear` of a rule. To: the same again. Pure.
//
// What the form cannot show becomes `raw` and is left as it is: that is edited in the code.
import { ALL_OPERATORS, FIELD_NAMES, WITH_NAME, splitField } from './fields';
import { isTable } from './rule';

export interface Group {
  kind: 'group';
  /** `not`: not all of these. */
  of: 'all' | 'any' | 'not';
  children: Node[];
  path: string;
}

export interface Test {
  kind: 'test';
  /** By its whole name: `message`, `varbind.1.3.6`, `json.device.name`. */
  field: string;
  operator: string;
  value: string | boolean | string[];
  isCase: boolean;
  path: string;
}

export interface Raw {
  kind: 'raw';
  value: Record<string, unknown>;
  path: string;
}

export type Node = Group | Test | Raw;

type Table = Record<string, unknown>;

function valueOf(operator: string, value: unknown): Test['value'] | null {
  const isText = (one: unknown) => typeof one === 'string' || typeof one === 'number';
  if (operator === 'exists') return typeof value === 'boolean' ? value : null;
  if (operator === 'in' || operator === 'between') {
    return Array.isArray(value) && value.every(isText) ? value.map(String) : null;
  }
  return isText(value) ? String(value) : null;
}

const SIGNS: Record<string, string> = { '>=': 'at_least', '<=': 'at_most' };

/** The operators of one field; null: the form does not know one. */
function tests(field: string, operators: Table, path: string): Node[] | null {
  const isCase = operators.case === true;
  const found: Node[] = [];
  for (const [sign, value] of Object.entries(operators)) {
    if (sign === 'case') continue;
    const operator = SIGNS[sign] ?? sign;
    const known = ALL_OPERATORS.includes(operator) ? valueOf(operator, value) : null;
    if (known === null) return null;
    found.push({ kind: 'test', field, operator, value: known, isCase, path: `${path}.${sign}` });
  }
  return found.length === 0 ? null : found;
}

/** Tables that lead deeper are parts of the field's name, until one has operators. */
function named(field: string, table: Table, path: string, depth: number): Node[] | null {
  const found: Node[] = [];
  for (const [name, value] of Object.entries(table)) {
    if (!isTable(value)) return null;
    const isEnd = depth === 1 || (depth === 0 && Object.values(value).every((one) => !isTable(one)));
    // An SD-ID that is not typed yet has no dot behind it.
    const whole = name === '' && depth === 2 ? field : `${field}.${name}`;
    const below = isEnd ? tests(whole, value, `${path}.${name}`) : named(whole, value, `${path}.${name}`, Math.max(0, depth - 1));
    if (below === null) return null;
    found.push(...below);
  }
  return found.length === 0 ? null : found;
}

/** How many names follow; 0: as many as lead to operators. */
const NAMES_AFTER: Record<string, number> = { varbind: 1, labels: 1, structured: 2, json: 0 };

function group(of: Group['of'], value: unknown, path: string): Node[] | null {
  if (of === 'not') return isTable(value) ? [{ kind: 'group', of, children: entries(value, path), path }] : null;
  if (!Array.isArray(value) || !value.every(isTable)) return null;
  const children = value.map((one, at) => toNode(one, `${path}[${at}]`));
  return [{ kind: 'group', of, children, path }];
}

function entry(name: string, value: unknown, path: string): Node[] {
  const raw: Node[] = [{ kind: 'raw', value: { [name]: value }, path }];
  if (name === 'all' || name === 'any' || name === 'not') return group(name, value, path) ?? raw;
  if (!FIELD_NAMES.includes(name) || !isTable(value)) return raw;
  const after = NAMES_AFTER[name];
  return (after === undefined ? tests(name, value, path) : named(name, value, path, after)) ?? raw;
}

function entries(table: Table, path: string): Node[] {
  return Object.entries(table).flatMap(([name, value]) => entry(name, value, `${path}.${name}`));
}

function toNode(table: Table, path: string): Node {
  const found = entries(table, path);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  return { kind: 'group', of: 'all', children: found, path };
}

/** The tree of a condition: a group at its root. */
export function toTree(condition: unknown, path: string): Group {
  if (!isTable(condition)) return { kind: 'group', of: 'all', children: [], path };
  const node = toNode(condition, path);
  return node.kind === 'group' ? node : { kind: 'group', of: 'all', children: [node], path };
}

/** Whole numbers are written as such. */
function plain(text: string): string | number {
  return /^(0|-?[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
}

function ofTest(test: Test): Table {
  const { head, name } = splitField(test.field);
  const value = Array.isArray(test.value) ? test.value.map(plain) : typeof test.value === 'string' ? plain(test.value) : test.value;
  const operators: Table = test.isCase ? { [test.operator]: value, case: true } : { [test.operator]: value };
  if (!(head in WITH_NAME)) return { [head]: operators };
  if (head !== 'structured') return { [head]: { [name]: operators } };
  const dot = name.lastIndexOf('.');
  return { [head]: { [name.slice(0, Math.max(0, dot))]: { [name.slice(dot + 1)]: operators } } };
}

function together(parts: readonly Table[]): Table {
  const names = parts.flatMap((part) => Object.keys(part));
  if (new Set(names).size === names.length) return Object.assign({}, ...parts) as Table;
  return { all: parts };
}

/** The condition of a tree, as a person would write it. */
export function toCondition(node: Node): Table {
  if (node.kind === 'raw') return node.value;
  if (node.kind === 'test') return ofTest(node);
  const parts = node.children.map(toCondition);
  if (node.of === 'any') return { any: parts };
  return node.of === 'not' ? { not: together(parts) } : together(parts);
}

/** A group with one child put in the place of another; null takes it away. */
export function withChild(parent: Group, at: number, child: Node | null): Group {
  const children = child === null ? parent.children.toSpliced(at, 1) : parent.children.toSpliced(at, 1, child);
  return { ...parent, children };
}

export function newTest(): Test {
  return { kind: 'test', field: 'message', operator: 'contains', value: '', isCase: false, path: '' };
}

/** A test with another operator: its value is kept where the operator can have it. */
export function withOperator(test: Test, operator: string): Test {
  const text = Array.isArray(test.value) ? (test.value[0] ?? '') : typeof test.value === 'string' ? test.value : '';
  if (operator === 'exists') return { ...test, operator, value: true };
  if (operator === 'between') return { ...test, operator, value: Array.isArray(test.value) ? test.value.slice(0, 2) : [text, ''] };
  if (operator === 'in') return { ...test, operator, value: Array.isArray(test.value) ? test.value : text === '' ? [] : [text] };
  return { ...test, operator, value: text };
}
