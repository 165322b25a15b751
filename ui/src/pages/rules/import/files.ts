// Rule files as they are pasted or uploaded: which rules are in them, and in which line each part stands. Pure.
import { TomlError, parse as parseToml } from 'smol-toml';
import { type RuleValue, isTable, textOf } from '../model/rule';
import { lineOf, parse } from '../model/text';

export type FileFormat = 'yaml' | 'json' | 'toml';

export const FILE_MEDIA: Record<FileFormat, string> = {
  yaml: 'application/yaml',
  json: 'application/json',
  toml: 'application/toml',
};

export interface RuleFile {
  name: string;
  text: string;
  format: FileFormat;
}

export interface FoundRule {
  file: string;
  /** Its place in its file, from 0. */
  at: number;
  id: string;
  value: RuleValue;
  /** Where it begins. */
  line: number | null;
}

export interface FileFault {
  file: string;
  line: number | null;
  message: string;
}

/** By the name's ending, else by how the text begins. */
export function formatOf(name: string, text: string): FileFormat {
  const ending = /\.(ya?ml|json|toml)$/i.exec(name)?.[1]?.toLowerCase();
  if (ending === 'json' || ending === 'toml') return ending;
  if (ending !== undefined) return 'yaml';
  if (/^\s*\{/.test(text)) return 'json';
  return /^\s*(\[\[rules\]\]|rules\s*=)/m.test(text) ? 'toml' : 'yaml';
}

function valueOf(file: RuleFile): { value: RuleValue | null; fault: FileFault | null } {
  if (file.format !== 'toml') {
    const { value, fault } = parse(file.text, file.format);
    return { value, fault: fault === null ? null : { file: file.name, ...fault } };
  }
  try {
    return { value: parseToml(file.text) as RuleValue, fault: null };
  } catch (error) {
    const line = error instanceof TomlError ? error.line : null;
    const [message = 'cannot be read'] = (error as Error).message.split('\n');
    return { value: null, fault: { file: file.name, line, message } };
  }
}

/** A file with a list `rules`, or one rule alone. */
export function readRules(file: RuleFile): { rules: FoundRule[]; fault: FileFault | null } {
  const { value, fault } = valueOf(file);
  if (value === null) return { rules: [], fault };
  const list = Array.isArray(value.rules) ? value.rules : value.id === undefined ? null : [value];
  if (list === null) {
    return { rules: [], fault: { file: file.name, line: 1, message: 'There is no list `rules` in it' } };
  }
  const rules = list.filter(isTable).map((rule, at) => ({
    file: file.name,
    at,
    id: textOf(rule, 'id'),
    value: rule,
    line: lineIn(file, at, ''),
  }));
  return { rules, fault: null };
}

/** The line of a part of the rule at a place in its file. */
export function lineIn(file: RuleFile, at: number, path: string): number | null {
  if (file.format === 'toml') return tomlLine(file.text, at, path);
  const isAlone = !/["']?rules["']?\s*:/.test(file.text);
  if (isAlone) return path === '' ? 1 : lineOf(file.text, path);
  return lineOf(file.text, path === '' ? `rules[${at}]` : `rules[${at}].${path}`);
}

/** In TOML a part is a line that begins with its name, or with a name around it; comments and texts are not read. */
function tomlLine(text: string, at: number, path: string): number | null {
  const lines = text.split('\n');
  const starts = lines.flatMap((line, number) => (/^\s*\[\[rules\]\]/.test(line) ? [number] : []));
  const start = starts[at];
  if (start === undefined) return null;
  const end = starts[at + 1] ?? lines.length;
  for (let name = path.replaceAll(/\[\d+\]/g, ''); name !== ''; name = name.slice(0, Math.max(0, name.lastIndexOf('.')))) {
    const found = lines.slice(start, end).findIndex((line) => begins(line.replaceAll('"', '').trim(), name));
    if (found >= 0) return start + found + 1;
  }
  return start + 1;
}

function begins(line: string, name: string): boolean {
  const own = line.replace(/^\[+rules\./, '').replace(/\]+$/, '');
  return own === name || (own.startsWith(name) && /^[\s=.]/.test(own.slice(name.length)));
}

/** All rules as one file. */
export function together(rules: readonly FoundRule[]): string {
  return JSON.stringify({ rules: rules.map((rule) => rule.value) });
}
