// Which fields and operators conditions have, as docs/rules.md lists them. Pure.

type Sort = 'text' | 'word' | 'severity' | 'oid' | 'address' | 'host';

const FIELDS: Record<string, Sort> = {
  message: 'text',
  raw: 'text',
  host: 'host',
  app: 'text',
  mnemonic: 'text',
  msgid: 'text',
  severity: 'severity',
  facility: 'word',
  procid: 'text',
  trap_oid: 'oid',
  trap_name: 'text',
  peer: 'address',
  input: 'word',
  environment: 'word',
  site: 'text',
  team: 'text',
  snmp_user: 'text',
  snmp_level: 'text',
};

/** Fields that a name follows, and what sort of name. */
export const WITH_NAME: Record<string, string> = {
  varbind: 'OID: 1.3.6.1.2.1.2.2.1.8',
  structured: 'ID.parameter',
  json: 'path: device.name',
  labels: 'label',
};

export const FIELD_NAMES: readonly string[] = [...Object.keys(FIELDS), ...Object.keys(WITH_NAME)];

const OPERATORS: Record<Sort, readonly string[]> = {
  text: ['contains', 'equals', 'in', 'regex', 'glob', 'starts_with', 'ends_with', 'at_least', 'at_most', 'between', 'exists'],
  host: ['equals', 'in', 'glob', 'contains', 'regex', 'starts_with', 'ends_with', 'cidr', 'exists'],
  word: ['equals', 'in', 'exists'],
  severity: ['at_least', 'at_most', 'equals', 'in', 'exists'],
  oid: ['oid_prefix', 'equals', 'in', 'exists'],
  address: ['cidr', 'equals', 'in', 'exists'],
};

export const ALL_OPERATORS: readonly string[] = [...new Set(Object.values(OPERATORS).flat())];

/** How operators are called in the form. */
export const OPERATOR_WORDS: Record<string, string> = {
  contains: 'contains',
  equals: 'is',
  in: 'is one of',
  regex: 'regex',
  glob: 'fits pattern',
  starts_with: 'starts with',
  ends_with: 'ends with',
  at_least: 'is at least',
  at_most: 'is at most',
  between: 'is between',
  exists: 'is there',
  oid_prefix: 'is at or below',
  cidr: 'is in network',
};

const WORDS: Record<string, readonly string[]> = {
  severity: ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'informational', 'debug'],
  environment: ['prod', 'dev'],
  input: ['syslog_udp', 'syslog_tcp', 'syslog_tls', 'relp', 'http', 'snmp', 'redis_list'],
};

/** `json.a.b` is the field `json` with the name `a.b`. */
export function splitField(field: string): { head: string; name: string } {
  const head = field.split('.')[0] ?? '';
  return head in WITH_NAME ? { head, name: field.slice(head.length + 1) } : { head: field, name: '' };
}

export function operatorsOf(field: string): readonly string[] {
  return OPERATORS[FIELDS[splitField(field).head] ?? 'text'];
}

export function wordsOf(field: string): readonly string[] {
  return WORDS[field] ?? [];
}
