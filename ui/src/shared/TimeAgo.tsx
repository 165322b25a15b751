// When something was: how long ago, or in which hour, with the exact time on hover and for screen readers' time element.
import { formatAgo, formatExact } from './format';
import { useTimed } from './now';

interface TimeAgoProps {
  /** RFC 3339, or milliseconds. */
  at: string | number;
}

export function TimeAgo({ at }: TimeAgoProps) {
  const date = new Date(at);
  const text = useTimed((now_ms) => formatAgo(date.getTime(), now_ms));
  if (Number.isNaN(date.getTime())) return <span>{String(at)}</span>;
  return (
    <time dateTime={date.toISOString()} title={formatExact(at)} className="tabular">
      {text}
    </time>
  );
}

const HOUR_MS = 3_600_000;

/** For numbers that are kept by the hour: `at` is when that hour began, so something of this hour may be of now. */
export function HourAgo({ at }: { at: string }) {
  const isThisHour = useTimed((now_ms) => now_ms - new Date(at).getTime() < HOUR_MS);
  if (!isThisHour) return <TimeAgo at={at} />;
  return (
    <time dateTime={at} title={`since ${formatExact(at)}`}>
      this hour
    </time>
  );
}
