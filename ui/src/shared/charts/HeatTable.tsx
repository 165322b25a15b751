// A heat map's numbers, as a table.
import { Link } from 'react-router';
import { formatNumber } from '../format';
import type { HeatMapProps } from './heat';
import classes from './heat.module.css';

export function HeatTable({ label, lines, columns, to }: Omit<HeatMapProps, 'unit'>) {
  return (
    // It scrolls sideways, so the keyboard has to get here.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={classes.scroll} role="region" aria-label={label} tabIndex={0}>
      <table className={classes.table}>
        <caption className="sr-only">{label}</caption>
        <thead>
          <tr>
            <th scope="row">What</th>
            {columns.map((column) => (
              <th key={column.name} scope="col">
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.id}>
              <th scope="row">
                <Link to={to(line)}>{line.label}</Link>
              </th>
              {columns.map((column, at) => (
                <td key={column.name} className="tabular">
                  {formatNumber(line.values[at] ?? 0)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
