// The operator opens the alert and follows why somebody was told: rule, captures, whose it is, the notice, and its
// message's way.
import { settled } from '../browser.mjs';
import { HOST, lookFor } from './2-arrives.mjs';
import { must, seen } from './stage.mjs';

/** From Now to the page of an alert. */
export async function openAlert(stage, page, summary, host = HOST) {
  await lookFor(stage, page, host);
  const link = await seen(page.getByRole('grid', { name: 'Alerts' }).getByRole('link', { name: summary }), `${summary} on Now`);
  await link.click();
  await page.waitForURL(/\/alerts\//);
  await settled(page);
  await seen(page.getByRole('heading', { level: 1, name: summary }), `the page of ${summary}`);
}

/** A part of a page by its title. */
export const part = (page, title) => page.getByRole('region', { name: title });

export async function why(stage) {
  const page = await stage.person('operator');
  await openAlert(stage, page, /leased line 7 is down/);
  const steps = part(page, 'Why it told, step by step');
  const rule = await seen(steps.getByRole('link', { name: stage.more.rule, exact: true }), 'a link to the rule');
  must((await rule.getAttribute('href')) === `/rules/${stage.more.rule}`, 'it leads to the rule');
  await seen(steps.getByText('line = 7'), 'what the rule captured');
  await seen(steps.getByText(/^prod today, since no development pattern/), 'the environment, and where it is known from');
  await seen(steps.getByText(/^team network: of the rule/), 'the team, and where it is known from');
  stage.say('rule, captures, environment and team are told, with where each is known from');

  await delivered(page);
  stage.say('its notice is delivered to moogsoft');

  await page.getByRole('link', { name: /^Runbook: https:\/\/wiki\.example\.net\/leased-lines/ }).waitFor();
  await steps.getByRole('link', { name: 'Its way from packet to page' }).click();
  await page.waitForURL(/\/find\?/);
  const way = part(page, 'Its way from packet to page');
  for (const [step, words] of [
    ['Received', 'done'],
    ['Stored', 'done'],
    ['Archived in NetIM', 'done'],
    ['Judged by the rules', 'done'],
    ['Alert', 'done'],
    ['Told', 'done'],
  ]) {
    const line = way.getByRole('listitem').filter({ hasText: new RegExp(`^${step}`) });
    await seen(line.filter({ hasText: words }), `in the message's way: ${step}, ${words}`);
  }
  await way.getByRole('link', { name: 'Open the alert' }).first().click();
  await seen(page.getByRole('heading', { level: 1, name: /leased line 7 is down/ }), 'the alert, from its message');
  stage.say('the way of its message is whole, and leads back to the alert');
}

/** On an alert's page: a notice to moogsoft is delivered. */
export async function delivered(page) {
  const notice = part(page, /^\d+ notices?$/);
  await seen(notice.getByRole('link', { name: 'moogsoft' }), 'a notice to moogsoft');
  await seen(notice.getByText('delivered', { exact: true }), 'that it is delivered');
  await seen(page.getByRole('heading', { name: 'Told to moogsoft' }), 'that moogsoft was told');
}
