// Why an alert was told, or was not, step by step. From: what GET /alerts/{id} tells. To: Why. Pure.
import type { Schemas } from '@/api/client';
import { type Quiet, type QuietKind, quietOf, quietOfMoment } from '@/shared/alerts/quiet';

type AlertDetail = Schemas['AlertDetail'];

export interface Reason {
  /** The tests that held, each in words. */
  conditions: string[];
  /** `environment prod since …`. */
  environment: string;
}

const HEAD = /^rule \S+ \(revision [^)]*\): /;

/** At ` and ` that stands in no quotes and no brackets. */
function parts(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let quoted = false;
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === '\\' && quoted) at += 1;
    else if (sign === '"') quoted = !quoted;
    else if (!quoted && sign === '(') depth += 1;
    else if (!quoted && sign === ')') depth -= 1;
    else if (!quoted && depth === 0 && text.startsWith(' and ', at)) {
      found.push(text.slice(from, at));
      from = at + 5;
    }
  }
  found.push(text.slice(from));
  return found.filter((part) => part !== '');
}

/** `rule x (revision y): A and B; environment prod since C` in its parts. */
export function reasonOf(reason: string): Reason {
  const body = reason.replace(HEAD, '');
  const at = body.lastIndexOf('; environment ');
  const [tests, environment] = at === -1 ? [body, ''] : [body.slice(0, at), body.slice(at + 2)];
  return { conditions: parts(tests), environment };
}

/**
 * What the expressions with names found in the message. Only a help to read: MUTT's own expressions are
 * Rust's, and what a browser cannot read is left out.
 */
export function captures(conditions: readonly string[], message: string): [name: string, value: string][] {
  return conditions.flatMap((condition) => {
    const pattern = /^message matches "(.*)"$/s.exec(condition)?.[1];
    if (pattern === undefined) return [];
    return Object.entries(groupsOf(pattern, message)).filter(([, value]) => value !== undefined);
  });
}

function groupsOf(pattern: string, message: string): Record<string, string> {
  const flags = pattern.startsWith('(?i)') ? 'i' : '';
  try {
    return new RegExp(pattern.replace('(?i)', '').replaceAll('(?P<', '(?<'), flags).exec(message)?.groups ?? {};
  } catch {
    return {};
  }
}

export const QUIETERS: readonly QuietKind[] = ['logged', 'held', 'silenced', 'child', 'flapping', 'storm'];

export interface Quieter {
  kind: QuietKind;
  /** now: it is quiet by it; before: it was, as the time line tells; never: it did not try. */
  state: 'now' | 'before' | 'never';
  reasons: Quiet[];
}

function reasonsOf(moment: unknown): Quiet[] {
  const { what, why } = moment as { what?: string; why?: unknown };
  if (what !== 'quiet' || !Array.isArray(why)) return [];
  return why.map((one) => quietOfMoment(one as Record<string, unknown>));
}

function without(reasons: readonly Quiet[]): Quiet[] {
  return [...new Map(reasons.map((one) => [one.words, one])).values()];
}

/** Each thing that can quiet an alert, and whether it did. */
export function quieters({ alert, moments }: Pick<AlertDetail, 'alert' | 'moments'>): Quieter[] {
  const now = alert.quiet.map(quietOf);
  const before = moments.flatMap(({ moment }) => reasonsOf(moment));
  return QUIETERS.map((kind): Quieter => {
    const held = now.filter((one) => one.kind === kind);
    if (held.length > 0) return { kind, state: 'now', reasons: without(held) };
    const past = before.filter((one) => one.kind === kind);
    return { kind, state: past.length > 0 ? 'before' : 'never', reasons: without(past) };
  });
}

/** In one sentence, whether somebody was told. */
export function verdict({ alert, deliveries }: Pick<AlertDetail, 'alert' | 'deliveries'>): string {
  const reached = new Set(deliveries.filter((one) => one.state === 'delivered').map((one) => one.destination));
  if (reached.size > 0) return `Told to ${[...reached].join(', ')}`;
  if (deliveries.some((one) => one.state === 'dead')) return 'Not told: its notices could not be delivered';
  if (deliveries.some((one) => one.state === 'waiting')) return 'Not told yet: its notices wait to be delivered';
  if (alert.quiet.length > 0) return `Not told: ${alert.quiet.join('; ')}`;
  return alert.notices === 0 ? 'Not told: no notice was made of it' : 'What became of its notices is no longer kept';
}
