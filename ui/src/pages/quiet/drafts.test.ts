import { expect, it } from 'vitest';
import { newSilence, newWindow, silenceValues, toSilence, toWindow, windowValues } from './drafts';

const NOW = Date.parse('2026-11-28T21:13:40Z');
const host = { field: 'host', operator: 'glob', value: 'lab-*' } as const;

it('a new silence holds from this minute for two hours', () => {
  const silence = newSilence([], NOW);
  expect(silence.start).toBe('2026-11-28T21:13:00.000Z');
  expect(silence.end).toBe('2026-11-28T23:13:00.000Z');
  expect(silenceValues(silence).matchers).toHaveLength(1);
});

it('a silence comes out of its form as it went in', () => {
  const silence = { ...newSilence([host], NOW), name: 'lab', reason: 'switch', team: 'net', owner: 'ann' };
  expect(toSilence(silenceValues(silence), 'ann')).toEqual(silence);
  expect(toSilence({ ...silenceValues(silence), end: '' }, 'ann')).toBeNull();
});

it('a window comes out of its form as it went in', () => {
  const window = {
    ...newWindow([host], NOW),
    name: 'patches',
    reason: 'patches',
    zone: 'Europe/Berlin',
    rule: 'FREQ=WEEKLY;BYDAY=SU',
    except: ['2026-12-27'],
  };
  expect(toWindow(windowValues(window), undefined)).toEqual(window);
});

it('a window that is once has no rule', () => {
  const window = newWindow([host], NOW);
  expect(toWindow(windowValues(window), undefined)).not.toHaveProperty('rule');
});
