// The ledger in words: what became of stored messages, whether that adds up, what was lost. Pure.
import type { Schemas } from '@/api/client';
import type { InputReport, Process } from '@/api/reports';
import type { Span } from '@/shared/charts/Spans';
import { formatNumber, plural } from '@/shared/format';

type Latency = Schemas['Latency'];
type LatencyHour = Schemas['LatencyHour'];
type Ledger = Schemas['Ledger'];
type Line = Schemas['LineView'];

/** Outcomes by their names in the API. */
const WORDS: Record<string, string> = {
  archived: 'archived',
  unconfirmed: 'sent without an answer',
  withheld: 'not sent back where they came from',
  skipped: 'skipped by choice',
  elsewhere: 'of another reader',
  alerting: 'of alerts',
  logged: 'only logged',
  suppressed: 'known noise',
  unhandled: 'that no rule wants',
  repeated: 'repeats by their sender',
  unauthenticated: 'not authenticated',
  lost: 'lost',
};

export function outcomeWords(name: string): string {
  return WORDS[name] ?? name;
}

export interface Part {
  name: string;
  words: string;
  count: number;
}

/** The right side of the equation, the most first; waiting and lost always stand there, at the end. */
export function parts({ done, waiting }: Line): Part[] {
  const others = Object.entries(done).filter(([name, count]) => name !== 'lost' && count > 0);
  const sorted = others.toSorted(([, a], [, b]) => b - a).map(([name, count]) => ({ name, words: outcomeWords(name), count }));
  return [
    ...sorted,
    { name: 'waiting', words: 'waiting', count: waiting },
    { name: 'lost', words: 'lost', count: done.lost ?? 0 },
  ];
}

/** What the API says is wrong with one reader's account. */
export function faultsOf(faults: readonly string[], reader: string): string[] {
  return faults.filter((fault) => fault.startsWith(`${reader}:`) || fault.startsWith(`${reader},`));
}

/** `None since the journal began`, or the last one, and for how long there was none since. */
export function lossText({ losses, inputs }: Pick<Ledger, 'losses' | 'inputs'>, format: (at: string) => string): string {
  const { lost, last, hours_without: without } = losses;
  if (lost === 0 && last == null) {
    const first = inputs.map((input) => input.since).toSorted()[0];
    return first === undefined ? 'Since the journal began' : `Since the journal began; numbers since ${format(first)}`;
  }
  if (last == null) return 'Before the hours that are kept: none since then';
  return `The last in the hour of ${format(last)}; ${plural(without ?? 0, 'hour')} without one since`;
}

export interface InputRow {
  input: string;
  /** Judged, over all processes and restarts; null: none. */
  messages: number | null;
  since: string | null;
  last: string | null;
  /** Since the processes began that report now. */
  received: number;
  stored: number;
  dropped: number;
  refused: { reason: string; count: number }[];
}

function merged(reports: readonly InputReport[]): Pick<InputRow, 'received' | 'stored' | 'dropped' | 'refused'> {
  const refused = new Map<string, number>();
  let [received, stored, dropped] = [0, 0, 0];
  for (const report of reports) {
    received += report.received;
    stored += report.stored;
    dropped += report.kernel_dropped;
    for (const { reason, count } of report.refused) refused.set(reason, (refused.get(reason) ?? 0) + count);
  }
  const reasons = [...refused].filter(([, count]) => count > 0).toSorted(([, a], [, b]) => b - a);
  return { received, stored, dropped, refused: reasons.map(([reason, count]) => ({ reason, count })) };
}

/** Inputs of the ledger and of all processes, the most messages first. */
export function inputRows(ledger: Pick<Ledger, 'inputs'>, processes: readonly Process[]): InputRow[] {
  const reports = processes.flatMap((process) => process.inputs);
  const names = new Set([...ledger.inputs.map((one) => one.input), ...reports.map((one) => one.input)]);
  const rows = [...names].map((input) => {
    const counted = ledger.inputs.find((one) => one.input === input);
    return {
      input,
      messages: counted?.messages ?? null,
      since: counted?.since ?? null,
      last: counted?.last ?? null,
      ...merged(reports.filter((one) => one.input === input)),
    };
  });
  return rows.toSorted((a, b) => (b.messages ?? 0) - (a.messages ?? 0) || (a.input < b.input ? -1 : 1));
}

/** `too_long` → `too long`. */
export function refusedText(refused: InputRow['refused']): string {
  return refused.map(({ reason, count }) => `${formatNumber(count)} ${reason.replaceAll('_', ' ')}`).join(', ');
}

const HOUR_MS = 3_600_000;

/** One span for each hour until `now_ms`, also for those without a page. */
export function spans(latency: Pick<Latency, 'hours'>, hours: number, now_ms: number): Span[] {
  const known = new Map<number, LatencyHour>(latency.hours.map((one) => [Math.floor(Date.parse(one.hour) / HOUR_MS), one]));
  const last = Math.floor(now_ms / HOUR_MS);
  return Array.from({ length: hours }, (_, at) => {
    const hour = last - hours + 1 + at;
    const date = new Date(hour * HOUR_MS);
    const found = known.get(hour);
    return { label: hourText(date), short: hourShort(date, hours), from: found?.p50_ms ?? null, to: found?.p99_ms ?? null };
  });
}

const two = (value: number) => String(value).padStart(2, '0');

function hourText(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:00`;
}

/** Each sixth hour of a day; of many days, their names at midnight. */
function hourShort(date: Date, hours: number): string {
  if (hours > 24) return date.getHours() === 0 ? new Intl.DateTimeFormat('en', { weekday: 'short' }).format(date) : '';
  return date.getHours() % 6 === 0 ? `${two(date.getHours())}:00` : '';
}
