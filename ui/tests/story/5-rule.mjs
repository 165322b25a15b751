// The author makes a rule of what no rule wants, brings it over shadow to live, sees what it tells, and takes it back.
import { settled } from '../browser.mjs';
import { delivered, openAlert } from './3-why.mjs';
import { gone, must, seen } from './stage.mjs';

const HOST = 'story-psu-1';
const RULE = 'story-psu';
const SENT = 20;

const degraded = (supply, shelf) => `<187>Nov 28 12:00:00 ${HOST} psu: power supply ${supply} of shelf ${shelf} degraded`;

export async function makesRule(stage) {
  const page = await stage.person('author');
  await stage.send(Array.from({ length: SENT }, (_, at) => degraded(at % 4, at)));
  await findPattern(stage, page);
  await propose(stage, page);
  await draftToLive(stage, page);
  await stage.send([degraded(3, 99)]);
  const alerts = await openAlert(stage, page, /power supply 3 of shelf 99/, HOST).then(() => page);
  await delivered(alerts);
  stage.say('one more message opens an alert, which is delivered to moogsoft');
  await takeBack(stage, page);
}

async function findPattern(stage, page) {
  await stage.open(page, '/unknown');
  await page.getByLabel('Find in key, template, first message').fill('power supply');
  const pattern = await seen(page.getByRole('grid').getByRole('link', { name: /power supply/ }), 'the pattern under Unknown');
  await pattern.click();
  await page.waitForURL(/\/unknown\/./);
  await settled(page);
  await seen(page.getByText(new RegExp(`power supply 0 of shelf 0 degraded`)), 'a sample of the pattern');
  stage.say(`${SENT} messages that no rule wants are one pattern under Unknown`);
}

async function propose(stage, page) {
  await page.getByRole('button', { name: 'Make a rule' }).click();
  const dialog = await seen(page.getByRole('dialog', { name: 'A rule for this pattern' }), 'the dialog of a rule');
  await dialog.getByLabel('Id of the rule').fill(RULE);
  await dialog.getByRole('button', { name: 'Propose a rule' }).click();
  const wanted = await seen(dialog.getByText(/^It would have wanted [\d,]+ that no rule wants now/), 'what the rule would have done');
  const [count] = /[\d,]+/.exec(await wanted.innerText()) ?? [];
  must(Number(count.replaceAll(',', '')) >= SENT, `the backtest says that it would have wanted ${count} messages, and ${SENT} were sent`);
  await dialog.getByRole('button', { name: 'Open in the editor' }).click();
  await page.waitForURL(/\/rules\/new/);
  await seen(page.getByRole('heading', { level: 1, name: 'New rule' }), 'the editor with the proposed rule');
  stage.say(`a rule is proposed, and would have wanted ${count} messages`);
}

async function draftToLive(stage, page) {
  const form = page.getByRole('region', { name: 'Form', exact: true });
  await form.getByRole('combobox', { name: 'Team' }).fill('power');
  await form.getByRole('combobox', { name: /^Handling/ }).first().selectOption('page_and_ticket');
  await form.getByRole('combobox', { name: 'Severity' }).selectOption('major');
  const past = page.getByLabel('What the draft would have done');
  const own = past.locator('div').filter({ hasText: 'Messages gained' }).locator('dd');
  await seen(own.filter({ hasText: /[1-9]/ }), 'the backtest beside the editor, with messages gained');
  stage.say(`the editor tries the draft on the recent past: ${await own.innerText()} messages gained`);
  await save(page, 'Save as draft', 'a new kind of message');
  await page.waitForURL(new RegExp(`/rules/${RULE}`));
  await settled(page);
  await become(page, 'Shadow', 'Save and run in shadow');
  await become(page, 'Live', 'Save and go live');
  stage.say('it goes from draft over shadow to live');
}

async function become(page, mode, verb) {
  const step = page.getByRole('group', { name: 'Mode of the rule' }).getByRole('radio', { name: new RegExp(mode) });
  await step.check();
  await save(page, verb, `to ${mode.toLowerCase()}`);
  const so = page.getByRole('group', { name: 'Mode of the rule' }).locator('label').filter({ hasText: 'is so now' });
  await seen(so.filter({ hasText: mode }), `that the rule is in ${mode}`);
}

async function save(page, verb, why) {
  await page.getByRole('group', { name: 'Save' }).getByRole('button', { name: verb, exact: true }).click();
  const dialog = await seen(page.getByRole('dialog', { name: `Save ${RULE}?` }), `the dialog before “${verb}”`);
  await dialog.getByLabel('Why').fill(why);
  await dialog.getByRole('button', { name: verb, exact: true }).click();
  await gone(dialog, `the dialog of “${verb}”`);
}

async function takeBack(stage, page) {
  await stage.open(page, `/revisions?kind=rule&name=${RULE}`);
  const revisions = page.getByRole('grid', { name: 'Revisions' });
  const first = await seen(revisions.getByRole('row').filter({ hasText: 'a new kind of message' }), 'the revision that made the rule');
  await first.getByRole('link').first().click();
  await bringBack(page, /removed/);
  await stage.open(page, `/rules/${RULE}`);
  await seen(page.getByText(`There is no rule ${RULE}`), 'that the rule is gone');
  stage.say('the state before the rule is brought back: the rule is gone');

  await stage.open(page, `/revisions?kind=rule&name=${RULE}`);
  await (await seen(revisions.getByRole('link'), 'the newest revision of the rule')).click();
  await bringBack(page, /new/);
  await stage.open(page, `/rules/${RULE}`);
  await seen(page.getByRole('heading', { level: 1, name: `Rule ${RULE}` }), 'the rule, back again');
  await seen(page.getByRole('radio', { name: /Live/, checked: true }), 'that it is live again');
  stage.say('and by its own revision the rule is back, live');
}

/** On the page of a revision: its item as it was before, after a look at what that changes. */
async function bringBack(page, change) {
  await page.waitForURL(/\/revisions\/\d+$/);
  const here = page.url();
  await page.getByRole('region', { name: `rule ${RULE}` }).getByRole('button', { name: 'Bring back as before' }).click();
  const dialog = await seen(page.getByRole('dialog'), 'the dialog of the way back');
  await seen(dialog.getByRole('list', { name: 'What changes' }).getByRole('listitem').filter({ hasText: change }), `that the rule becomes ${change}`);
  await dialog.getByRole('button', { name: 'Bring it back' }).click();
  await page.waitForURL((at) => at.href !== here);
  await settled(page);
}
