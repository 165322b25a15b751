// What all looks and proofs in a browser share: a Chromium, a signed-in page, what it complains of, axe.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const require = createRequire(import.meta.url);

/** Where Debian has Chromium; CHROMIUM names another. */
export function launch() {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

/** A context of its own: `scheme` is light or dark, `width` in pixels. */
export function context(browser, { scheme = 'light', width = 1280, height = 800, state } = {}) {
  return browser.newContext({
    colorScheme: scheme,
    viewport: { width, height },
    reducedMotion: 'reduce',
    storageState: state,
  });
}

/** Whether somebody is signed in, and whether there is a provider, is asked; no is an answer to that. */
function isAsked(url) {
  return /\/api\/v1\/session(\/oidc)?$/.test(url);
}

/** One try of the past runs at a time: the page waits for it, and says so. */
function isWaiting(message, url) {
  return url.endsWith('/api/v1/backtests') && message.text().includes('429');
}

/** Collects what a page complains of: thrown errors, errors of the console (a broken policy is one). */
export function complaints(page) {
  const found = [];
  page.on('pageerror', (error) => found.push(`thrown: ${error.message}`));
  page.on('console', (message) => {
    const { url } = message.location();
    if (message.type() !== 'error' || isAsked(url) || isWaiting(message, url)) return;
    found.push(`console: ${message.text()} ${url}`);
  });
  return found;
}

export async function signIn(page, url, name, password) {
  await page.goto(`${url}/sign-in`);
  await page.locator('input[autocomplete="username"]').fill(name);
  await page.locator('input[autocomplete="current-password"]').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL((at) => at.pathname !== '/sign-in');
  await settled(page);
}

/** The page is there, and nothing says any more that it is loading. */
export async function settled(page) {
  await page.locator('h1').first().waitFor();
  await page.waitForFunction(() => {
    const loading = [...document.querySelectorAll('[role="status"], [role="progressbar"]')];
    return !loading.some((one) => (one.getAttribute('aria-label') ?? one.textContent ?? '').startsWith('Loading'));
  });
}

/** Violations of WCAG 2.2 AA and of axe's good practice: `rule: what (where, …)`. */
export async function violations(page) {
  const axe = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');
  // By the debugger, so the page's policy does not stand in the way.
  await page.evaluate(axe);
  const result = await page.evaluate(() =>
    globalThis.axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }),
  );
  return result.violations.map((one) => {
    const where = one.nodes.slice(0, 3).map((node) => `${node.target.join(' ')}: ${node.failureSummary}`);
    return `${one.id}: ${one.help} (${one.nodes.length})\n    ${where.join('\n    ').replaceAll('\n', ' ')}`;
  });
}
