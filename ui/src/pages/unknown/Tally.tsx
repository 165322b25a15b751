// Messages by name, the most first.
import { Link } from 'react-router';
import type { Schemas } from '@/api/client';
import { formatNumber } from '@/shared/format';
import classes from './Unknown.module.css';

const SHOWN_MAX = 20;

interface TallyProps {
  tally: Schemas['PatternTally'];
  to: (name: string) => string;
  what: string;
}

export function Tally({ tally, to, what }: TallyProps) {
  const all = Object.entries(tally.names).toSorted(([, a], [, b]) => b - a);
  const shown = all.slice(0, SHOWN_MAX);
  const rest = all.slice(SHOWN_MAX).reduce((sum, [, count]) => sum + count, tally.others);
  return (
    <table className={classes.tally} aria-label={`Messages by ${what}`}>
      <tbody>
        {shown.map(([name, count]) => (
          <tr key={name}>
            <th scope="row">
              <Link to={to(name)} className="mono">
                {name}
              </Link>
            </th>
            <td className="tabular">{formatNumber(count)}</td>
          </tr>
        ))}
        {rest > 0 && (
          <tr>
            <th scope="row">all others</th>
            <td className="tabular">{formatNumber(rest)}</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
