// Numbers, sizes and times as people read them. Pure.

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** 1234567 → `1,234,567`. */
export function formatNumber(value: number): string {
  return WHOLE.format(value);
}

/** 1234567 → `1.2M`. */
export function formatShort(value: number): string {
  return Math.abs(value) < 10_000 ? WHOLE.format(value) : SHORT.format(value);
}

/** A part of one: 0.9987 → `99.87 %`; what is not all is never shown as all, nor what is there as none. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0) return '–';
  const percent = (part / whole) * 100;
  if (percent > 99.99 && part < whole) return '> 99.99 %';
  if (percent > 0 && percent < 0.01) return '< 0.01 %';
  const digits = percent >= 99 && percent < 100 ? 2 : percent >= 10 || percent === 0 ? 0 : 1;
  return `${percent.toFixed(digits)} %`;
}

const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** 1536 → `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < BYTES.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || Math.abs(value) >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${BYTES[unit]}`;
}

const SPANS: readonly [unit: string, seconds: number][] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
];

/** The two largest units: 93784000 → `1 d 2 h`; below a second `12 ms`. */
export function formatDuration(duration_ms: number): string {
  if (duration_ms < 0) return `−${formatDuration(-duration_ms)}`;
  if (duration_ms < 1_000) return `${Math.round(duration_ms * 10) / 10} ms`;
  let rest = Math.floor(duration_ms / 1_000);
  const parts: string[] = [];
  for (const [unit, seconds] of SPANS) {
    const count = Math.floor(rest / seconds);
    if (count === 0 && parts.length === 0) continue;
    if (count > 0) parts.push(`${count} ${unit}`);
    rest -= count * seconds;
    if (parts.length === 2 || count === 0) break;
  }
  return parts.join(' ');
}

/** How long ago, in one unit: `12 s ago`, `in 3 h`, `now`. */
export function formatAgo(at_ms: number, now_ms: number): string {
  const past = now_ms - at_ms;
  const seconds = Math.floor(Math.abs(past) / 1_000);
  if (seconds < 5) return 'now';
  const [unit, length] = SPANS.find(([, one]) => seconds >= one) ?? ['s', 1];
  const text = `${Math.floor(seconds / length)} ${unit}`;
  return past >= 0 ? `${text} ago` : `in ${text}`;
}

const EXACT = new Intl.DateTimeFormat('sv', { dateStyle: 'short', timeStyle: 'medium' });
const CLOCK = new Intl.DateTimeFormat('sv', { timeStyle: 'medium' });

/** In the browser's zone, `2026-11-28 21:03:11`. */
export function formatExact(at: string | number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : EXACT.format(date);
}

/** `21:03:11`. */
export function formatClock(at: string | number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : CLOCK.format(date);
}

/** `1 alert`, `2 alerts`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}
