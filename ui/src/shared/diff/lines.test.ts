import { describe, expect, it } from 'vitest';
import { counted, diffLines, withContext } from './lines';

const MARKS = { same: ' ', removed: '-', added: '+' };

function told(before: string, after: string): string[] {
  return diffLines(before, after).map((line) => `${MARKS[line.sort]}${line.text}`);
}

describe('diffLines', () => {
  it('tells what is gone before what is new', () => {
    expect(told('a\nb\nc\n', 'a\nx\nc\n')).toEqual([' a', '-b', '+x', ' c']);
    expect(told('a\nb\n', 'a\nb\n')).toEqual([' a', ' b']);
    expect(told('', 'a\n')).toEqual(['+a']);
    expect(told('a\n', '')).toEqual(['-a']);
  });

  it('keeps the longest common lines', () => {
    expect(told('a\nb\nc\nd', 'b\nc\na\nd')).toEqual(['-a', ' b', ' c', '+a', ' d']);
  });

  it('numbers the lines of both', () => {
    const lines = diffLines('a\nb\nc', 'a\nx\ny\nc');
    expect(lines.map((line) => [line.before, line.after])).toEqual([[1, 1], [2, null], [null, 2], [null, 3], [3, 4]]);
    expect(counted(lines)).toEqual({ added: 2, removed: 1 });
  });

  it('puts back together to both texts', () => {
    const before = Array.from({ length: 60 }, (_, at) => `${(at * 7) % 11}`);
    const after = Array.from({ length: 55 }, (_, at) => `${(at * 5) % 13}`);
    const lines = diffLines(before.join('\n'), after.join('\n'));
    expect(lines.filter((line) => line.sort !== 'added').map((line) => line.text)).toEqual(before);
    expect(lines.filter((line) => line.sort !== 'removed').map((line) => line.text)).toEqual(after);
  });

  it('ends with texts that are very long and wholly different', () => {
    const long = (word: string) => Array.from({ length: 3_000 }, (_, at) => `${word}${at}`).join('\n');
    expect(counted(diffLines(long('a'), long('b')))).toEqual({ added: 3_000, removed: 3_000 });
  });
});

describe('withContext', () => {
  it('leaves out what is far from a difference', () => {
    const before = Array.from({ length: 20 }, (_, at) => `${at}`).join('\n');
    const shown = withContext(diffLines(before, before.replace('\n10\n', '\nten\n')), 1);
    expect(shown.map((one) => (one.sort === 'gap' ? `…${one.lines}` : one.text))).toEqual(['…9', '9', '10', 'ten', '11', '…8']);
  });
});
