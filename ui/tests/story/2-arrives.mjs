// An operator looks at Now, and an alert arrives there by itself.
import { must, seen } from './stage.mjs';

/** Devices of this story alone. */
export const HOST = 'story-edge-1';

export const lineDown = (line, host = HOST) => `<187>Nov 28 12:00:00 ${host} line: leased line ${line} down`;
export const lineUp = (line, host = HOST) => `<187>Nov 28 12:00:00 ${host} line: leased line ${line} up`;

/** Now, narrowed to what a text finds. */
export async function lookFor(stage, page, text) {
  await stage.open(page, '/');
  await page.getByRole('searchbox').or(page.getByLabel('Find in device, summary, rule, message')).first().fill(text);
  await seen(page.getByRole('status').getByText('live', { exact: true }), 'the sign of live changes');
}

export async function arrives(stage) {
  const page = await stage.person('operator');
  await lookFor(stage, page, HOST);
  const alert = page.getByRole('grid', { name: 'Alerts' }).getByRole('link', { name: /leased line 7 is down/ });
  must((await alert.count()) === 0, 'the alert is not there before its message is sent');
  await page.evaluate(() => {
    globalThis.isSamePage = true;
  });
  const sent = performance.now();
  await stage.send([lineDown(7)]);
  await seen(alert, 'the alert of line 7 on Now');
  const took = Math.round(performance.now() - sent);
  must(await page.evaluate(() => globalThis.isSamePage === true), 'the page was not loaded again');
  stage.found.arrives_ms = took;
  stage.say(`an alert shows ${took} ms after its message was sent, without a reload`);
}
