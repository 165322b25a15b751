// The operator acknowledges and takes the alert, and silences what is like it: the next one is opened, and nobody is told.
import { lineDown } from './2-arrives.mjs';
import { openAlert, part } from './3-why.mjs';
import { gone, must, seen } from './stage.mjs';

export async function decides(stage) {
  const page = await stage.person('operator');
  await openAlert(stage, page, /leased line 7 is down/);
  const acts = page.getByRole('group', { name: 'What to do' });
  await acts.getByRole('button', { name: 'Acknowledge' }).click();
  const facts = part(page, 'What it is');
  await seen(page.locator('header').getByText('acknowledged', { exact: true }), 'that it is acknowledged');
  await seen(facts.getByText('operator'), 'who acknowledged it');
  await acts.getByRole('button', { name: 'Take' }).click();
  await seen(page.getByText('operator works on it.'), 'that the operator works on it');
  stage.say('it is acknowledged and taken');

  await silence(stage, page, acts);
  await stage.send([lineDown(8)]);
  await openAlert(stage, page, /leased line 8 is down/);
  await seen(page.getByText(/quiet: silenced by/), 'why it is quiet');
  await seen(page.getByRole('heading', { name: /^Not told: .*silence/ }), 'that nobody was told');
  await seen(part(page, '0 notices').getByText(/^None, since it is quiet/), 'that there is no notice of it');
  stage.say('the next of the same device is opened and quiet, says why, and nobody is told');
}

async function silence(stage, page, acts) {
  await acts.getByRole('button', { name: 'Silence' }).click();
  const dialog = await seen(page.getByRole('dialog', { name: /^Silence:/ }), 'the dialog of a silence');
  const words = await (await seen(dialog.getByText(/^Would have hidden \d/), 'what it would have hidden')).innerText();
  const [, alerts, notices] = /hidden (\d+) alerts? \((\d+) notices?\)/.exec(words) ?? [];
  must(Number(alerts) >= 1 && Number(notices) >= 1, `it would have hidden the alert that was told: ${words}`);
  await dialog.getByLabel('Reason').fill('the carrier works on it');
  await dialog.getByRole('button', { name: 'Silence', exact: true }).click();
  await gone(dialog, 'the dialog of the silence');
  await seen(page.getByText(/quiet: silenced by/), 'that the alert is silenced now');
  stage.say(`it is silenced, after a look: ${words.toLowerCase()}`);
}
