// Lines by columns of time, each cell larger and stronger the more there is. From: a page's lines. To: the
// eye; the keyboard (arrows move, Enter opens) with each cell told in words; or a table instead.
import { Button, Group } from '@mantine/core';
import { IconGridDots, IconTable } from '@tabler/icons-react';
import { type CSSProperties, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { formatNumber } from '../format';
import { HeatTable } from './HeatTable';
import { type Cell, type HeatLine, type HeatMapProps, LEVELS, columnWidth, level, movedTo } from './heat';
import classes from './heat.module.css';

const ROW_PX = 24;
const HEAD_PX = 20;
const WIDTH_PX = 860;

export function HeatMap(props: HeatMapProps) {
  const [asTable, setAsTable] = useState(false);
  const most = Math.max(1, ...props.lines.flatMap((line) => line.values));
  return (
    <div>
      <Group justify="space-between" mb="xs" gap="xs">
        <Legend most={most} unit={props.unit} />
        <Button
          variant="default"
          leftSection={asTable ? <IconGridDots size={14} aria-hidden /> : <IconTable size={14} aria-hidden />}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? 'As a picture' : 'As a table'}
        </Button>
      </Group>
      {asTable ? <HeatTable {...props} /> : <Picture {...props} most={most} />}
    </div>
  );
}

function Picture({ label, unit, lines, columns, to, most }: HeatMapProps & { most: number }) {
  const [active, setActive] = useState<Cell | null>(null);
  const navigate = useNavigate();
  const step = columnWidth(WIDTH_PX, columns.length);
  const width = step * columns.length;
  const height = HEAD_PX + ROW_PX * lines.length;
  const onKeyDown = (event: React.KeyboardEvent) => {
    const line = active === null ? undefined : lines[active.line];
    const next = keyed(event.key, active, lines.length, columns.length);
    if (next !== null) setActive(next);
    else if (event.key === 'Enter' && line !== undefined) void navigate(to(line));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onMove = (event: React.MouseEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const line = Math.floor((event.clientY - box.top - HEAD_PX) / ROW_PX);
    const column = Math.floor((event.clientX - box.left) / step);
    if (lines[line] !== undefined && columns[column] !== undefined) setActive({ line, column });
  };
  const open = () => {
    const line = active === null ? undefined : lines[active.line];
    if (line !== undefined) void navigate(to(line));
  };
  return (
    <>
      <section className={classes.scroll} aria-label={label}>
        <div className={classes.map}>
          <div>
            <div className={classes.head} style={{ height: HEAD_PX }} />
            {lines.map((line) => (
              <div key={line.id} className={classes.head}>
                <Link to={to(line)} title={line.label} className="mono">
                  {line.label}
                </Link>
              </div>
            ))}
          </div>
          {/* Keys lead from cell to cell, and the words beneath tell where one is. */}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions */}
          <div className={classes.focus} tabIndex={0} role="group" aria-label={`${label}: arrow keys move, Enter opens`} onKeyDown={onKeyDown}>
            {/* Whoever has no mouse has the group around it. */}
            {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events */}
            <svg aria-hidden width={width} height={height} className={classes.picture} onMouseMove={onMove} onClick={open}>
              <Ticks columns={columns} step={step} height={height} />
              {lines.map((line, at) => (
                <Row key={line.id} line={line} top={HEAD_PX + at * ROW_PX} step={step} most={most} />
              ))}
              {active !== null && (
                <rect
                  className={classes.active}
                  x={active.column * step + 0.5}
                  y={HEAD_PX + active.line * ROW_PX + 0.5}
                  width={step - 1}
                  height={ROW_PX - 1}
                />
              )}
            </svg>
          </div>
        </div>
      </section>
      <p className={classes.words} aria-live="polite">
        {active !== null && told(lines[active.line], columns[active.column]?.name, active.column, unit)}
      </p>
    </>
  );
}

/** The first key leads to the latest column of the first line. */
function keyed(key: string, active: Cell | null, lines: number, columns: number): Cell | null {
  if (active !== null) return movedTo(key, active, lines, columns);
  const first = { line: 0, column: columns - 1 };
  return movedTo(key, first, lines, columns) === null ? null : first;
}

function told(line: HeatLine | undefined, column: string | undefined, at: number, unit: string): string {
  if (line === undefined || column === undefined) return '';
  return `${column}: ${formatNumber(line.values[at] ?? 0)} ${unit}, ${line.label}`;
}

function Row({ line, top, step, most }: { line: HeatLine; top: number; step: number; most: number }) {
  return (
    <g>
      <rect className={classes.ground} x={0} y={top + 1} width={step * line.values.length} height={ROW_PX - 2} />
      {line.values.map((value, at) => {
        const strength = level(value, most);
        if (strength === 0) return null;
        const tall = 5 + ((ROW_PX - 7) * strength) / LEVELS;
        const wide = Math.min(step - 1, tall);
        return (
          <rect
            // A cell is its column.
            // oxlint-disable-next-line react/no-array-index-key
            key={at}
            className={classes.cell}
            style={{ '--share': share(strength) } as CSSProperties}
            x={at * step + (step - wide) / 2}
            y={top + (ROW_PX - tall) / 2}
            width={wide}
            height={tall}
            rx={1.5}
          />
        );
      })}
    </g>
  );
}

function share(strength: number): string {
  return `${25 + (75 * strength) / LEVELS}%`;
}

function Ticks({ columns, step, height }: { columns: HeatMapProps['columns']; step: number; height: number }) {
  return columns.map(
    (column, at) =>
      column.tick !== undefined && (
        <g key={column.name}>
          <line className={classes.line} x1={at * step} x2={at * step} y1={4} y2={height} />
          <text className={classes.tick} x={at * step + 3} y={13}>
            {column.tick}
          </text>
        </g>
      ),
  );
}

function Legend({ most, unit }: { most: number; unit: string }) {
  return (
    <span className={classes.legend}>
      1
      <svg width={LEVELS * 20} height={20} aria-hidden>
        {Array.from({ length: LEVELS }, (_, at) => {
          const side = 5 + (13 * (at + 1)) / LEVELS;
          return (
            <rect
              // oxlint-disable-next-line react/no-array-index-key
              key={at}
              className={classes.cell}
              style={{ '--share': share(at + 1) } as CSSProperties}
              x={at * 20 + (20 - side) / 2}
              y={(20 - side) / 2}
              width={side}
              height={side}
              rx={1.5}
            />
          );
        })}
      </svg>
      {formatNumber(most)} {unit} an hour
    </span>
  );
}
