// What the rules say of a message, in words. From: POST /explain. To: Verdict. Pure.
import type { Schemas } from '@/api/client';

type Explanation = Schemas['Explanation'];

/** In one sentence, what the rules make of it. */
export function verdictWords({ owner, clears, stages, near }: Explanation): string {
  const ends = clears.map((one) => one.rule).join(', ');
  if (owner != null) return `${owner.rule} wants it: ${owner.handling.replaceAll('_', ' ')}, ${owner.severity}, ${owner.team === '' ? 'no team' : `team ${owner.team}`}`;
  if (ends !== '') return `It ends an alert of ${ends}`;
  if (stages.length > 0) return `It is a later part of ${stages.map((one) => one.rule).join(', ')}`;
  const [first] = near;
  const closest = first === undefined ? '' : `; ${first.rule} came nearest, ${first.held} of ${first.tests} tests held`;
  return `No rule wants it${closest}`;
}

export interface Claim {
  what: string;
  matched: Schemas['Matched'];
}

/** Every rule that has to do with it, and what. */
export function claims({ owner, lost, clears, stages, continues, shadows }: Explanation): Claim[] {
  const all = (what: string, matches: readonly Schemas['Matched'][]) => matches.map((matched) => ({ what, matched }));
  return [
    ...all('wins', owner == null ? [] : [owner]),
    ...all('wants it too, but comes later', lost),
    ...all('ends its alert by it', clears),
    ...all('takes it as a later part', stages),
    ...all('labels it', continues),
    ...all('would want it, in shadow', shadows),
  ];
}

/** The fields of a message that it has. */
export function fieldsOf(message: Schemas['MessageView']): [name: string, value: string][] {
  const known: [string, unknown][] = [
    ['host', message.host],
    ['severity', message.severity],
    ['facility', message.facility],
    ['app', message.app],
    ['procid', message.procid],
    ['msgid', message.msgid],
    ['mnemonic', message.mnemonic],
    ['message', message.message],
    ['trap', message.trap_name ?? message.trap_oid],
    ['trap error', message.trap_error],
    ['snmp user', message.snmp_user],
    ['snmp verdict', message.snmp_verdict],
    ['peer', message.peer],
    ['input', message.input],
    ['sent', message.sent],
    ['received', message.received],
    ['stored', message.appended],
  ];
  return known.flatMap(([name, value]) => (value === null || value === undefined || value === '' ? [] : [[name, String(value)]]));
}
