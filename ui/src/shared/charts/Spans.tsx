// From a lower to an upper number, hour by hour: p50 to p99 of a time. On a logarithmic axis, so that one
// slow hour does not flatten the others. From: the hours. To: Figure, which has them as a table.
import { formatDuration } from '../format';
import classes from './Spans.module.css';
import { logPlace } from './logScale';

/** Where the axis has lines: times that people count in. */
const TIMES_MS = [1, 10, 100, 1_000, 10_000, 60_000, 600_000, 3_600_000, 86_400_000];

export interface Span {
  label: string;
  /** Under the bar; empty: no room for it. */
  short: string;
  /** null: nothing happened. */
  from: number | null;
  to: number | null;
}

export function Spans({ label, spans }: { label: string; spans: readonly Span[] }) {
  const most = Math.max(1_000, ...spans.map((span) => span.to ?? 0));
  const up = (value: number) => `${logPlace(value, most) * 100}%`;
  return (
    <div role="img" aria-label={label}>
      <div className={classes.plot}>
        {TIMES_MS.filter((time) => logPlace(time, most) < 1).map((time) => (
          <div key={time} className={classes.line} style={{ insetBlockEnd: up(time) }}>
            <span>{formatDuration(time)}</span>
          </div>
        ))}
        <div className={classes.spans}>
          {spans.map((span) => (
            <div key={span.label} className={classes.span} title={spanText(span)}>
              {span.from !== null && span.to !== null && (
                <>
                  <div
                    className={classes.bar}
                    style={{ insetBlockEnd: up(span.from), blockSize: `calc(${up(span.to)} - ${up(span.from)})` }}
                  />
                  <div className={classes.half} style={{ insetBlockEnd: up(span.from) }} />
                </>
              )}
            </div>
          ))}
        </div>
      </div>
      <div className={classes.names}>
        {spans.map((span) => (
          <span key={span.label}>{span.short}</span>
        ))}
      </div>
    </div>
  );
}

function spanText({ label, from, to }: Span): string {
  if (from === null || to === null) return `${label}: none`;
  return `${label}: half within ${formatDuration(from)}, 99 of 100 within ${formatDuration(to)}`;
}
