// What GET /noise says, in the words and numbers of the page. Pure.
import { formatNumber, plural } from '@/shared/format';
import { formatDay } from '@/shared/zone';
import type { Schemas } from '@/api/client';

type Noise = Schemas['Noise'];
type NoiseDay = Schemas['NoiseDay'];

/** As the API has it: what severity alone would have paged. */
const SEVERE: readonly string[] = ['emergency', 'alert', 'critical'];

export const RANGES = [1, 7, 30] as const;

/** Days of the URL, held to what the API takes. */
export function rangeOf(days: number): number {
  return Number.isInteger(days) && days >= 1 && days <= 31 ? days : 7;
}

export interface Totals {
  messages: number;
  pages: number;
  nights: number;
  severe: number;
  severeNights: number;
}

export function totals({ funnel, days }: Pick<Noise, 'funnel' | 'days'>): Totals {
  const sum = (of: (day: NoiseDay) => number) => days.reduce((all, day) => all + of(day), 0);
  return {
    messages: funnel.messages,
    pages: funnel.pages,
    nights: sum((day) => day.pages_night),
    severe: sum((day) => day.severe_day + day.severe_night),
    severeNights: sum((day) => day.severe_night),
  };
}

/** `in 7 days`, `today`. */
export function rangeText(days: number): string {
  return days === 1 ? 'today' : `in ${formatNumber(days)} days`;
}

/** How many times fewer pages; nothing where that says nothing. */
export function fewer({ pages, severe }: Pick<Totals, 'pages' | 'severe'>): string {
  if (severe <= pages) return '';
  if (pages === 0) return 'Nobody was paged at all.';
  const times = severe / pages;
  return `That is ${times < 10 ? times.toFixed(1) : formatNumber(times)} times fewer.`;
}

/** What the pages are of a line of one kilometre that all messages are: a part of a million cannot be drawn. */
export function kilometre(messages: number, pages: number): string {
  if (messages <= 0 || pages <= 0 || pages > messages) return '';
  const mm = (pages / messages) * 1_000_000;
  if (mm >= 1_000) return `${(mm / 1_000).toFixed(mm < 10_000 ? 1 : 0)} m`;
  if (mm >= 10) return `${(mm / 10).toFixed(mm < 100 ? 1 : 0)} cm`;
  return `${mm < 1 ? mm.toFixed(2) : mm.toFixed(1)} mm`;
}

/** Pages whose message was below critical, or had no severity. */
export function belowCritical(severities: Noise['page_severities']): number {
  const below = Object.entries(severities).filter(([name]) => !SEVERE.includes(name));
  return below.reduce((all, [, count]) => all + count, 0);
}

/** `12 error, 3 warning, 2 without one`: the most first. */
export function severityText(severities: Noise['page_severities']): string {
  const below = Object.entries(severities).filter(([name, count]) => !SEVERE.includes(name) && count > 0);
  const words = below.toSorted(([, a], [, b]) => b - a);
  return words.map(([name, count]) => `${formatNumber(count)} ${name === 'none' ? 'without one' : name}`).join(', ');
}

/** What was not counted yet when the range began: `pages`, since then. */
export function lateCounts(noise: Pick<Noise, 'from' | 'since'>): { what: string; since: string }[] {
  const names: [keyof Noise['since'], string][] = [
    ['messages', 'messages'],
    ['matched', 'matched messages'],
    ['alerts', 'alerts'],
    ['pages', 'pages'],
  ];
  return names.flatMap(([name, what]) => {
    const since = noise.since[name];
    return since != null && Date.parse(since) > Date.parse(noise.from) ? [{ what, since }] : [];
  });
}

/** All counts that began late at one time are one sentence. */
export function lateText(late: readonly { what: string; since: string }[], format: (at: string) => string): string {
  const times = [...new Set(late.map((one) => one.since))];
  const [first] = times;
  if (first === undefined) return '';
  if (times.length === 1) return `Counted since ${format(first)}; what was before is not known.`;
  const at = (since: string) => late.filter((one) => one.since === since).map((one) => one.what).join(', ');
  const parts = times.map((since) => `${at(since)} since ${format(since)}`);
  return `Counted: ${parts.join('; ')}. What was before is not known.`;
}

/** Under the bars: each day's name while there is room, else each fifth day's date. */
export function dayShort(day: string, at: number, count: number): string {
  if (count <= 10) return formatDay(day).replace(/ \w+$/, '');
  return at % 5 === 0 ? formatDay(day).replace(/^\w+ /, '') : '';
}

export function nightText(pages: number, nights: number): string {
  if (pages === 0) return 'No pages';
  if (nights === 0) return `${plural(pages, 'page')}, none at night`;
  return `${plural(pages, 'page')}, ${formatNumber(nights)} of them at night`;
}
