// One row of a table. It takes the focus whole; links and buttons in it are reached by Tab.
import { Checkbox } from '@mantine/core';
import classes from './DataTable.module.css';
import type { Column } from './columns';

interface RowProps<Row> {
  row: Row;
  columns: readonly Column<Row>[];
  index: number;
  /** Where it stands, in pixels. */
  top: number;
  measure: (element: HTMLElement | null) => void;
  isActive: boolean;
  isOpen: boolean;
  /** Undefined: rows cannot be chosen. */
  isSelected: boolean | undefined;
  onFocus: (index: number) => void;
  onOpen?: (row: Row) => void;
  onToggle: (row: Row) => void;
}

export function DataTableRow<Row>(props: RowProps<Row>) {
  const { row, columns, index, measure, isSelected, onOpen, onToggle } = props;
  const open = (event: React.MouseEvent) => {
    const isOwn = !(event.target as HTMLElement).closest('a, button, input, label');
    // Who marks a text does not want to leave.
    if (isOwn && window.getSelection()?.isCollapsed !== false) onOpen?.(row);
  };
  return (
    // The grid has the keys of its rows.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      role="row"
      ref={measure}
      data-index={index}
      data-opens={onOpen !== undefined}
      aria-rowindex={index + 2}
      aria-selected={isSelected ?? props.isOpen}
      tabIndex={props.isActive ? 0 : -1}
      className={classes.row}
      style={{ transform: `translateY(${props.top}px)` }}
      onFocus={() => props.onFocus(index)}
      onClick={open}
    >
      {isSelected !== undefined && (
        <div role="gridcell" className={classes.box}>
          <Checkbox size="xs" aria-label={`Choose row ${index + 1}`} checked={isSelected} onChange={() => onToggle(row)} />
        </div>
      )}
      {columns.map((column) => (
        <div
          role="gridcell"
          key={column.id}
          className={classes.cell}
          data-align={column.align}
          data-narrow={column.narrow ?? 'pair'}
          data-head={column.head}
        >
          {column.cell(row)}
        </div>
      ))}
    </div>
  );
}
