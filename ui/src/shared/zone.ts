// Local times of a zone, `2026-11-29T22:00`, and moments. Pure.

const MINUTE_MS = 60_000;

/** The zone of this browser. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
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
