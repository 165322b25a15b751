// The pure parts of the way to the API.
import { expect, test } from 'vitest';
import { Batch, CHANGES_MAX } from './batch';
import { merge } from './list';
import { backOff, idOf } from './live';
import { asProblem, problemOf } from './problem';
import { localPath } from './session';

test('a batch keeps the last change of each thing', () => {
  const batch = new Batch<number>();
  for (let change = 0; change < 20_000; change += 1) batch.add(`alert ${change % 10}`, change);
  const { changes, overflown } = batch.take();
  expect(changes).toEqual([19_990, 19_991, 19_992, 19_993, 19_994, 19_995, 19_996, 19_997, 19_998, 19_999]);
  expect(overflown).toBe(false);
  expect(batch.isEmpty).toBe(true);
});

test('a batch has an end, and says that some was left out', () => {
  const batch = new Batch<number>();
  for (let change = 0; change < CHANGES_MAX + 1; change += 1) batch.add(null, change);
  const { changes, overflown } = batch.take();
  expect(changes).toHaveLength(CHANGES_MAX);
  expect(overflown).toBe(true);
  expect(batch.take()).toEqual({ changes: [], overflown: false });
});

test('changes go into a list: the same in place, new ones first, what is over goes', () => {
  const item = (id: string, state: string) => ({ id, state });
  const items = [item('a', 'open'), item('b', 'open'), item('c', 'open')];
  const changes = [item('d', 'open'), item('b', 'taken'), item('c', 'closed'), item('e', 'closed'), item('f', 'open')];
  const merged = merge(items, changes, (one) => one.state !== 'closed');
  expect(merged.map((one) => `${one.id} ${one.state}`)).toEqual(['f open', 'd open', 'a open', 'b taken']);
});

test('changes are told apart by what they are of', () => {
  expect(idOf('alert', { id: 'a' })).toBe('a');
  expect(idOf('delivery', { number: 7, destination: 'moogsoft' })).toBe('7');
  expect([idOf('pulse', {}), idOf('catalog', { revision: 1 })]).toEqual(['pulse', 'catalog']);
  expect(idOf('delivery', {})).toBeNull();
});

test('attempts come later and later, at most every half a minute', () => {
  expect(backOff(0, 0)).toBe(500);
  expect(backOff(0, 1)).toBe(1_000);
  expect(backOff(50, 1)).toBe(30_000);
});

test('a problem is read from its document, and what is none is told apart', async () => {
  const body = { title: 'Conflict', detail: 'it is over', errors: [{ kind: 'request', path: 'do', message: 'no' }] };
  const told = await problemOf(Response.json(body, { status: 409, headers: { 'Retry-After': '3' } }));
  expect(told).toMatchObject({ status: 409, title: 'Conflict', detail: 'it is over', retryAfterSeconds: 3 });
  expect(told.errors).toHaveLength(1);
  const other = await problemOf(new Response('<html>', { status: 502, statusText: 'Bad Gateway' }));
  expect(other).toMatchObject({ status: 502, title: 'Bad Gateway', errors: [] });
  expect(asProblem('odd').detail).toBe('odd');
});

test('a sign-in leads to these pages only', () => {
  expect(localPath('/rules?x=1')).toBe('/rules?x=1');
  for (const bad of [null, '', 'rules', '//evil', '/\\evil', 'https://evil']) expect(localPath(bad)).toBe('/');
});
