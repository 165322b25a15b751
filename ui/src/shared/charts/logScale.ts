// A logarithmic axis that has a place for none: 0 at the edge, then 1, 10, 100, … at equal steps. From:
// values. To: their places, 0 to 1, and the lines of the axis. Pure.

/** The power of ten at the axis' end. */
function decades(most: number): number {
  return Math.max(1, Math.ceil(Math.log10(Math.max(1, most))));
}

/** Where a value stands: 0 and 1 are one step apart, as are 1 and 10. */
export function logPlace(value: number, most: number): number {
  if (value <= 0) return 0;
  const steps = decades(most) + 1;
  const place = value < 1 ? value : Math.log10(value) + 1;
  return Math.min(1, place / steps);
}

export interface AxisLine {
  value: number;
  place: number;
}

/** The lines of the axis: 0, 1, 10, … up to what holds `most`. */
export function logLines(most: number): AxisLine[] {
  const values = [0, ...Array.from({ length: decades(most) + 1 }, (_, power) => 10 ** power)];
  return values.map((value) => ({ value, place: logPlace(value, most) }));
}

/** Lines of a linear axis from 0, at most `count` of them above it, at 1, 2 or 5 times a power of ten. */
export function linearLines(most: number, count = 4): AxisLine[] {
  if (most <= 0) return [{ value: 0, place: 0 }];
  const rough = Math.max(1, most / count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((one) => one * power >= rough) ?? 10) * power;
  const end = Math.ceil(most / step) * step;
  const lines = Math.round(end / step);
  return Array.from({ length: lines + 1 }, (_, at) => ({ value: at * step, place: at / lines }));
}
