// What a role may not do is not offered, or disabled with a reason; and whoever asks all the same is refused by the API.
import { isDisabled, whyNot } from './offered.mjs';
import { ROLES, groupOf, hasRole, operations, refused } from './roles.mjs';
import { must, seen } from './stage.mjs';

/** What pages offer: `least` is who may; `path` leads to the page. */
const OFFERS = [
  { least: 'operator', path: ({ alert }) => `/alerts/${alert}`, names: ['Take', 'Silence', 'Close', 'Comment'] },
  { least: 'operator', path: () => '/quiet', names: ['New silence', 'New maintenance window'] },
  { least: 'operator', path: () => '/trust', names: ['Run a drill'] },
  { least: 'author', path: ({ pattern }) => `/unknown/${pattern}`, names: ['Make a rule', 'Ignore', 'Mark handled'] },
  { least: 'author', path: () => '/rules', names: ['New rule'], isLink: true },
  { least: 'author', path: ({ rule }) => `/rules/${rule}`, names: ['Delete'] },
  { least: 'admin', path: ({ revision }) => `/revisions/${revision}`, names: ['Bring all back to here'] },
  { least: 'admin', path: () => '/inventory', names: ['New entry'] },
  { least: 'admin', path: () => '/teams', names: ['New team'] },
  { least: 'admin', path: () => '/settings', names: [/^Change /] },
  { least: 'admin', path: () => '/users', names: ['New user'], isWhole: true },
  { least: 'admin', path: () => '/audit', names: [], isWhole: true },
];

export async function forbidden(stage) {
  const things = await oneOfEach(await stage.person('admin'), stage.more.rule);
  const all = await operations();
  stage.found.refused = {};
  const roles = ROLES.values();
  await Promise.all([1, 2].map(() => tried(stage, roles, things, all)));
}

/** Role after role, two at a time. */
async function tried(stage, roles, things, all) {
  for (const role of roles) {
    const page = await stage.person(role);
    for (const offer of OFFERS) await offered(stage, page, role, offer, things);
    stage.say(`${role}: pages offer what the role may do, and say why not of the rest`);
    if (role !== 'admin') stage.found.refused[role] = await askAllTheSame(stage, page, role, all);
  }
}

/** One of each thing that has a page. */
export async function oneOfEach(page, rule) {
  const first = (path) => page.evaluate(async (at) => (await (await fetch(`/api/v1${at}`)).json()).items[0], path);
  // Of the story's own rule: those of the traffic may be over while they are looked at.
  const alert = await first(`/alerts?state=open&limit=1&rule=${rule}`);
  const [pattern, revision] = [await first('/patterns?state=open&limit=1'), await first('/revisions?limit=1')];
  must(alert !== undefined && pattern !== undefined && revision !== undefined, 'there is an open alert, a pattern and a revision');
  return { alert: alert.id, message: alert.correlation_id, host: alert.host, pattern: pattern.id, revision: revision.number - 1, rule };
}

async function offered(stage, page, role, { least, path, names, isLink = false, isWhole = false }, things) {
  const at = path(things);
  await stage.open(page, at);
  const isAllowed = hasRole(role, least);
  if (isWhole && !isAllowed) {
    await seen(page.getByText(/^This page is not for your role/), `${at}: why it is not for a ${role}`);
    must((await page.getByRole('navigation').locator(`a[href="${at}"]`).count()) === 0, `${at} is not in the navigation of a ${role}`);
    return;
  }
  for (const name of names) {
    const button = page.getByRole('main').getByRole(isLink && isAllowed ? 'link' : 'button', typeof name === 'string' ? { name, exact: true } : { name }).first();
    if (isAllowed) {
      await seen(button, `${at}: ${name} for a ${role}`);
      must(!(await isDisabled(button)), `${at}: ${name} is there for a ${role}, but disabled`);
    } else if ((await button.count()) > 0) {
      const why = await whyNot(button);
      must(why.includes(`needs the role ${least}`), `${at}: ${name} says to a ${role} why not, instead of: “${why}”`);
    }
  }
}

/** Asks the API from within the page, with its session and token: each time 403. */
async function askAllTheSame(stage, page, role, all) {
  const asks = refused(all, role);
  // A refusal is an error in the console of the page that asks: that is another page of the same person.
  const asking = await page.context().newPage();
  await asking.goto(`${stage.url}/health`);
  const answers = await asking.evaluate(ask, asks);
  await asking.close();
  const wrong = answers.filter(({ status }) => status !== 403).map(({ method, path, status }) => `${method} ${path}: ${status}`);
  must(wrong.length === 0, `a ${role} is not refused: ${wrong.join(', ')}`);
  const groups = new Set(asks.map(({ path }) => groupOf(path)));
  stage.say(`${role}: ${asks.length} requests of ${groups.size} groups of paths are refused by the API`);
  return asks.length;
}

async function ask(asks) {
  const { csrf } = await (await fetch('/api/v1/session')).json();
  const answers = [];
  for (const { method, path, body } of asks) {
    const headers = { 'X-MUTT-CSRF': csrf, 'Content-Type': 'application/json' };
    const given = method === 'GET' ? {} : { body: JSON.stringify(body) };
    const { status } = await fetch(`/api/v1${path}`, { method, headers, ...given });
    answers.push({ method, path, status });
  }
  return answers;
}
