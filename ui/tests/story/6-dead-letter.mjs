// A notice that moogsoft refused: a viewer sees why they may not send it again; the operator does, and it arrives.
import { settled } from '../browser.mjs';
import { delivered } from './3-why.mjs';
import { gone, must, seen } from './stage.mjs';
import { whyNot } from './offered.mjs';

const SUMMARY = /dead-1: leased line 1 is down/;

export async function replays(stage) {
  const viewer = await stage.person('viewer');
  await openLetter(stage, viewer);
  const why = await whyNot(viewer.getByRole('dialog').getByRole('button', { name: 'Send it again' }));
  must(/needs the role operator/.test(why), `a viewer is told why they may not send it again, not: ${why}`);
  stage.say('a viewer sees the dead letter, and why they may not send it again');

  const page = await stage.person('operator');
  const letter = await openLetter(stage, page);
  await seen(letter.getByText('400', { exact: false }), 'what moogsoft answered');
  await letter.getByRole('button', { name: 'Send it again' }).click();
  const asked = await seen(page.getByRole('dialog', { name: 'Send this notice again?' }), 'the question before it is sent');
  await asked.getByRole('button', { name: 'Send it again' }).click();
  await gone(asked, 'the question before it is sent');
  await seen(letter.getByText('delivered', { exact: true }), 'that the letter is delivered');
  await letter.getByRole('link', { name: SUMMARY }).click();
  await page.waitForURL(/\/alerts\//);
  await settled(page);
  await delivered(page);
  stage.say('the operator sends it again, and it is delivered');
}

/** From the destinations over their dead letters to the one that is there from the beginning. */
async function openLetter(stage, page) {
  await stage.open(page, '/delivery');
  await page.getByRole('region', { name: 'moogsoft' }).getByRole('link', { name: /^Look at the dead letters/ }).click();
  await page.waitForURL(/\/delivery\/dead/);
  await settled(page);
  const row = await seen(page.getByRole('grid').getByRole('row').filter({ hasText: SUMMARY }), 'the dead letter');
  await row.getByRole('gridcell').first().click();
  return seen(page.getByRole('dialog', { name: /^Notice \d+/ }), 'the dead letter beside the list');
}
