// Every page as an admin sees it, light and dark, wide and narrow: nothing that axe finds, nothing in the console, no
// link into nowhere; and a picture of each.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { settled, violations } from '../browser.mjs';
import { oneOfEach } from './7-forbidden.mjs';
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
  const examples = {
    '/alerts/:id': things.alert,
    '/unknown/:id': things.pattern,
    '/rules/:id': things.rule,
    '/revisions/:number': things.revision,
    '/delivery/:list': 'delivered',
    '/noise/:list': 'alerts',
    '/inventory/locate/:host?': things.host,
  };
  const value = examples[path];
  if (value !== undefined) return path.replace(/:\w+\??/, encodeURIComponent(value));
  const without = path.replaceAll(/\/:\w+\?/g, '');
  must(!without.includes(':'), `this story knows no example for the page ${path}`);
  return without;
}

export async function everyPage(stage) {
  const admin = await stage.person('admin');
  const all = await pages();
  must(all.length > 10, `src/app/pages.tsx has pages: ${all.length}`);
  const things = await oneOfEach(admin, stage.more.rule);
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
  stage.say(`${ways.length} pages, each light and dark, 1280 and 390 wide: ${stage.found.violations} violations`);
}

async function worker(stage, queue, { state, known }) {
  for (const way of queue) {
    const opened = await stage.look({ state: way.isOut ? undefined : state });
    const page = await opened.newPage();
    const found = stage.listen(page, way.path);
    await stage.open(page, way.path);
    for (const look of LOOKS) await lookAt(stage, page, way, look);
    await noLinkToNowhere(stage, page, way, known);
    console.log(`  ${found.length === 0 ? 'good ' : 'WRONG'} ${way.path}`);
    await opened.close();
  }
}

async function lookAt(stage, page, { path, name }, { scheme, width }) {
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
  await page.setViewportSize({ width, height: 800 });
  await settled(page);
  await page.waitForFunction(isDrawn, scheme);
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (sideways > 0) wrong(stage, `${path} is ${sideways} px wider than a window of ${width}`);
  for (const one of await violations(page)) wrong(stage, `${path}, ${scheme}, ${width}: ${one}`);
  if (width !== 1280 || stage.screens === undefined) return;
  const picture = await page.screenshot({ type: 'jpeg', quality: 60 });
  must(picture.length < PICTURE_BYTES_MAX, `the picture of ${path} has ${picture.length} bytes`);
  await writeFile(join(stage.screens, `${name}-${scheme}.jpg`), picture);
}

/** In the page: it has the colours of this scheme, and none is on its way to another. */
function isDrawn(scheme) {
  const isMoving = document.getAnimations().some((one) => one instanceof CSSTransition && one.playState === 'running');
  return document.documentElement.dataset.mantineColorScheme === scheme && !isMoving;
}

/** All pages are looked at, whatever is wrong with one. */
function wrong(stage, words) {
  stage.found.violations += 1;
  console.error(`violation: ${words}`);
}

/** Each link of the page that stays in these pages leads to one of them. */
async function noLinkToNowhere(stage, page, { path }, known) {
  const links = await page.locator('a[href^="/"]').evaluateAll((all) => all.map((one) => new URL(one.href).pathname));
  const lost = [...new Set(links)].filter((to) => !to.startsWith('/api/') && !known.some((one) => one.test(to)));
  if (lost.length > 0) wrong(stage, `${path} has links that lead to no page: ${lost.join(', ')}`);
}

/** `/alerts/:id` as an expression over paths. */
function pattern(path) {
  return new RegExp(`^${path.replaceAll(/\/:\w+\?/g, '(/[^/]+)?').replaceAll(/:\w+/g, '[^/]+')}$`);
}

const slug = (title) => title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
