// An operator scrolls through all open alerts. From: Now. To: what was drawn at most, and how long frames took.
import { must, seen } from '../story/stage.mjs';

/** Elements of the page while it is scrolled; ten thousand rows would be some two hundred thousand. */
export const ELEMENTS_MAX = 4_000;
const PX_A_FRAME = 2_000;
/** Many times what ten thousand rows need: a table that does not move has an end, too. */
const FRAMES_MAX = 1_000;

export async function scrollThrough(stage, page, measure) {
  const { alerts } = stage.more;
  await stage.open(page, '/');
  const grid = page.getByRole('grid', { name: 'Alerts' });
  await seen(grid, 'the table of alerts');
  await page.waitForFunction((rows) => Number(document.querySelector('[role="grid"]')?.getAttribute('aria-rowcount')) > rows, alerts);
  stage.say(`Now has ${alerts} alerts`);
  const { elements, frames_ms, last } = await grid.evaluate(scroll, { px: PX_A_FRAME, most: FRAMES_MAX });
  must(last === alerts + 1, `the end of the table is row ${alerts + 1}, not ${last}`);
  must(elements <= ELEMENTS_MAX, `${elements} elements were there while it was scrolled, and at most ${ELEMENTS_MAX} may be`);
  stage.found.scroll = { elements, ...spread(frames_ms), ...(await measure()) };
  stage.say(`scrolled through: ${JSON.stringify(stage.found.scroll)}`);
}

/** In the page: from the top to the end, a step in each frame. */
async function scroll(grid, { px, most }) {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const box = grid.parentElement;
  const frames_ms = [];
  let elements = 0;
  let before = await frame();
  while (frames_ms.length < most && box.scrollTop + box.clientHeight < box.scrollHeight - 1) {
    box.scrollTop += px;
    const now = await frame();
    frames_ms.push(now - before);
    before = now;
    elements = Math.max(elements, document.querySelectorAll('*').length);
  }
  // Rows are as high as what is in them: the last ones are measured when they are drawn.
  for (let still = 0; still < 5; still += 1) {
    box.scrollTop = box.scrollHeight;
    await frame();
  }
  const last = Math.max(...[...grid.querySelectorAll('[role="row"]')].map((row) => Number(row.getAttribute('aria-rowindex'))));
  return { elements, frames_ms, last };
}

/** Of how long frames took: the middle, what one in twenty is above, the longest. */
export function spread(frames_ms) {
  const sorted = frames_ms.toSorted((a, b) => a - b);
  const at = (share) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  return { frames: sorted.length, frame_p50_ms: at(0.5), frame_p95_ms: at(0.95), frame_max_ms: at(1) };
}
