// When something was: how long ago, with the exact time on hover and for screen readers' time element.
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
