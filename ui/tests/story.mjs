// Plays what people come for, in a real browser: node tests/story.mjs '{"url": …, …}'
//
// From: a running MUTT with leased-line-down among its rules, traffic, a dead letter, and one person of each role.
// To: what is done, step by step; pictures of the pages; in the last line, as JSON, what was found. Ends with 1 if
// something is not as it should be. `more.chapters` names some of the chapters, to play these alone.
import { Stage, given } from './story/stage.mjs';
import { signsIn } from './story/1-sign-in.mjs';
import { arrives } from './story/2-arrives.mjs';
import { why } from './story/3-why.mjs';
import { decides } from './story/4-decides.mjs';
import { makesRule } from './story/5-rule.mjs';
import { replays } from './story/6-dead-letter.mjs';
import { forbidden } from './story/7-forbidden.mjs';
import { everyPage } from './story/8-pages.mjs';

const CHAPTERS = { 'sign-in': signsIn, arrives, why, decides, rule: makesRule, 'dead-letter': replays, forbidden, pages: everyPage };

async function play(stage) {
  const { chapters = Object.keys(CHAPTERS) } = stage.more;
  stage.found.chapters_ms = {};
  for (const name of chapters) {
    console.log(name);
    const began = performance.now();
    await CHAPTERS[name](stage);
    stage.found.chapters_ms[name] = Math.round(performance.now() - began);
  }
}

const stage = await Stage.begin(given('story.mjs'));
let isGood = true;
try {
  await play(stage);
} catch (error) {
  isGood = false;
  console.error(`FAILED: ${error.stack}`);
  await stage.explain();
}
await stage.browser.close();
const complained = stage.complained();
for (const one of complained) console.error(`complaint: ${one}`);
stage.found.console_errors = complained.length;
console.log(JSON.stringify(stage.found));
process.exit(isGood && stage.found.violations === 0 && complained.length === 0 ? 0 : 1);
