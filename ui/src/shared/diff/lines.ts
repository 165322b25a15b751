// Which lines of two texts differ. From: a state before and after. To: Diff. Pure.

export interface DiffLine {
  sort: 'same' | 'removed' | 'added';
  text: string;
  /** The line's number in each of the two, from 1; null: it is not in that one. */
  before: number | null;
  after: number | null;
}

/** A stretch of lines that are the same and far from any that differ. */
export interface DiffGap {
  sort: 'gap';
  lines: number;
}

/** Beyond so many comparisons what differs in the middle is told as one block. */
const CELLS_MAX = 4_000_000;

function split(text: string): string[] {
  if (text === '') return [];
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}

/** For each pair of places the length of the longest common sequence from there on. */
function common(a: readonly string[], b: readonly string[]): (i: number, j: number) => number {
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const below = table[(i + 1) * width + j] ?? 0;
      const beside = table[i * width + j + 1] ?? 0;
      const both = (table[(i + 1) * width + j + 1] ?? 0) + 1;
      table[i * width + j] = a[i] === b[j] ? both : Math.max(below, beside);
    }
  }
  return (i, j) => table[i * width + j] ?? 0;
}

function middle(a: readonly string[], b: readonly string[], start: number): DiffLine[] {
  const removed = (i: number): DiffLine => ({ sort: 'removed', text: a[i] ?? '', before: start + i + 1, after: null });
  const added = (j: number): DiffLine => ({ sort: 'added', text: b[j] ?? '', before: null, after: start + j + 1 });
  if (a.length * b.length > CELLS_MAX) return [...a.map((_, i) => removed(i)), ...b.map((_, j) => added(j))];
  const length = common(a, b);
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ sort: 'same', text: a[i] ?? '', before: start + i + 1, after: start + j + 1 });
      i += 1;
      j += 1;
    } else if (i < a.length && (j >= b.length || length(i + 1, j) >= length(i, j + 1))) lines.push(removed(i++));
    else lines.push(added(j++));
  }
  return lines;
}

/** All lines of both texts in one order: what was there before what is there now. */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = split(before);
  const b = split(after);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const same = (at: number, shift: number): DiffLine => ({
    sort: 'same',
    text: a[at] ?? '',
    before: at + 1,
    after: at + 1 + shift,
  });
  const head = a.slice(0, start).map((_, at) => same(at, 0));
  const tail = a.slice(a.length - end).map((_, at) => same(a.length - end + at, b.length - a.length));
  return [...head, ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end), start), ...tail];
}

/** Only what differs, with so many lines around it. */
export function withContext(lines: readonly DiffLine[], context = 3): (DiffLine | DiffGap)[] {
  const near = lines.map(() => false);
  lines.forEach((line, at) => {
    if (line.sort === 'same') return;
    for (let one = Math.max(0, at - context); one <= Math.min(lines.length - 1, at + context); one += 1) near[one] = true;
  });
  const shown: (DiffLine | DiffGap)[] = [];
  lines.forEach((line, at) => {
    const last = shown.at(-1);
    if (near[at]) shown.push(line);
    else if (last?.sort === 'gap') last.lines += 1;
    else shown.push({ sort: 'gap', lines: 1 });
  });
  return shown;
}

export function counted(lines: readonly DiffLine[]): { added: number; removed: number } {
  const count = (sort: DiffLine['sort']) => lines.filter((line) => line.sort === sort).length;
  return { added: count('added'), removed: count('removed') };
}
