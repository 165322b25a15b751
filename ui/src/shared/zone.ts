// Zones that a person may want, local times of a zone, `2026-11-29T22:00`, and moments. Pure, but for the
// browser's own zone.

const MINUTE_MS = 60_000;

/** The browser's zone, by its name in the IANA database. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

export function zones(): string[] {
  return [...new Set(['UTC', ownZone(), ...Intl.supportedValuesOf('timeZone')])];
}

/** What the clocks of a zone show at a moment. */
export function toLocal(moment: string | number | Date, zone: string): string {
  const options = { timeZone: zone, dateStyle: 'short', timeStyle: 'short' } as const;
  return new Intl.DateTimeFormat('sv', options).format(new Date(moment)).replace(' ', 'T');
}

function offset_ms(at_ms: number, zone: string): number {
  return Date.parse(`${toLocal(at_ms, zone)}Z`) - Math.floor(at_ms / MINUTE_MS) * MINUTE_MS;
}

/**
 * The moment at which the clocks of a zone show a time, in RFC 3339; null: it is no time. Of one that comes twice
 * it is the first; one that the zone skips is that much after the gap.
 */
export function toMoment(local: string, zone: string): string | null {
  const as_utc = Date.parse(`${local}Z`);
  if (Number.isNaN(as_utc)) return null;
  // What held the day before is what a time that comes twice, or not at all, is first read by.
  const before = as_utc - offset_ms(as_utc - 86_400_000, zone);
  if (toLocal(before, zone) === local) return new Date(before).toISOString();
  const after = as_utc - offset_ms(as_utc + 86_400_000, zone);
  return new Date(toLocal(after, zone) === local ? after : before).toISOString();
}

/** A zone that the browser knows; another becomes UTC. */
export function knownZone(zone: string): string {
  try {
    Intl.DateTimeFormat('en', { timeZone: zone });
    return zone;
  } catch {
    return 'UTC';
  }
}

export function zoneChoices(chosen: string, own = ownZone()): string[] {
  return [...new Set([own, 'UTC', chosen])];
}

/** `2026-11-28` → `Sat 28 Nov`: a day has no zone. */
export function formatDay(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return day;
  const parts = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' });
  return parts.format(date).replaceAll(',', '');
}

/** In a zone of its own, `28 Nov 2026, 21:03`. */
export function formatInZone(at: string, zone: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: knownZone(zone),
  }).format(date);
}
