// Each alert changes again and again while somebody looks. From: the same messages, sent once more. To: how long it
// takes until the page has seen all of it, and what it takes of memory afterwards.
import { must, seen } from '../story/stage.mjs';
import { spread } from './scroll.mjs';

/** After a collection, with ten thousand alerts: nodes of the document, and of what is no longer in it. */
const NODES_MAX = 20_000;
const HEAP_MB_MAX = 150;
/** What the changes may leave behind: a page that keeps each of them would grow by more. */
const GROWN_MB_MAX = 30;
const SEEN_WITHIN_MS = 120_000;

export async function watchChanges(stage, page, measure) {
  const { alerts, changes } = stage.more;
  await page.goto(`${stage.url}/?sort=count`);
  const grid = page.getByRole('grid', { name: 'Alerts' });
  await seen(page.getByRole('status').getByText('live', { exact: true }), 'the sign of live changes');
  await page.waitForFunction((rows) => Number(document.querySelector('[role="grid"]')?.getAttribute('aria-rowcount')) > rows, alerts);
  const least = grid.getByRole('row').nth(1).locator('[data-head="Count"]');
  await seen(least.filter({ hasText: /^1$/ }), 'the alert with the least messages on top');
  const before = await measure();
  await page.evaluate(watchFrames);
  const rounds = Math.ceil(changes / alerts);
  const began = performance.now();
  for (let round = 1; round <= rounds; round += 1) await stage.send(messages(alerts, round));
  stage.say(`${rounds * alerts} messages are sent while it is looked at`);
  await least.filter({ hasText: new RegExp(`^${rounds + 1}$`) }).waitFor({ timeout: SEEN_WITHIN_MS });
  const took_ms = Math.round(performance.now() - began);
  const frames = spread(await page.evaluate(() => globalThis.frames_ms));
  const after = await measure();
  stage.found.changes = { changes: rounds * alerts, took_ms, ...frames, before, after };
  stage.say(`all are seen: ${JSON.stringify(stage.found.changes)}`);
  must(after.nodes <= NODES_MAX, `the page has ${after.nodes} nodes, and at most ${NODES_MAX} may be`);
  must(after.heap_mb <= HEAP_MB_MAX, `the page takes ${after.heap_mb} MB, and at most ${HEAP_MB_MAX} may be`);
  const grown = after.heap_mb - before.heap_mb;
  must(grown <= GROWN_MB_MAX, `the page grew by ${grown} MB, and at most ${GROWN_MB_MAX} may be`);
}

function messages(alerts, round) {
  const second = String(round % 60).padStart(2, '0');
  return Array.from({ length: alerts }, (_, at) => `<187>Nov 28 12:00:${second} sw-${at} port: port down`);
}

/** In the page: keeps how long each frame took. */
function watchFrames() {
  globalThis.frames_ms = [];
  let before = performance.now();
  const next = (now) => {
    globalThis.frames_ms.push(now - before);
    before = now;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
}
