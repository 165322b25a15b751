import { expect, test } from 'vitest';
import { formatAgo, formatBytes, formatDuration, formatNumber, formatShare, formatShort, plural } from './format';

test('numbers are grouped, and shortened from ten thousand on', () => {
  expect(formatNumber(1_234_567)).toBe('1,234,567');
  expect(formatShort(9_999)).toBe('9,999');
  expect(formatShort(1_234_567)).toBe('1.2M');
});

test('a share never shows all where some is missing, nor none where some is there', () => {
  expect(formatShare(1, 0)).toBe('–');
  expect(formatShare(0, 10)).toBe('0 %');
  expect(formatShare(10, 10)).toBe('100 %');
  expect(formatShare(9_999_999, 10_000_000)).toBe('> 99.99 %');
  expect(formatShare(1, 10_000_000)).toBe('< 0.01 %');
  expect(formatShare(9_987, 10_000)).toBe('99.87 %');
  expect(formatShare(1, 3)).toBe('33 %');
  expect(formatShare(1, 40)).toBe('2.5 %');
});

test('sizes are in powers of 1,024', () => {
  expect(formatBytes(0)).toBe('0 B');
  expect(formatBytes(1_536)).toBe('1.5 KiB');
  expect(formatBytes(500 * 1024 ** 3)).toBe('500 GiB');
});

test('durations have their two largest units', () => {
  expect(formatDuration(0)).toBe('0 ms');
  expect(formatDuration(12.34)).toBe('12.3 ms');
  expect(formatDuration(1_000)).toBe('1 s');
  expect(formatDuration(93_784_000)).toBe('1 d 2 h');
  expect(formatDuration(3_605_000)).toBe('1 h');
  expect(formatDuration(-61_000)).toBe('−1 min 1 s');
});

test('ages are in one unit, before and after', () => {
  expect(formatAgo(1_000, 2_000)).toBe('now');
  expect(formatAgo(0, 59_000)).toBe('59 s ago');
  expect(formatAgo(0, 60_000)).toBe('1 min ago');
  expect(formatAgo(7_200_000, 0)).toBe('in 2 h');
});

test('one is not many', () => {
  expect(plural(1, 'alert')).toBe('1 alert');
  expect(plural(0, 'reply', 'replies')).toBe('0 replies');
});
