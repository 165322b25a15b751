// Signing in: a wrong password is refused in words, the right one leads to Now; and how soon there is something to see.
import { settled } from '../browser.mjs';
import { must, seen } from './stage.mjs';

const LOADS = 5;

export async function signsIn(stage) {
  const opened = await stage.look({});
  const page = await opened.newPage();
  stage.listen(page, 'who signs in');
  await page.goto(`${stage.url}/rules`);
  const name = await seen(page.getByLabel('Name'), 'the field for the name, where nobody is signed in');
  const password = page.getByLabel(/^Password/);
  const button = page.getByRole('button', { name: 'Sign in', exact: true });
  await name.fill('operator');
  await password.fill('not the password');
  await button.click();
  const refused = await seen(page.getByRole('alert'), 'a refusal of the wrong password');
  const words = await refused.innerText();
  must(/name or the password is wrong/.test(words), `the refusal says: ${words}`);
  must((await password.inputValue()) === '', 'a wrong password is taken out of its field');
  stage.say('a wrong password is refused in words');

  await password.fill(stage.password);
  await password.press('Enter');
  await page.waitForURL((at) => at.pathname !== '/sign-in');
  await settled(page);
  must(new URL(page.url()).pathname === '/rules', `who wanted to go to /rules is at ${page.url()}`);
  await seen(page.getByRole('button', { name: /^operator/ }), 'who is signed in');
  stage.say('the right one leads to where they wanted to go');

  stage.found.first_paint_ms = await firstPaint(stage, page);
  stage.say(`first paint of Now after ${stage.found.first_paint_ms} ms, the median of ${LOADS}`);
  await opened.close();
}

/** The median of first-contentful-paint over some loads of Now. */
async function firstPaint(stage, page) {
  const paints = [];
  for (let load = 0; load < LOADS; load += 1) {
    await stage.open(page, '/');
    paints.push(await page.evaluate(painted));
  }
  return Math.round(paints.toSorted((a, b) => a - b)[Math.floor(LOADS / 2)]);
}

/** When the browser first painted something; it may not have told so yet. */
function painted() {
  return new Promise((resolve) => {
    new PerformanceObserver((list, observer) => {
      const [paint] = list.getEntriesByName('first-contentful-paint');
      if (paint === undefined) return;
      observer.disconnect();
      resolve(paint.startTime);
    }).observe({ type: 'paint', buffered: true });
  });
}
