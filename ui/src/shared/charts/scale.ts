// From values to places in a picture. Pure.

const EDGE = 1.5;

/** The points of a line from the left to the right edge, from 0 to the largest value. */
export function linePoints(values: readonly number[], width: number, height: number): string {
  const most = Math.max(1, ...values);
  const step = values.length > 1 ? (width - 2 * EDGE) / (values.length - 1) : 0;
  return values
    .map((value, at) => {
      const x = EDGE + at * step;
      const y = height - EDGE - (Math.max(0, value) / most) * (height - 2 * EDGE);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
}

/** How tall bars are; what is more than nothing is seen, and nothing is a thin mark. */
export function barHeights(values: readonly number[], height: number): number[] {
  const most = Math.max(1, ...values);
  return values.map((value) => (value <= 0 ? 1 : Math.max(2, (value / most) * height)));
}
