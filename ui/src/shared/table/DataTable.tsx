// A table of up to tens of thousands of rows, of which those in sight are drawn. From: a page's rows and
// columns. To: a grid for screen readers and the keyboard; cards where it is narrow.
import { Checkbox } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { useShortcut } from '../shortcuts';
import classes from './DataTable.module.css';
import { DataTableHead } from './DataTableHead';
import { DataTableRow } from './DataTableRow';
import { type Column, type Sort, sortRows } from './columns';
import { moved } from './keys';

const ROW_PX = 37;

export interface DataTableProps<Row> {
  /** What the table holds, for screen readers. */
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  /** Enter, or a click on a row. */
  onOpen?: (row: Row) => void;
  /** The row that is open beside the table. */
  openKey?: string | null;
  /** Sorted here by a column; pages keep it in the URL. Without it the table keeps it itself. */
  sort?: Sort;
  onSort?: (sort: Sort) => void;
  /** Rows that are chosen, by key; with it each row has a box (Space, or x). */
  selected?: ReadonlySet<string>;
  onSelect?: (selected: ReadonlySet<string>) => void;
  /** The row that the keyboard is at, each time that it takes the focus. */
  onActive?: (row: Row) => void;
  /** Called at the end of the rows, if there may be more. */
  onEnd?: () => void;
  /** Shown if there are no rows. */
  empty?: ReactNode;
  /** The table scrolls in itself beyond this; default: most of the window. */
  maxHeight?: string;
}

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rowKey, onOpen, selected, onSelect, onEnd, empty, maxHeight } = props;
  const [ownSort, setOwnSort] = useState<Sort>('');
  const sort = props.sort ?? ownSort;
  const rows = useMemo(() => sortRows(props.rows, columns, sort), [props.rows, columns, sort]);
  const scroll = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => keyAt(rows, rowKey, index),
    overscan: 12,
  });
  const drawn = virtual.getVirtualItems();
  const { active, focus, onFocusRow } = useActiveRow(rows, rowKey, scroll, (to) => virtual.scrollToIndex(to), props.onActive);
  useReadOn(drawn.at(-1)?.index ?? 0, rows.length, onEnd);

  const toggle = (row: Row) => {
    const chosen = new Set(selected);
    const key = rowKey(row);
    if (!chosen.delete(key)) chosen.add(key);
    onSelect?.(chosen);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isInControl(event.target)) return;
    const row = rows[active];
    const to = moved(event.key, active, rows.length);
    if (to !== null) focus(to);
    else if (event.key === 'Enter' && row !== undefined && onOpen !== undefined) onOpen(row);
    else if ((event.key === ' ' || event.key === 'x') && row !== undefined && onSelect !== undefined) toggle(row);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const tracks = columns.map((column) => column.width ?? 'minmax(6rem, 1fr)');
  const template = (selected === undefined ? tracks : ['2.25rem', ...tracks]).join(' ');
  const style = { '--columns': template, maxHeight } as CSSProperties;
  if (rows.length === 0 && empty !== undefined) return <div className={classes.frame}>{empty}</div>;
  return (
    <div className={classes.frame}>
      <div ref={scroll} className={classes.scroll} style={style}>
        {/* Rows take the focus one at a time, and keys are theirs. */}
        <div role="grid" aria-label={label} aria-rowcount={rows.length + 1} className={classes.grid} onKeyDown={onKeyDown} tabIndex={-1}>
          <DataTableHead
            columns={columns}
            sort={sort}
            onSort={props.onSort ?? setOwnSort}
            box={selected !== undefined && <AllBox rows={rows} rowKey={rowKey} selected={selected} onSelect={onSelect} />}
          />
          <div role="rowgroup" className={classes.body} style={{ height: virtual.getTotalSize() }}>
            {drawn.map((one) => {
              const row = rows[one.index];
              if (row === undefined) return null;
              const key = rowKey(row);
              return (
                <DataTableRow
                  key={key}
                  row={row}
                  columns={columns}
                  index={one.index}
                  top={one.start}
                  measure={virtual.measureElement}
                  isActive={one.index === active}
                  isOpen={props.openKey === key}
                  isSelected={selected?.has(key)}
                  onFocus={onFocusRow}
                  onOpen={onOpen}
                  onToggle={toggle}
                />
              );
            })}
          </div>
        </div>
      </div>
    </div>
  );
}

function keyAt<Row>(rows: readonly Row[], rowKey: (row: Row) => string, index: number): string | number {
  const row = rows[index];
  return row === undefined ? index : rowKey(row);
}

/** Fields, links and buttons in a cell have keys of their own. */
function isInControl(target: EventTarget): boolean {
  return target instanceof HTMLElement && target.closest('a, button, input, select, textarea') !== null;
}

/** Which row the keyboard is at: by its key, so that it stays at it while others come and go. */
function useActiveRow<Row>(
  rows: readonly Row[],
  rowKey: (row: Row) => string,
  scroll: React.RefObject<HTMLDivElement | null>,
  show: (index: number) => void,
  onActive: ((row: Row) => void) | undefined,
) {
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const wanted = useRef<number | null>(null);
  const found = activeKey === null ? -1 : rows.findIndex((row) => rowKey(row) === activeKey);
  const active = Math.max(0, found);
  useEffect(() => {
    if (wanted.current === null) return;
    const row = scroll.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"]`);
    if (row == null) return;
    wanted.current = null;
    row.focus({ preventScroll: true });
  });
  const focus = (to: number) => {
    const row = rows[to];
    if (row === undefined) return;
    wanted.current = to;
    show(to);
    setActiveKey(rowKey(row));
  };
  const onFocusRow = (index: number) => {
    const row = rows[index];
    if (row === undefined) return;
    if (index !== active) setActiveKey(rowKey(row));
    onActive?.(row);
  };
  // From elsewhere on the page j and k lead into the table.
  useShortcut('j', 'Next row; Enter opens it', () => focus(found < 0 ? 0 : active + 1), 'Tables');
  useShortcut('k', 'Row before', () => focus(Math.max(0, active - 1)), 'Tables');
  return { active, focus, onFocusRow };
}

/** Reads on when the last rows are in sight. */
function useReadOn(last: number, rows: number, onEnd: (() => void) | undefined): void {
  useEffect(() => {
    if (onEnd !== undefined && rows > 0 && last >= rows - 20) onEnd();
  }, [last, rows, onEnd]);
}

interface AllBoxProps<Row> {
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  selected: ReadonlySet<string>;
  onSelect?: (selected: ReadonlySet<string>) => void;
}

function AllBox<Row>({ rows, rowKey, selected, onSelect }: AllBoxProps<Row>) {
  const all = rows.length > 0 && selected.size >= rows.length;
  return (
    <Checkbox
      size="xs"
      aria-label="Choose all rows"
      checked={all}
      indeterminate={!all && selected.size > 0}
      onChange={() => onSelect?.(all ? new Set() : new Set(rows.map(rowKey)))}
    />
  );
}
