// The text of a rule and its value, and where in the text a part stands. From: the code. To: the form, and back. Pure.
import { type Document, type Pair, LineCounter, Scalar, isMap, isPair, isScalar, isSeq, parseDocument, stringify } from 'yaml';
import { PARTS, type RuleValue, isTable } from './rule';

export type Format = 'yaml' | 'json';

export const MEDIA: Record<Format, string> = { yaml: 'application/yaml', json: 'application/json' };

export interface TextFault {
  message: string;
  /** From 1. */
  line: number;
}

export interface Parsed {
  /** null: the text cannot be read. */
  value: RuleValue | null;
  fault: TextFault | null;
}

const YAML = { lineWidth: 0, singleQuote: true } as const;

export function print(rule: unknown, format: Format): string {
  return format === 'json' ? `${JSON.stringify(rule, null, 2)}\n` : stringify(rule, YAML);
}

function read(text: string): { doc: Document.Parsed; lines: LineCounter } {
  const lines = new LineCounter();
  return { doc: parseDocument(text, { lineCounter: lines, prettyErrors: false }), lines };
}

/** Strict: YAML takes most JSON, and more than that. */
function jsonFault(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return (error as Error).message.replace(/^JSON\.parse: /, '');
  }
}

export function parse(text: string, format: Format): Parsed {
  const { doc, lines } = read(text);
  const [error] = doc.errors;
  if (error !== undefined) {
    return { value: null, fault: { message: error.message, line: lines.linePos(error.pos[0]).line } };
  }
  const strict = format === 'json' ? jsonFault(text) : null;
  if (strict !== null) return { value: null, fault: { message: strict, line: lineOfMessage(strict, text) } };
  const value: unknown = doc.toJS();
  if (!isTable(value)) return { value: null, fault: { message: 'This is no rule: expected parts such as `id: …`', line: 1 } };
  return { value, fault: null };
}

function lineOfMessage(message: string, text: string): number {
  const line = /line (\d+)/.exec(message)?.[1];
  if (line !== undefined) return Number(line);
  const position = /position (\d+)/.exec(message)?.[1];
  return position === undefined ? 1 : text.slice(0, Number(position)).split('\n').length;
}

function nameOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

/** The text with one part changed; undefined takes it away. Comments and all else stay as they are. */
export function withPart(text: string, format: Format, path: readonly string[], value: unknown): string {
  const { doc } = read(text);
  if (value === undefined) doc.deleteIn(path);
  else doc.setIn(path, doc.createNode(value));
  inOrder(doc);
  return format === 'json' ? print(doc.toJS(), 'json') : doc.toString(YAML);
}

/** New parts stand where they belong; who put theirs in another order keeps it, if nothing is new. */
function inOrder(doc: Document): void {
  if (!isMap(doc.contents)) return;
  const rank = (pair: unknown) => {
    const at = isPair(pair) ? PARTS.indexOf(nameOf(pair)) : -1;
    return at < 0 ? PARTS.length : at;
  };
  const { items } = doc.contents;
  const last = items.at(-1);
  if (last === undefined || items.slice(0, -1).every((pair) => rank(pair) <= rank(last))) return;
  const before = items.findIndex((pair) => rank(pair) > rank(last));
  items.splice(before, 0, ...items.splice(-1));
}

/** `when.any[1].message.regex` at its line; of a part that is not written, the line of the nearest around it. */
export function lineOf(text: string, path: string): number | null {
  const { doc, lines } = read(text);
  let node: unknown = doc.contents;
  let rest = path;
  let offset: number | null = null;
  while (rest !== '') {
    const step = isMap(node) ? into(node.items, rest) : isSeq(node) ? nth(node.items, rest) : null;
    if (step === null) break;
    offset = step.offset ?? offset;
    node = step.node;
    rest = step.rest;
  }
  return offset === null ? null : lines.linePos(offset).line;
}

interface Step {
  node: unknown;
  offset: number | null;
  rest: string;
}

/** A name may have dots in it, as an OID has: the longest that fits. */
function into(pairs: readonly Pair[], path: string): Step | null {
  const fits = (name: string) => path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`);
  const found = pairs.filter((pair) => fits(nameOf(pair))).toSorted((a, b) => nameOf(b).length - nameOf(a).length)[0];
  if (found === undefined) return null;
  const offset = found.key instanceof Scalar ? (found.key.range?.[0] ?? null) : null;
  return { node: found.value, offset, rest: path.slice(nameOf(found).length).replace(/^\./, '') };
}

function nth(items: readonly unknown[], path: string): Step | null {
  const found = /^\[(\d+)\]\.?/.exec(path);
  const node = found === null ? undefined : items[Number(found[1])];
  if (found === null || node === undefined) return null;
  const offset = (node as { range?: [number, number, number] | null }).range?.[0] ?? null;
  return { node, offset, rest: path.slice(found[0].length) };
}
