// The keyboard in a table. From: a key and the active row. To: the next active row. Pure.

const PAGE_ROWS = 15;

/** The row that a key leads to; null: the key moves nothing. */
export function moved(key: string, active: number, rows: number): number | null {
  const to = target(key, active, rows);
  return to === null || rows === 0 ? null : Math.max(0, Math.min(rows - 1, to));
}

function target(key: string, active: number, rows: number): number | null {
  switch (key) {
    case 'j':
    case 'ArrowDown':
      return active + 1;
    case 'k':
    case 'ArrowUp':
      return active - 1;
    case 'PageDown':
      return active + PAGE_ROWS;
    case 'PageUp':
      return active - PAGE_ROWS;
    case 'Home':
      return 0;
    case 'End':
      return rows - 1;
    default:
      return null;
  }
}
