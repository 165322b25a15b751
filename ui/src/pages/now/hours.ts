// The last 24 hours as numbers. From: GET /hours of three kinds. To: the strip. Pure.
import type { Schemas } from '@/api/client';
import { formatNumber, plural } from '@/shared/format';
import { HOUR_MS } from './filter';

type HourView = Schemas['HourView'];

export interface Hour {
  start_ms: number;
  alerts: number;
  notices: number;
  pages: number;
}

const HOURS = 24;

/** A page is an alert whose handling pages, that began, came back or became worse. */
export function isPage(handling: string): boolean {
  return /^(open|worse) page_/.test(handling);
}

function sums(views: readonly HourView[] | undefined, counts: (name: string) => boolean = () => true): Map<number, number> {
  const found = new Map<number, number>();
  for (const { hour, name, count } of views ?? []) {
    if (!counts(name)) continue;
    const start_ms = Date.parse(hour);
    found.set(start_ms, (found.get(start_ms) ?? 0) + count);
  }
  return found;
}

interface Kinds {
  alerts?: readonly HourView[];
  notices?: readonly HourView[];
  handling?: readonly HourView[];
}

/** 24 hours, the running one last; hours of which nothing was counted are there, with nothing. */
export function lastDay(kinds: Kinds, now_ms: number): Hour[] {
  const alerts = sums(kinds.alerts);
  const notices = sums(kinds.notices);
  const pages = sums(kinds.handling, isPage);
  const running_ms = Math.floor(now_ms / HOUR_MS) * HOUR_MS;
  return Array.from({ length: HOURS }, (_, at) => {
    const start_ms = running_ms - (HOURS - 1 - at) * HOUR_MS;
    return {
      start_ms,
      alerts: alerts.get(start_ms) ?? 0,
      notices: notices.get(start_ms) ?? 0,
      pages: pages.get(start_ms) ?? 0,
    };
  });
}

/** `21:00`, in the browser's zone. */
export function hourName(start_ms: number): string {
  return new Date(start_ms).toLocaleTimeString('sv', { hour: '2-digit', minute: '2-digit' });
}

/** `21:00 to 22:00: 24 alerts, 30 notices, 17 pages`. */
export function hourWords({ start_ms, alerts, notices, pages }: Hour): string {
  const span = `${hourName(start_ms)} to ${hourName(start_ms + HOUR_MS)}`;
  return `${span}: ${plural(alerts, 'alert')}, ${plural(notices, 'notice')}, ${plural(pages, 'page')}`;
}

export function dayWords(hours: readonly Hour[]): string {
  const sum = (name: 'alerts' | 'notices' | 'pages') => hours.reduce((all, hour) => all + hour[name], 0);
  return `${formatNumber(sum('alerts'))} alerts began, ${plural(sum('notices'), 'notice')} told, ${plural(sum('pages'), 'page')}`;
}
