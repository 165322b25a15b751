// What an import would do, rule by rule. From: the files, and what the API says of a dry run. To: the table. Pure.
import type { Change, Fault, Saved } from '../api';
import { type FileFault, type FoundRule, type RuleFile, lineIn } from './files';

export type RowState = 'new' | 'changed' | 'same' | 'refused' | 'removed' | 'left out' | 'waiting';

export interface ReportRow {
  key: string;
  id: string;
  file: string;
  line: number | null;
  state: RowState;
  change: Change | null;
  /** What is wrong, with the line of each. */
  faults: { line: number | null; path: string; message: string }[];
  warnings: string[];
}

export interface Answer {
  /** null: it was refused. */
  saved: Saved | null;
  faults: readonly Fault[];
}

function stateOf(change: Change | null, faults: number, isRefused: boolean): RowState {
  if (faults > 0) return 'refused';
  if (isRefused) return 'waiting';
  if (change === null) return 'same';
  return change.action === 'added' ? 'new' : 'changed';
}

/** `isRaw`: the file went to the API as it is, so the lines that it tells are the file's. */
export function reportOf(
  rules: readonly FoundRule[],
  leftOut: ReadonlySet<string>,
  files: readonly RuleFile[],
  answer: Answer,
  isRaw: boolean,
): ReportRow[] {
  const changes = new Map((answer.saved?.changes ?? []).filter((one) => one.kind === 'rule').map((one) => [one.name, one]));
  const rows = rules.map((rule): ReportRow => {
    const file = files.find((one) => one.name === rule.file);
    const lineOf = (path: string) => (file === undefined ? null : lineIn(file, rule.at, path));
    const own = answer.faults.filter((fault) => fault.name === rule.id && rule.id !== '');
    const change = changes.get(rule.id) ?? null;
    const isOut = leftOut.has(rule.id);
    return {
      key: `${rule.file} ${rule.at}`,
      id: rule.id,
      file: rule.file,
      line: rule.line,
      state: isOut ? 'left out' : stateOf(change, own.length, answer.saved === null),
      change: isOut ? null : change,
      faults: isOut ? [] : own.map(({ path, message, line }) => ({ path, message, line: (isRaw ? line : null) ?? lineOf(path) })),
      warnings: (answer.saved?.warnings ?? []).filter((one) => one.name === rule.id).map((one) => one.message),
    };
  });
  const removed = [...changes.values()].filter((change) => change.action === 'removed');
  return [
    ...rows,
    ...removed.map((change): ReportRow => ({
      key: `removed ${change.name}`,
      id: change.name,
      file: '',
      line: null,
      state: 'removed',
      change,
      faults: [],
      warnings: [],
    })),
  ];
}

/** Faults that belong to no rule of the files: the files cannot be read, or other rules would break. */
export function otherFaults(rules: readonly FoundRule[], unread: readonly FileFault[], answer: Answer): string[] {
  const known = new Set(rules.map((rule) => rule.id));
  const place = (file: string, line: number | null) => (line === null ? file : `${file}, line ${line}`);
  const words = (fault: Fault) => [fault.name === undefined || fault.name === null ? '' : `${fault.kind} ${fault.name}`, fault.path, fault.line == null ? '' : `line ${fault.line}`].filter(Boolean).join(', ');
  return [
    ...unread.map((fault) => `${place(fault.file, fault.line)}: ${fault.message}`),
    ...answer.faults.filter((fault) => fault.name == null || !known.has(fault.name)).map((fault) => `${words(fault)}: ${fault.message}`.replace(/^: /, '')),
  ];
}

export function counts(rows: readonly ReportRow[]): [RowState, number][] {
  const states: RowState[] = ['new', 'changed', 'same', 'refused', 'waiting', 'left out', 'removed'];
  return states.map((state): [RowState, number] => [state, rows.filter((row) => row.state === state).length]).filter(([, count]) => count > 0);
}
