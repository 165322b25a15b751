// What the page of unknown messages shows. From: the URL. To: the API's query. Pure.
import type { Params } from '@/api/query';
import { type PatternView, surge } from './surge';
import type { HeatRow } from './hours';

export const DEFAULTS = {
  order: 'count',
  view: 'list',
  state: 'open',
  key: '',
  host: '',
  team: '',
  text: '',
  hours: '48',
};

export type Filter = Record<keyof typeof DEFAULTS, string>;

/** What comes first. Each is one question that somebody comes with. */
export const ORDERS = [
  { value: 'count', label: 'Most' },
  { value: 'first_seen', label: 'Newest kind' },
  { value: 'surge', label: 'Surging' },
  { value: 'last_seen', label: 'Latest' },
] as const;

/** The list has at most so many: whoever looks further narrows it. */
export const PATTERNS_MAX = 1_000;

export function query(filter: Filter): NonNullable<Params<'/patterns'>['query']> {
  const { order, state, key, host, team, text } = filter;
  const or = (value: string) => (value.trim() === '' ? undefined : value.trim());
  return {
    sort: order === 'surge' ? 'last_hour' : order,
    state: state === 'all' ? undefined : state,
    key: or(key),
    host: or(host),
    team: or(team),
    text: or(text),
  };
}

/** The API orders by number; which of these is more than usual is seen here. */
export function ordered(items: readonly PatternView[], order: string, now_ms: number): readonly PatternView[] {
  if (order !== 'surge') return items;
  const keyed = items.map((item) => ({ item, factor: surge(item, now_ms).factor }));
  return keyed.toSorted((a, b) => b.factor - a.factor).map((one) => one.item);
}

/** The heat map knows neither hosts nor teams: of the filter it keeps state, key and text. */
export function inHeatMap(row: HeatRow, filter: Filter): boolean {
  const has = (text: string, part: string) => text.toLowerCase().includes(part.trim().toLowerCase());
  if (filter.state !== 'all' && row.state !== filter.state) return false;
  if (filter.key.trim() !== '' && row.key !== filter.key.trim()) return false;
  return has(row.template, filter.text) || has(row.key, filter.text);
}
