/** Answers the browser's permission prompt, which automation can neither see nor click. */

/** @typedef {import('../browser.mjs').Browser} Browser */

/** Every port of the hosts that stand for servers here. @param {string} url */
const pattern = (url) => `http://${new URL(url).hostname}/*`;

/**
 * As a person who allows an address: notes it as `chrome://extensions` does, after which the browser grants it unasked.
 *
 * @param {Browser} browser @param {string} url
 */
export async function allow(browser, url) {
  const settings = await browser.context.newPage();
  await settings.goto('chrome://extensions/');
  await settings.evaluate(
    ([id, host]) => /** @type {any} */ (chrome).developerPrivate.addHostPermission(id, host),
    [browser.extensionId, pattern(url)],
  );
  await settings.close();
  await inPage(browser, (origins) => chrome.permissions.request({ origins }), url);
}

/** As a person who takes the permission back. @param {Browser} browser @param {string} url */
export const forbid = (browser, url) => inPage(browser, (origins) => chrome.permissions.remove({ origins }), url);

/** @param {Browser} browser @param {(origins: string[]) => Promise<boolean>} change @param {string} url */
async function inPage(browser, change, url) {
  const page = await browser.open('manifest.json');
  const done = await page.evaluate(change, [pattern(url)]);
  await page.close();
  if (!done) throw new Error(`the browser did not change what it allows of ${url}`);
}
