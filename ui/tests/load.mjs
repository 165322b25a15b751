// The pages where there is a lot: node tests/load.mjs '{"url": …, "more": {"alerts": 10000, "changes": 20000}}'
//
// From: a running MUTT with so many open alerts, of sw-0, sw-1, …. An operator scrolls through all of them, and looks
// while each changes again and again. To: what is measured, held to bounds; in the last line as JSON. Ends with 1 if
// something is not as it should be.
import { watchChanges } from './load/changes.mjs';
import { scrollThrough } from './load/scroll.mjs';
import { Stage, given, must } from './story/stage.mjs';

async function play(stage) {
  const page = await stage.person('operator');
  const measure = await meter(page);
  await scrollThrough(stage, page, measure);
  await watchChanges(stage, page, measure);
}

/** What the page takes, once all that can be is collected. */
async function meter(page) {
  const cdp = await page.context().newCDPSession(page);
  return async () => {
    await cdp.send('HeapProfiler.collectGarbage');
    const { nodes } = await cdp.send('Memory.getDOMCounters');
    const { usedSize } = await cdp.send('Runtime.getHeapUsage');
    return { nodes, heap_mb: Math.round(usedSize / 100_000) / 10 };
  };
}

const stage = await Stage.begin(given('load.mjs'));
let isGood = true;
try {
  await play(stage);
  const complained = stage.complained();
  must(complained.length === 0, complained.join('\n'));
} catch (error) {
  isGood = false;
  console.error(`FAILED: ${error.stack}`);
  await stage.explain();
}
await stage.browser.close();
stage.found.console_errors = stage.complained().length;
console.log(JSON.stringify(stage.found));
process.exit(isGood ? 0 : 1);
