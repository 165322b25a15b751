// What a table's columns are, and in which order its rows stand. Pure.
import type { ReactNode } from 'react';

export interface Column<Row> {
  id: string;
  head: string;
  cell: (row: Row) => ReactNode;
  /** What rows are sorted by; without it the column cannot be sorted by. null stands last. */
  sort?: (row: Row) => string | number | null;
  /** The first click sorts downwards: for counts and times. */
  startsDown?: boolean;
  /** A track of a grid: `8rem`, `minmax(12rem, 2fr)`; default `minmax(6rem, 1fr)`. */
  width?: string;
  align?: 'end';
  /**
   * Where rows are cards: on a line of its own, with the head before it (default), without it beside
   * others, or not at all.
   */
  narrow?: 'whole' | 'pair' | 'plain' | 'hidden';
}

/** A column's id, with `-` before it downwards: so it fits in a URL. Empty: as the rows come. */
export type Sort = string;

export function sortedBy(sort: Sort): { id: string; down: boolean } {
  return sort.startsWith('-') ? { id: sort.slice(1), down: true } : { id: sort, down: false };
}

/** What a click on a head sorts by: its own direction, the other, then as the rows come. */
export function nextSort<Row>(sort: Sort, column: Column<Row>): Sort {
  const [first, second] = column.startsDown ? [`-${column.id}`, column.id] : [column.id, `-${column.id}`];
  if (sort === first) return second;
  return sort === second ? '' : first;
}

function compare(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  // By code units: with 10,000 rows a collator is too slow, and names and times are ASCII.
  return String(a) < String(b) ? -1 : 1;
}

/** Sorted; what is alike keeps its order. */
export function sortRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: Sort): readonly Row[] {
  const { id, down } = sortedBy(sort);
  const by = columns.find((column) => column.id === id)?.sort;
  if (by === undefined) return rows;
  const keyed = rows.map((row) => ({ row, key: by(row) }));
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
    return down ? compare(b.key, a.key) : compare(a.key, b.key);
  });
  return keyed.map((one) => one.row);
}
