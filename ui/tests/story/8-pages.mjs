// Every page as an admin sees it, light and dark, wide and narrow: nothing that axe finds, nothing in the console, no
// link into nowhere; and a picture of each.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { settled, violations } from '../browser.mjs';
import { examples } from './7-forbidden.mjs';
import { must } from './stage.mjs';

const PICTURE_BYTES_MAX = 120_000;
const LOOKS = [
  { scheme: 'light', width: 1280 },
  { scheme: 'dark', width: 1280 },
  { scheme: 'dark', width: 390 },
  { scheme: 'light', width: 390 },
];

/** Path and title of each page, as src/app/pages.tsx has them. */
async function pages() {
  const text = await readFile(new URL('../../src/app/pages.tsx', import.meta.url), 'utf8');
  return [...text.matchAll(/\n {4}path: '(?<path>[^']+)',\n {4}title: '(?<title>[^']+)'/g)].map(({ groups }) => ({ ...groups }));
}

/** A path with something in it: what may be left out is, what must not is one of the examples. */
function filled(path, things) {
  const given = { '/alerts/:id': things.alert, '/unknown/:id': things.pattern, '/rules/:id': things.rule, '/revisions/:number': things.revision, '/delivery/:list': 'delivered', '/inventory/locate/:host?': things.host };
  const value = given[path];
  if (value !== undefined) return path.replace(/:\w+\??/, encodeURIComponent(value));
  const without = path.replaceAll(/\/:\w+\?/g, '');
  must(!without.includes(':'), `this story knows no example for the page ${path}`);
  return without;
}

export async function everyPage(stage) {
  const admin = await stage.person('admin');
  const all = await pages();
  must(all.length > 10, `src/app/pages.tsx has pages: ${all.length}`);
  const things = await examples(admin, stage.more.rule);
  const state = await admin.context().storageState();
  const ways = [
    { path: '/sign-in', name: 'sign-in', isOut: true },
    ...all.map(({ path, title }) => ({ path: filled(path, things), name: slug(title) })),
    { path: `/find?id=${things.message}`, name: 'way' },
  ];
  const known = all.map(({ path }) => pattern(path));
  const queue = ways.values();
  // Two at a time: a page waits for answers about as long as it is looked at.
  await Promise.all([1, 2].map(() => worker(stage, queue, { state, known })));
  stage.found.pages = ways.length;
  stage.say(`${ways.length} pages, each light and dark, 1280 and 390 wide: ${stage.found.violations} things that axe finds`);
}

async function worker(stage, queue, { state, known }) {
  for (const way of queue) {
    const opened = await stage.look({ state: way.isOut ? undefined : state });
    const page = await opened.newPage();
    const found = stage.listen(page, way.path);
    await stage.open(page, way.path);
    for (const look of LOOKS) await lookAt(stage, page, way, look);
    await noLinkToNowhere(page, way, known);
    console.log(`  ${found.length === 0 ? 'good ' : 'WRONG'} ${way.path}`);
    await opened.close();
  }
}

async function lookAt(stage, page, { path, name }, { scheme, width }) {
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
  await page.setViewportSize({ width, height: 800 });
  await settled(page);
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  must(sideways <= 0, `${path} is ${sideways} px wider than a window of ${width}`);
  for (const one of await violations(page)) {
    stage.found.violations += 1;
    console.error(`violation: ${path}, ${scheme}, ${width}: ${one}`);
  }
  if (width !== 1280 || stage.screens === undefined) return;
  const picture = await page.screenshot({ type: 'jpeg', quality: 60 });
  must(picture.length < PICTURE_BYTES_MAX, `the picture of ${path} has ${picture.length} bytes`);
  await writeFile(join(stage.screens, `${name}-${scheme}.jpg`), picture);
}

/** Each link of the page that stays in these pages leads to one of them. */
async function noLinkToNowhere(page, { path }, known) {
  const links = await page.locator('a[href^="/"]').evaluateAll((all) => all.map((one) => new URL(one.href).pathname));
  const lost = [...new Set(links)].filter((to) => !to.startsWith('/api/') && !known.some((one) => one.test(to)));
  must(lost.length === 0, `${path} has links that lead to no page: ${lost.join(', ')}`);
}

/** `/alerts/:id` as an expression over paths. */
function pattern(path) {
  return new RegExp(`^${path.replaceAll(/\/:\w+\?/g, '(/[^/]+)?').replaceAll(/:\w+/g, '[^/]+')}$`);
}

const slug = (title) => title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
