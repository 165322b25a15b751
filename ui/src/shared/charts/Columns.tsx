// Bars by day or hour, of one number or several: upon or beside each other. From: the values. To: Figure,
// which has the same numbers as a table. A pattern tells series apart where colours do not.
import { formatNumber, formatShort } from '../format';
import classes from './Columns.module.css';
import { linearLines } from './logScale';

export interface Series {
  name: string;
  look: 'main' | 'night' | 'quiet';
}

export interface Group {
  label: string;
  /** Under the bars; empty: no room for it. */
  short: string;
  /** One of each series. */
  values: readonly number[];
}

interface ColumnsProps {
  label: string;
  series: readonly Series[];
  groups: readonly Group[];
  /** Upon each other: parts of one number. */
  stacked?: boolean;
  format?: (value: number) => string;
}

/** With more bars than this there is no room for numbers on them. */
const NUMBERED_MAX = 16;

function mostOf(groups: readonly Group[], stacked: boolean): number {
  const height = ({ values }: Group) => (stacked ? values.reduce((sum, one) => sum + one, 0) : Math.max(0, ...values));
  return Math.max(0, ...groups.map(height));
}

export function Columns({ label, series, groups, stacked = false, format = formatNumber }: ColumnsProps) {
  const most = mostOf(groups, stacked);
  const lines = linearLines(most);
  const end = lines.at(-1)?.value || 1;
  const isNumbered = groups.length * (stacked ? 1 : series.length) <= NUMBERED_MAX;
  return (
    <div>
      {series.length > 1 && (
        <ul className={classes.legend}>
          {series.map((one) => (
            <li key={one.name}>
              <span className={classes.swatch} data-look={one.look} aria-hidden />
              {one.name}
            </li>
          ))}
        </ul>
      )}
      <div className={classes.chart} role="img" aria-label={label}>
        <div className={classes.plot}>
          {lines.map((line) => (
            <div key={line.value} className={classes.line} style={{ insetBlockEnd: `${line.place * 100}%` }}>
              <span>{formatShort(line.value)}</span>
            </div>
          ))}
          <div className={classes.groups}>
            {groups.map((group) => (
              <Bars key={group.label} {...{ group, series, end, stacked, isNumbered, format }} />
            ))}
          </div>
        </div>
        <div className={classes.names} data-many={groups.length > 10}>
          {groups.map((group) => (
            <span key={group.label}>{group.short}</span>
          ))}
        </div>
      </div>
    </div>
  );
}

interface BarsProps {
  group: Group;
  series: readonly Series[];
  end: number;
  stacked: boolean;
  isNumbered: boolean;
  format: (value: number) => string;
}

function Bars({ group, series, end, stacked, isNumbered, format }: BarsProps) {
  const told = series.map((one, at) => `${series.length > 1 ? `${one.name}: ` : ''}${format(group.values[at] ?? 0)}`);
  const sum = group.values.reduce((all, one) => all + one, 0);
  return (
    <div className={classes.group} data-stacked={stacked} title={`${group.label}\n${told.join('\n')}`}>
      {stacked && isNumbered && <span className={classes.number}>{format(sum)}</span>}
      {series.map((one, at) => {
        const value = group.values[at] ?? 0;
        const bar = (
          <div
            key={one.name}
            className={classes.bar}
            data-look={one.look}
            data-none={value === 0}
            style={{ blockSize: `${(value / end) * 100}%` }}
          />
        );
        if (stacked) return bar;
        return (
          <div key={one.name} className={classes.column}>
            {isNumbered && <span className={classes.number}>{format(value)}</span>}
            {bar}
          </div>
        );
      })}
    </div>
  );
}
