// Time zones that a person may want: their own, UTC, and one that a link names. Pure, but for the browser's own.

/** The browser's zone, by its name in the IANA database. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
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
