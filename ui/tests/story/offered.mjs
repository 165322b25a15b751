// Whether a page offers something, and if not, why. From: a button. To: the chapters on who may do what.

/** The reason that a disabled button gives, wherever it stands; empty: it is not disabled, or gives none. */
export async function whyNot(button) {
  if (!(await isDisabled(button))) return '';
  const said = await button.evaluate((element) => {
    const described = (element.getAttribute('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent);
    return [element.getAttribute('aria-description'), element.title, ...described].filter(Boolean).join(' ');
  });
  if (said !== '') return said;
  await button.hover({ force: true });
  const tip = button.page().getByRole('tooltip').first();
  await tip.waitFor({ timeout: 5_000 }).catch(() => {});
  return (await tip.count()) === 0 ? '' : tip.innerText();
}

/** For whoever looks, uses the keyboard, or listens. */
export function isDisabled(button) {
  return button.evaluate((element) => element.matches(':disabled, [aria-disabled="true"]'));
}
