import { expect, it } from 'vitest';
import type { Schemas } from '@/api/client';
import { words } from './backtest';

const tally = { changed: 0, clears_gained: 0, clears_lost: 0, draft: 0, gained: 0, live: 0, lost: 0, same: 0 };
const none = { gained: 0, lost: 0, same: 0 };

function report(change: Partial<Schemas['Report']>): Schemas['Report'] {
  return { events: 100, all: tally, alerts: none, pages: none, unreadable: 0, ...change } as Schemas['Report'];
}

it('says what would have come of it', () => {
  const said = words(report({ all: { ...tally, gained: 40 }, alerts: { ...none, gained: 1 }, pages: { ...none, gained: 2 } }));
  expect(said).toContain('It would have wanted 40 that no rule wants now.');
  expect(said).toContain('It would have opened 1 alert.');
  expect(said).toContain('Somebody would have been paged 2 times.');
});

it('says so if nothing would have come of it', () => {
  const said = words(report({}));
  expect(said).toContain('It would have wanted none of them: look at its conditions.');
  expect(said).toContain('It would have opened no alert.');
});
