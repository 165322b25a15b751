// A heat map's levels and keys. Pure.

export interface HeatLine {
  id: string;
  label: string;
  values: readonly number[];
}

export interface HeatMapProps {
  /** What it shows, in words: `Messages by pattern and hour`. */
  label: string;
  /** What is counted: `messages`. */
  unit: string;
  lines: readonly HeatLine[];
  /** Each column's name in full, `Sat 28 Nov, 14:00`, and shortly where a mark stands. */
  columns: readonly { name: string; tick?: string }[];
  /** Where a line leads. */
  to: (line: HeatLine) => string;
}

export const LEVELS = 6;

/** 0 for nothing, else 1 to LEVELS by the logarithm: among thousands a few are still seen. */
export function level(value: number, most: number): number {
  if (value <= 0) return 0;
  if (most <= 1) return LEVELS;
  return 1 + Math.round((Math.log(value) / Math.log(most)) * (LEVELS - 1));
}

export interface Cell {
  line: number;
  column: number;
}

/** The cell that a key leads to; null: the key moves nothing. */
export function movedTo(key: string, at: Cell, lines: number, columns: number): Cell | null {
  const within = (value: number, count: number) => Math.max(0, Math.min(count - 1, value));
  switch (key) {
    case 'ArrowLeft':
      return { ...at, column: within(at.column - 1, columns) };
    case 'ArrowRight':
      return { ...at, column: within(at.column + 1, columns) };
    case 'ArrowUp':
      return { ...at, line: within(at.line - 1, lines) };
    case 'ArrowDown':
      return { ...at, line: within(at.line + 1, lines) };
    case 'Home':
      return { ...at, column: 0 };
    case 'End':
      return { ...at, column: columns - 1 };
    case 'PageUp':
      return { ...at, line: 0 };
    case 'PageDown':
      return { ...at, line: lines - 1 };
    default:
      return null;
  }
}

/** How wide a column is, in pixels: all fill the width, and none is too small to be seen. */
export function columnWidth(width: number, columns: number): number {
  return Math.max(9, Math.min(28, Math.floor(width / Math.max(1, columns))));
}
