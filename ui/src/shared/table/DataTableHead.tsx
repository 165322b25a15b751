// The heads of a table's columns: what can be sorted by is a button. Where rows are cards, a list instead.
import { NativeSelect } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconArrowsSort } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './DataTable.module.css';
import { type Column, type Sort, nextSort, sortedBy } from './columns';

interface HeadProps<Row> {
  columns: readonly Column<Row>[];
  sort: Sort;
  onSort: (sort: Sort) => void;
  /** The box that chooses all rows. */
  box: ReactNode;
}

export function DataTableHead<Row>({ columns, sort, onSort, box }: HeadProps<Row>) {
  return (
    <div role="rowgroup" className={classes.head}>
      <div role="row" aria-rowindex={1} className={classes.row}>
        {box !== false && (
          <div role="columnheader" className={classes.box}>
            {box}
          </div>
        )}
        {columns.map((column) => (
          <HeadCell key={column.id} column={column} sort={sort} onSort={onSort} />
        ))}
        <div role="columnheader" className={classes.narrowSort}>
          <NativeSelect
            size="xs"
            aria-label="Sort by"
            value={sort}
            onChange={(event) => onSort(event.currentTarget.value)}
            data={[{ value: '', label: 'Order: as it comes' }, ...columns.flatMap(choices)]}
          />
        </div>
      </div>
    </div>
  );
}

function choices<Row>(column: Column<Row>): { value: string; label: string }[] {
  if (column.sort === undefined) return [];
  return [
    { value: column.id, label: `${column.head}, upwards` },
    { value: `-${column.id}`, label: `${column.head}, downwards` },
  ];
}

interface HeadCellProps<Row> {
  column: Column<Row>;
  sort: Sort;
  onSort: (sort: Sort) => void;
}

function HeadCell<Row>({ column, sort, onSort }: HeadCellProps<Row>) {
  const { id, down } = sortedBy(sort);
  const isSorted = id === column.id;
  const Mark = !isSorted ? IconArrowsSort : down ? IconArrowDown : IconArrowUp;
  const order = !isSorted ? 'none' : down ? 'descending' : 'ascending';
  const canSort = column.sort !== undefined;
  return (
    <div role="columnheader" aria-sort={canSort ? order : undefined} className={classes.cell} data-align={column.align}>
      {canSort ? (
        <button type="button" className={classes.sort} data-sorted={isSorted} onClick={() => onSort(nextSort(sort, column))}>
          {column.head}
          <Mark size={13} aria-hidden />
        </button>
      ) : (
        column.head
      )}
    </div>
  );
}
