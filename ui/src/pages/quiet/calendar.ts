// Days of a calendar, and what is on them. In the browser's zone; weeks begin on Monday. Pure.
import type { Schemas } from '@/api/client';

export type Item = Schemas['QuietTime'];

export type View = 'month' | 'week' | 'list';

/** What each view of the calendar is given. */
export interface CalendarProps {
  view: View;
  days: readonly Date[];
  /** The month that is shown: days of others are fainter. */
  month: number;
  items: readonly Item[];
  onOpen: (item: Item) => void;
  onDay: (day: Date) => void;
}

const MINUTE_MS = 60_000;
export const DAY_MINUTES = 1_440;

/** `2026-11-28` of a day here. */
export function dateOf(day: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

function read(date: string): Date {
  const [year, month, day] = date.split('-').map(Number);
  return new Date(year ?? Number.NaN, (month ?? 0) - 1, day ?? Number.NaN);
}

/** The day here that a date names; of what is none, that of `today`. */
export function dayOfDate(date: string, today: string): Date {
  const found = read(date);
  return Number.isNaN(found.getTime()) ? read(today) : found;
}

export function plusDays(day: Date, days: number): Date {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + days);
}

function monday(day: Date): Date {
  return plusDays(day, -((day.getDay() + 6) % 7));
}

/** The days that a view of `at` shows: whole weeks of its month, its week, or 31 days from it. */
export function daysOf(view: View, at: Date): Date[] {
  if (view === 'list') return Array.from({ length: 31 }, (_, days) => plusDays(at, days));
  if (view === 'week') return Array.from({ length: 7 }, (_, days) => plusDays(monday(at), days));
  const first = monday(new Date(at.getFullYear(), at.getMonth(), 1));
  const last = new Date(at.getFullYear(), at.getMonth() + 1, 0);
  const days = Math.round((monday(last).getTime() - first.getTime()) / 86_400_000) + 7;
  return Array.from({ length: days }, (_, day) => plusDays(first, day));
}

/** The view's time after or before. A month's last days are not skipped over. */
export function moved(view: View, at: Date, by: 1 | -1): Date {
  if (view === 'week') return plusDays(at, 7 * by);
  if (view === 'list') return plusDays(at, 31 * by);
  return new Date(at.getFullYear(), at.getMonth() + by, 1);
}

export interface Placed {
  item: Item;
  /** Minutes of the day at which it begins and ends there. */
  from: number;
  to: number;
  /** Whether it began before the day, and goes on after it. */
  isBefore: boolean;
  isAfter: boolean;
}

/** What is on a day, the longest there first among those that begin together. */
export function onDay(items: readonly Item[], day: Date): Placed[] {
  const start_ms = day.getTime();
  const end_ms = plusDays(day, 1).getTime();
  const found: Placed[] = [];
  for (const item of items) {
    const from_ms = Date.parse(item.start);
    const to_ms = Date.parse(item.end);
    if (from_ms >= end_ms || to_ms <= start_ms) continue;
    const minute = (at_ms: number) => Math.round((at_ms - start_ms) / MINUTE_MS);
    found.push({
      item,
      from: Math.max(0, minute(from_ms)),
      to: Math.min(DAY_MINUTES, minute(to_ms)),
      isBefore: from_ms < start_ms,
      isAfter: to_ms > end_ms,
    });
  }
  return found.toSorted((a, b) => a.from - b.from || b.to - a.to);
}

export interface Laned extends Placed {
  lane: number;
  /** How many lanes the day has. */
  lanes: number;
}

/** Beside each other what is at the same time. */
export function inLanes(placed: readonly Placed[]): Laned[] {
  const ends: number[] = [];
  const laned = placed.map((one) => {
    const free = ends.findIndex((end) => end <= one.from);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = one.to;
    return { ...one, lane };
  });
  return laned.map((one) => ({ ...one, lanes: ends.length }));
}

const CLOCK = new Intl.DateTimeFormat('sv', { hour: '2-digit', minute: '2-digit' });

/** `22:00–00:00`, as far as it is on the day. */
export function hoursWords({ item, isBefore, isAfter }: Placed): string {
  if (isBefore && isAfter) return 'all day';
  const from = isBefore ? '' : CLOCK.format(new Date(item.start));
  const to = isAfter ? '' : CLOCK.format(new Date(item.end));
  if (from === '') return `until ${to}`;
  return to === '' ? `from ${from}` : `${from}–${to}`;
}
