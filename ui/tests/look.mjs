// Looks at pages, by hand: node tests/look.mjs URL USER PASSWORD PATH…
//
// Opens each path in light and dark at 1280 and 390 pixels, runs axe, saves pictures to the folder MUTT_LOOK
// (default ./look), and prints what is wrong. Ends with 1 if anything is.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { complaints, context, launch, settled, signIn, violations } from './browser.mjs';

const [url, user, password, ...paths] = process.argv.slice(2);
if (password === undefined) {
  console.error('usage: node tests/look.mjs URL USER PASSWORD PATH…');
  process.exit(2);
}
const folder = process.env.MUTT_LOOK ?? 'look';
await mkdir(folder, { recursive: true });

const browser = await launch();
let wrong = 0;

async function look(opened, path, name) {
  const page = await opened.newPage();
  const found = complaints(page);
  await page.goto(url + path);
  await settled(page);
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (sideways > 0) found.push(`the page is ${sideways} px wider than the window`);
  found.push(...(await violations(page)));
  await page.screenshot({ path: join(folder, `${name}.png`) });
  console.log(`${found.length === 0 ? 'good' : 'WRONG'}  ${name}`);
  for (const one of found) console.log(`  ${one}`);
  wrong += found.length;
  await page.close();
}

/** `/alerts?team=net` becomes `alerts-team-net`. */
const nameOf = (path) => path.replaceAll(/[^a-zA-Z0-9]+/g, '-').replaceAll(/^-|-$/g, '') || 'home';

const first = await context(browser);
await signIn(await first.newPage(), url, user, password);
const state = await first.storageState();
// One after another: the pictures are of a page that has the machine for itself.
for (const scheme of ['light', 'dark']) {
  for (const width of [1280, 390]) {
    const out = await context(browser, { scheme, width });
    await look(out, '/sign-in', `sign-in-${scheme}-${width}`);
    const signed = await context(browser, { scheme, width, state });
    for (const path of paths) await look(signed, path, `${nameOf(path)}-${scheme}-${width}`);
    await Promise.all([out.close(), signed.close()]);
  }
}
await browser.close();
process.exit(wrong === 0 ? 0 : 1);
