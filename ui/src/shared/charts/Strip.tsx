// Bars by the hour, 24 of them or as many as there are. Each bar tells its value on hover.
import { formatNumber } from '../format';
import classes from './charts.module.css';
import { barHeights } from './scale';

interface StripProps {
  bars: readonly { label: string; value: number }[];
  /** What it shows, in words. */
  label: string;
  width?: number;
  height?: number;
}

export function Strip({ bars, label, width = 168, height = 28 }: StripProps) {
  const heights = barHeights(bars.map((bar) => bar.value), height);
  const step = width / Math.max(1, bars.length);
  return (
    <svg role="img" aria-label={label} width={width} height={height} viewBox={`0 0 ${width} ${height}`} className={classes.chart}>
      {bars.map((bar, at) => {
        const tall = heights[at] ?? 0;
        return (
          <rect
            key={bar.label}
            x={at * step + step * 0.1}
            y={height - tall}
            width={step * 0.8}
            height={tall}
            rx={1}
            className={bar.value === 0 ? classes.none : classes.bar}
          >
            <title>{`${bar.label}: ${formatNumber(bar.value)}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}
