// How a number went, as a small line. The values are in the label; the picture is for the eye.
import classes from './charts.module.css';
import { linePoints } from './scale';

interface SparklineProps {
  values: readonly number[];
  /** What it shows, in words: `Messages an hour, last 24 hours: 120 to 4,312`. */
  label: string;
  width?: number;
  height?: number;
}

export function Sparkline({ values, label, width = 96, height = 22 }: SparklineProps) {
  return (
    <svg role="img" aria-label={label} width={width} height={height} viewBox={`0 0 ${width} ${height}`} className={classes.chart}>
      <title>{label}</title>
      <polyline points={linePoints(values, width, height)} className={classes.line} />
    </svg>
  );
}
