// The pure parts of what pages share.
import { expect, test } from 'vitest';
import { barHeights, linePoints } from './charts/scale';
import { curlLine, pathOf } from './curl';
import { splitFaults } from './form';
import { permission } from './permission';
import { visible } from './raw';
import { type Column, nextSort, sortRows } from './table/columns';
import { moved } from './table/keys';
import { readState, writeState } from './urlState';

test('a call is a path and a line of curl that a shell takes as it is', () => {
  const call = { method: 'GET', path: '/alerts', query: { state: 'open,acknowledged', host: '', team: null } } as const;
  expect(pathOf(call)).toBe('/api/v1/alerts?state=open,acknowledged');
  expect(curlLine(call)).toBe(
    `curl -H "X-API-KEY: $MUTT_API_KEY" "$MUTT_URL"'/api/v1/alerts?state=open,acknowledged'`,
  );
  const change = curlLine({ method: 'PUT', path: '/teams/net', body: { note: "it's" }, ifMatch: '"3"' });
  expect(change).toContain(String.raw`-d '{"note":"it'\''s"}'`);
  expect(change).toContain(`-H 'If-Match: "3"'`);
});

test('faults stand at the field that they name, others apart', () => {
  const fault = (path: string, message: string) => ({ kind: 'silence', path, message });
  const faults = [fault('end', 'is over'), fault('end', 'is late'), fault('matchers[0].value', 'bad'), fault('ending', 'no'), fault('', 'all')];
  const { fields, rest } = splitFaults(faults, ['end', 'matchers']);
  expect(fields).toEqual({ end: 'is over; is late', matchers: 'bad' });
  expect(rest.map((one) => one.message)).toEqual(['no', 'all']);
});

test('roles hold what those before them hold, teams limit all but admins', () => {
  const ann = { role: 'operator', teams: ['net'] } as const;
  const of = { ...ann, teams: [...ann.teams] };
  expect(permission(of, 'viewer').allowed).toBe(true);
  expect(permission(of, 'author').why).toContain('author');
  expect(permission(of, 'operator', 'net').allowed).toBe(true);
  expect(permission(of, 'operator', 'app').why).toContain('app');
  expect(permission({ role: 'admin', teams: ['net'] }, 'operator', 'app').allowed).toBe(true);
  expect(permission({ role: 'operator', teams: [] }, 'operator', 'app').allowed).toBe(true);
});

test('control characters and marks of direction are seen', () => {
  expect(visible('a\tb\nc')).toBe('a\tb\nc');
  expect(visible('\u0000\u001b[31m\u007f')).toBe('␀␛[31m␡');
  expect(visible('x\u202Ey')).toBe('x<U+202E>y');
});

test('a state goes into the URL and comes out again, without what is usual', () => {
  const defaults = { text: '', limit: 10, deep: false, teams: [] as string[] };
  const written = writeState(new URLSearchParams('other=1&limit=7'), defaults, {
    text: 'a b&c',
    limit: 10,
    deep: true,
    teams: ['x', 'y'],
  });
  expect(written.toString()).toBe('other=1&text=a+b%26c&deep=true&teams=x%2Cy');
  expect(readState(written, defaults)).toEqual({ text: 'a b&c', limit: 10, deep: true, teams: ['x', 'y'] });
  expect(readState(new URLSearchParams('limit=many'), defaults).limit).toBe(10);
});

const COLUMNS: Column<{ n: number | null; at: number }>[] = [
  { id: 'n', head: 'N', cell: () => null, sort: (row) => row.n, startsDown: true },
];

test('rows are sorted by a column, none last, and what is alike keeps its order', () => {
  const rows = [{ n: 2, at: 0 }, { n: null, at: 1 }, { n: 10, at: 2 }, { n: 2, at: 3 }];
  expect(sortRows(rows, COLUMNS, 'n').map((row) => row.at)).toEqual([0, 3, 2, 1]);
  expect(sortRows(rows, COLUMNS, '-n').map((row) => row.at)).toEqual([2, 0, 3, 1]);
  expect(sortRows(rows, COLUMNS, 'gone')).toBe(rows);
});

test('clicks on a head go round', () => {
  const [column] = COLUMNS;
  if (column === undefined) throw new Error('no column');
  expect(nextSort('', column)).toBe('-n');
  expect(nextSort('-n', column)).toBe('n');
  expect(nextSort('n', column)).toBe('');
});

test('keys move within the rows', () => {
  expect(moved('j', 0, 3)).toBe(1);
  expect(moved('ArrowDown', 2, 3)).toBe(2);
  expect(moved('k', 0, 3)).toBe(0);
  expect(moved('End', 0, 3)).toBe(2);
  expect(moved('j', 0, 0)).toBeNull();
  expect(moved('q', 0, 3)).toBeNull();
});

test('pictures stay in their frame, and little is still seen', () => {
  expect(linePoints([0, 10], 100, 20)).toBe('1.5,18.5 98.5,1.5');
  expect(linePoints([], 100, 20)).toBe('');
  expect(barHeights([0, 1, 1_000], 30)).toEqual([1, 2, 30]);
});
