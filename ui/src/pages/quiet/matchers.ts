// Which alerts are hidden: between a form, the URL (`host=lab-*;rule~bgp`), the API, and words. Pure.
import type { Schemas } from '@/api/client';

export type Matcher = Schemas['SilenceMatcher'];
export type Operator = Schemas['SilenceOperator'];

export interface Row {
  /** For React alone. */
  key: number;
  field: string;
  operator: Operator;
  value: string;
}

export const FIELDS = [
  { value: 'host', label: 'Host' },
  { value: 'site', label: 'Site' },
  { value: 'team', label: 'Team' },
  { value: 'rule', label: 'Rule' },
  { value: 'environment', label: 'Environment' },
  { value: 'severity', label: 'Severity' },
  { value: 'key', label: 'Key' },
  { value: 'summary', label: 'Summary' },
];

export const OPERATORS: { value: Operator; label: string }[] = [
  { value: 'equals', label: 'is' },
  { value: 'glob', label: 'is like (* and ?)' },
  { value: 'regex', label: 'has the regex' },
];

let keys = 0;

export function row(matcher: Partial<Matcher> = {}): Row {
  keys += 1;
  const { field = 'host', operator = 'equals', value = '' } = matcher;
  return { key: keys, field, operator: operator ?? 'equals', value };
}

export function toMatchers(rows: readonly Row[]): Matcher[] {
  return rows.map(({ field, operator, value }) => ({ field: field.trim(), operator, value: value.trim() }));
}

const SIGNS: Record<Operator, string> = { equals: '=', glob: '=', regex: '~' };

/** `host=lab-*`: as mutt silence takes it. */
export function words({ field, operator = 'equals', value }: Matcher): string {
  return `${field}${SIGNS[operator]}${value}`;
}

/** Those of a link from elsewhere; what has no sign is left out. */
export function fromText(text: string): Matcher[] {
  const found: Matcher[] = [];
  for (const part of text.split(';')) {
    const [, field, sign, value] = /^([\w.-]+)([=~])(.+)$/.exec(part.trim()) ?? [];
    if (field === undefined || value === undefined) continue;
    const operator: Operator = sign === '~' ? 'regex' : /[*?]/.test(value) ? 'glob' : 'equals';
    found.push({ field, operator, value });
  }
  return found;
}

/** Whose alerts are hidden: what the API looks at when somebody may do so for some teams alone. */
export function hiddenTeam(matchers: readonly Matcher[]): string | null {
  const found = matchers.find(({ field, operator = 'equals' }) => field === 'team' && operator === 'equals');
  return found?.value ?? null;
}

/** Why somebody may not hide these; empty: they may. */
export function whyNot(
  session: { role: string; teams: readonly string[] },
  matchers: readonly Matcher[],
  broad: readonly string[],
): string {
  const { role, teams } = session;
  if (role === 'viewer') return 'This needs the role operator; yours is viewer.';
  if (role === 'admin') return '';
  const team = hiddenTeam(matchers);
  if (teams.length > 0 && (team === null || !teams.includes(team))) {
    return `You change what is of ${teams.join(', ')}: add the matcher “Team is ${teams[0]}”.`;
  }
  return broad.length > 0 ? `It is broad: ${broad.join('; ')}. Narrow it, or let an admin save it.` : '';
}
