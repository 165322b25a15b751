// What is looked for. From: the URL and the form. To: the API's questions. Pure.

export const DEFAULTS = { id: '', host: '', text: '', since: '', until: '', message: '', peer: '' };

export type Asked = Record<keyof typeof DEFAULTS, string>;

export type Mode = 'search' | 'paste';

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** An id of a message, as alerts carry it. */
export function isId(text: string): boolean {
  return ID.test(text.trim());
}

const SPANS_MS: Record<string, number> = { m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time as people write it, as RFC 3339: `2026-11-28 21:03` in the browser's zone, `30 min`, `2h` ago; null: none. */
export function timeOf(text: string, now_ms: number): string | null {
  const ago = /^(\d+)\s*(m|min|h|d)(?:\s+ago)?$/i.exec(text.trim());
  if (ago !== null) return new Date(now_ms - Number(ago[1]) * (SPANS_MS[(ago[2] ?? '').toLowerCase()] ?? 0)).toISOString();
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text.trim());
  if (clock !== null) {
    const at = new Date(now_ms);
    at.setHours(Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 0), 0);
    return at.toISOString();
  }
  const at_ms = Date.parse(text.trim().replace(' ', 'T'));
  return Number.isNaN(at_ms) ? null : new Date(at_ms).toISOString();
}

export interface Search {
  query: Record<string, string>;
  /** What is wrong, by field. */
  errors: Partial<Record<keyof Asked, string>>;
}

const TIME_HELP = 'As 21:03, 2026-11-28 21:03, 30 min or 2 h';

/** null: nothing is looked for. */
export function searchOf(asked: Asked, now_ms: number): Search | null {
  const query: Record<string, string> = {};
  const errors: Search['errors'] = {};
  for (const name of ['host', 'text'] as const) if (asked[name].trim() !== '') query[name] = asked[name].trim();
  for (const name of ['since', 'until'] as const) {
    if (asked[name].trim() === '') continue;
    const time = timeOf(asked[name], now_ms);
    if (time === null) errors[name] = TIME_HELP;
    else query[name] = time;
  }
  return Object.keys(query).length + Object.keys(errors).length === 0 ? null : { query, errors };
}
