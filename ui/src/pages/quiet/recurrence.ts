// On which days a maintenance window is: from a form's choices to a rule of RFC 5545 and back, and in words. Pure.

export const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
export type Day = (typeof DAYS)[number];

const NAMES: Record<Day, string> = {
  MO: 'Monday',
  TU: 'Tuesday',
  WE: 'Wednesday',
  TH: 'Thursday',
  FR: 'Friday',
  SA: 'Saturday',
  SU: 'Sunday',
};

export function dayName(day: Day): string {
  return NAMES[day];
}

export type Frequency = 'ONCE' | 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'OTHER';

export interface Recurrence {
  frequency: Frequency;
  interval: number;
  /** WEEKLY. */
  days: Day[];
  /** MONTHLY: on a day of the month, or on the nth of a weekday. */
  monthly: 'day' | 'weekday';
  monthDay: number;
  nth: number;
  weekday: Day;
  ends: 'never' | 'count' | 'until';
  count: number;
  /** `2026-12-31`. */
  until: string;
  /** OTHER: the rule as it is. */
  text: string;
}

export const ONCE: Recurrence = {
  frequency: 'ONCE',
  interval: 1,
  days: [],
  monthly: 'day',
  monthDay: 1,
  nth: 1,
  weekday: 'MO',
  ends: 'never',
  count: 10,
  until: '',
  text: '',
};

/** The weekday of a local time. */
export function dayOf(local: string): Day {
  const day = new Date(`${local.slice(0, 10)}T00:00Z`).getUTCDay();
  return DAYS[(day + 6) % 7] ?? 'MO';
}

/** The rule, as the API takes it; undefined: once. A week without a day has that of the beginning. */
export function toRule(one: Recurrence, start: string): string | undefined {
  if (one.frequency === 'ONCE') return undefined;
  if (one.frequency === 'OTHER') return one.text.trim();
  const parts = [`FREQ=${one.frequency}`];
  if (one.interval > 1) parts.push(`INTERVAL=${one.interval}`);
  if (one.frequency === 'WEEKLY') {
    const days = one.days.length > 0 ? DAYS.filter((day) => one.days.includes(day)) : [dayOf(start)];
    parts.push(`BYDAY=${days.join(',')}`);
  }
  if (one.frequency === 'MONTHLY') {
    parts.push(one.monthly === 'day' ? `BYMONTHDAY=${one.monthDay}` : `BYDAY=${one.nth}${one.weekday}`);
  }
  if (one.ends === 'count') parts.push(`COUNT=${one.count}`);
  if (one.ends === 'until' && one.until !== '') parts.push(`UNTIL=${one.until.replaceAll('-', '')}`);
  return parts.join(';');
}

/** The choices that a rule stands for; what they cannot say is kept as text. */
export function fromRule(rule: string | undefined, start: string): Recurrence {
  if (rule === undefined || rule === '') return ONCE;
  const read = readParts(rule, start);
  const same = read !== null && ordered(toRule(read, start) ?? '') === ordered(rule);
  return same ? read : { ...ONCE, frequency: 'OTHER', text: rule };
}

function ordered(rule: string): string {
  return rule.toUpperCase().split(';').filter((part) => part !== 'INTERVAL=1').toSorted().join(';');
}

function readParts(rule: string, start: string): Recurrence | null {
  const parts = new Map(rule.toUpperCase().split(';').map((part) => part.split('=', 2) as [string, string]));
  const frequency = parts.get('FREQ');
  if (frequency !== 'DAILY' && frequency !== 'WEEKLY' && frequency !== 'MONTHLY') return null;
  const byDay = parts.get('BYDAY');
  const nth = /^(-?\d)([A-Z]{2})$/.exec(byDay ?? '');
  const until = /^(\d{4})(\d\d)(\d\d)$/.exec(parts.get('UNTIL') ?? '');
  return {
    ...ONCE,
    frequency,
    interval: Number(parts.get('INTERVAL') ?? 1),
    days: frequency === 'WEEKLY' ? DAYS.filter((day) => (byDay ?? dayOf(start)).split(',').includes(day)) : [],
    monthly: nth === null ? 'day' : 'weekday',
    monthDay: Number(parts.get('BYMONTHDAY') ?? start.slice(8, 10)),
    nth: Number(nth?.[1] ?? 1),
    weekday: DAYS.find((day) => day === nth?.[2]) ?? dayOf(start),
    ends: parts.has('COUNT') ? 'count' : until !== null ? 'until' : 'never',
    count: Number(parts.get('COUNT') ?? ONCE.count),
    until: until === null ? '' : `${until[1]}-${until[2]}-${until[3]}`,
  };
}

const NTH: Record<string, string> = { 1: 'first', 2: 'second', 3: 'third', 4: 'fourth', 5: 'fifth', [-1]: 'last' };

export const NTHS = ['1', '2', '3', '4', '-1'].map((value) => ({ value, label: NTH[value] ?? value }));

function every(interval: number, unit: string): string {
  return interval === 1 ? `every ${unit}` : `every ${interval} ${unit}s`;
}

/** `every week on Sunday, until 2026-12-31`. */
export function describe(one: Recurrence, start: string): string {
  if (one.frequency === 'ONCE') return 'once';
  if (one.frequency === 'OTHER') return one.text;
  const said = [dayWords(one, start)];
  if (one.ends === 'count') said.push(`${one.count} times`);
  if (one.ends === 'until' && one.until !== '') said.push(`until ${one.until}`);
  return said.join(', ');
}

function dayWords(one: Recurrence, start: string): string {
  if (one.frequency === 'DAILY') return every(one.interval, 'day');
  if (one.frequency === 'WEEKLY') {
    const chosen = one.days.length > 0 ? DAYS.filter((day) => one.days.includes(day)) : [dayOf(start)];
    return `${every(one.interval, 'week')} on ${chosen.map(dayName).join(', ')}`;
  }
  const on = one.monthly === 'day' ? `day ${one.monthDay}` : `the ${NTH[one.nth] ?? one.nth} ${dayName(one.weekday)}`;
  return `${every(one.interval, 'month')} on ${on}`;
}
