// What chapters share: people who are signed in, each in a browser of their own; messages to MUTT; and words for
// what is not as it should be. From: what the test hands over. To: the chapters.
import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { complaints, context, launch, settled, signIn } from '../browser.mjs';

/** How long something may take to show; PATIENCE_S is for a machine that has much else to do. */
export const PATIENCE_MS = Number(process.env.PATIENCE_S ?? 30) * 1_000;

/** `{url, password, tcp: {host, port}, screens, more}`, as the first argument. */
export function given(script) {
  const [text] = process.argv.slice(2);
  if (text === undefined) {
    console.error(`usage: node tests/${script} '{"url": …, "password": …, "tcp": {"host": …, "port": …}, "screens": …, "more": {…}}'`);
    process.exit(2);
  }
  return JSON.parse(text);
}

/** Fails with `words` if it is not so. */
export function must(isSo, words) {
  if (!isSo) throw new Error(words);
}

/** Waits until it is seen, and answers it. */
export async function seen(locator, what) {
  try {
    await locator.first().waitFor({ timeout: PATIENCE_MS });
  } catch {
    throw new Error(`not seen within ${PATIENCE_MS / 1_000} s: ${what}`);
  }
  return locator.first();
}

/** Waits until it is gone. */
export async function gone(locator, what) {
  try {
    await locator.first().waitFor({ state: 'hidden', timeout: PATIENCE_MS });
  } catch {
    throw new Error(`still there after ${PATIENCE_MS / 1_000} s: ${what}`);
  }
}

export class Stage {
  /** Complaints of pages, with whose they are. */
  complaints = [];
  /** What is told at the end. */
  found = { violations: 0, console_errors: 0 };
  #people = new Map();
  #at = performance.now();

  constructor(browser, { url, password, tcp, screens, more = {} }) {
    Object.assign(this, { browser, url, password, tcp, screens, more });
  }

  static async begin(what) {
    const browser = await launch();
    if (what.screens !== undefined) await mkdir(what.screens, { recursive: true });
    return new Stage(browser, what);
  }

  /** Says what is done now. */
  say(words) {
    const now = performance.now();
    console.log(`  ${words} (${((now - this.#at) / 1_000).toFixed(1)} s)`);
    this.#at = now;
  }

  /** The page of a person, called as their role is; they sign in when they are first needed. */
  async person(role) {
    const known = this.#people.get(role);
    if (known !== undefined) return known;
    const page = await (await this.look({})).newPage();
    this.listen(page, role);
    await signIn(page, this.url, role, this.password);
    this.#people.set(role, page);
    return page;
  }

  /** A context whose waits have an end. */
  async look(how) {
    const opened = await context(this.browser, how);
    opened.setDefaultTimeout(PATIENCE_MS);
    return opened;
  }

  /** Keeps what a page complains of. */
  listen(page, whose) {
    const found = complaints(page);
    this.complaints.push({ whose, found });
    return found;
  }

  /** Takes back complaints that had to come; that none came is a fault. */
  expect(complaint) {
    const before = this.complained().length;
    for (const { found } of this.complaints) found.splice(0, found.length, ...found.filter((one) => !complaint.test(one)));
    must(this.complained().length < before, `a complaint was expected, and did not come: ${complaint}`);
  }

  /** Opens a path and waits until it is there. */
  async open(page, path) {
    await page.goto(this.url + path);
    await settled(page);
  }

  /** Sends lines of syslog over one connection, each ended by LF. */
  async send(lines) {
    const { host, port } = this.tcp;
    await new Promise((resolve, reject) => {
      const socket = connect(port, host, () => socket.end(lines.map((line) => `${line}\n`).join('')));
      socket.on('error', reject);
      socket.on('close', resolve);
      socket.resume();
    });
  }

  /** Pictures and words of all pages as they are, for whoever asks what went wrong. */
  async explain() {
    for (const [role, page] of this.#people) {
      const words = await page.locator('body').ariaSnapshot({ timeout: 5_000 }).catch((error) => error.message);
      console.error(`--- ${role} sees ${page.url()}\n${words.slice(0, 6_000)}`);
      if (this.screens !== undefined) await page.screenshot({ path: join(this.screens, `failed-${role}.png`) }).catch(() => {});
    }
  }

  /** Everything that pages complained of, one line each. */
  complained() {
    return this.complaints.flatMap(({ whose, found }) => found.map((one) => `${whose}: ${one}`));
  }
}
