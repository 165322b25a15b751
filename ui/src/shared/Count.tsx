// A number that leads to the list behind it.
import { Anchor } from '@mantine/core';
import { Link } from 'react-router';
import { formatNumber, formatShort } from './format';

interface CountProps {
  value: number;
  /** The list that has so many items; without it the number leads nowhere. */
  to?: string;
  /** What is counted, for screen readers: `open alerts of core-1`. */
  of?: string;
  short?: boolean;
}

export function Count({ value, to, of, short }: CountProps) {
  const text = short ? formatShort(value) : formatNumber(value);
  const exact = short ? formatNumber(value) : undefined;
  if (to === undefined) {
    return (
      <span className="tabular" title={exact}>
        {text}
      </span>
    );
  }
  return (
    <Anchor component={Link} to={to} className="tabular" title={exact} inherit>
      {text}
      {of !== undefined && <span className="sr-only"> {of}</span>}
    </Anchor>
  );
}
