// Examples of a rule, and what came of them. From: a draft, and the faults of POST /rules/test. To: the list. Pure.
import type { Schemas } from '@/api/client';
import { type RuleValue, isTable } from './rule';

export interface ExampleValue {
  message?: string;
  trap?: { oid: string; varbinds?: Record<string, unknown> };
  host?: string;
  expect: string;
  key?: string;
}

export interface Judged {
  example: ExampleValue;
  /** What came out otherwise; empty: as expected. */
  faults: string[];
}

export function examplesOf(rule: RuleValue | null): ExampleValue[] {
  const list = rule?.examples;
  return Array.isArray(list) ? list.filter(isTable).map((one) => one as unknown as ExampleValue) : [];
}

/** What an example can expect. */
export const EXPECTED = [
  { value: 'match', label: 'match: the rule owns it' },
  { value: 'clear', label: 'clear: it ends the alert' },
  { value: 'nothing', label: 'nothing: another’s, or nobody’s' },
];

/** Each example with the faults at its place. */
export function judged(rule: RuleValue | null, id: string, faults: readonly Schemas['Fault'][]): Judged[] {
  const own = faults.filter((fault) => fault.name === id);
  return examplesOf(rule).map((example, at) => {
    const place = `examples[${at}]`;
    const found = own.filter((fault) => fault.path === place || fault.path.startsWith(`${place}.`));
    return { example, faults: found.map((fault) => fault.message) };
  });
}

/** Whether all examples could be judged: a rule with other faults has none that are. */
export function hasOtherFaults(id: string, faults: readonly Schemas['Fault'][]): boolean {
  return faults.some((fault) => fault.name === id && !/^(examples|scenarios)\[/.test(fault.path));
}

/** A stored message as an example: a trap with its variables, all else as received. */
export function exampleOf(message: Schemas['MessageView'], expect: string): ExampleValue {
  if (message.trap_oid != null) {
    const varbinds = Object.fromEntries((message.varbinds ?? []).map((one) => [one.oid, one.value]));
    return { trap: { oid: message.trap_oid, varbinds }, host: message.host, expect };
  }
  return { message: message.raw.replace(/[\r\n]+$/, ''), host: message.host, expect };
}
