import { expect, it } from 'vitest';
import { itemPath, itemText, restorer } from './kinds';

it('knows who may bring what back', () => {
  expect(['rule', 'host', 'user', 'key'].map(restorer)).toEqual(['author', 'admin', null, null]);
});

it('writes items as people do', () => {
  expect(itemText('rule', { handling: { prod: 'log_only', dev: 'log_only' }, id: 'a' })).toBe('id: a\nhandling: log_only\n');
  expect(itemText('team', { name: 'net' })).toBe('name: net\n');
  expect(itemText('rule', null)).toBe('');
});

it('knows where rules are looked at', () => {
  expect(itemPath('rule', 'a.b')).toBe('/rules/a.b');
  expect(itemPath('team', 'net')).toBeNull();
});
