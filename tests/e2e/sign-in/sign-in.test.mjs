/** Signing in at the published service: a person at a real authorization server, from the first run to a sign-in that ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Nice, signIn } from '../lib/peers/nice.mjs';
import { freshBrowser } from '../lib/scene.mjs';
import { until } from '../lib/wait.mjs';
import { steps, Welcome } from '../lib/pages/welcome.mjs';

/** @typedef {import('node:test').TestContext} TestContext */

/**
 * A fresh profile on its welcome page, with the published service chosen.
 *
 * @param {TestContext} t
 * @param {{ lifetime?: number, redirect?: string, origin?: string }} [options]
 */
async function firstRun(t, { lifetime, redirect, origin } = {}) {
  const browser = await freshBrowser(t, { welcome: true });
  const own = `https://${browser.extensionId}.chromiumapp.org/`;
  const ownOrigin = `chrome-extension://${browser.extensionId}`;
  const nice = await Nice.start({
    redirect: redirect ?? own,
    origin: origin ?? ownOrigin,
    ...(lifetime === undefined ? {} : { lifetime }),
  });
  t.after(() => nice.stop());
  const welcome = await Welcome.opened(browser);
  await welcome.form.fill({ Service: 'published', 'Sign in': 'nice' });
  await welcome.fill({ 'Client ID': nice.clientId, 'Service address': nice.url });
  return { browser, nice, welcome };
}

/** Clicks *Sign in with NICE*, and gives the window. @param {Welcome} welcome */
async function openWindow({ page }) {
  const [window] = await Promise.all([
    page.context().waitForEvent('page'),
    page.getByRole('button', { name: 'Sign in with NICE' }).first().click(),
  ]);
  return window;
}

/** @param {TestContext} t @param {{ lifetime?: number }} [options] */
async function watching(t, options) {
  const { browser, nice, welcome } = await firstRun(t, options);
  await signIn(await openWindow(welcome));
  await steps(welcome.page);
  await welcome.page.getByRole('button', { name: 'Save and start' }).click();
  await welcome.page.getByText('Watching', { exact: true }).waitFor();
  return { browser, nice, welcome };
}

test('a newcomer signs in with NICE and watches, on one page', async (t) => {
  const { browser, nice, welcome } = await firstRun(t);
  const redirect = await welcome.page.getByLabel('Redirect address', { exact: true }).inputValue();
  assert.equal(redirect, `https://${browser.extensionId}.chromiumapp.org/`);
  assert.match(await welcome.page.locator('.published').innerText(), /No voice sentiment/);
  await signIn(await openWindow(welcome));
  const passed = await steps(welcome.page);
  assert.deepEqual(
    passed.map(({ state }) => state),
    Array.from({ length: 8 }, () => 'passed'),
    JSON.stringify(passed),
  );
  assert.equal((await browser.status()).state, 'Not set up', 'the sign-in saves nothing');
  await welcome.page.getByRole('button', { name: 'Save and start' }).click();
  await welcome.page.getByText('Watching', { exact: true }).waitFor();
  const [code, ...others] = nice.granted;
  assert.deepEqual([code?.type, code?.isGranted, others.length], ['authorization_code', true, 0]);
  assert.match(code?.form.code_verifier ?? '', /^[\w-]{43}$/);
  const kept = await welcome.page.evaluate(() => chrome.storage.local.get());
  assert.doesNotMatch(JSON.stringify(kept), /refresh|verifier|eyJ/, 'tokens live in the browser session alone');
  assert.ok(nice.asked.every((url) => !/access_token|refresh_token|code_verifier/.test(url)));
});

test('a token is renewed early, each time by another refresh token, and a killed worker goes on', async (t) => {
  const { browser, nice } = await watching(t, { lifetime: 16 });
  const renewals = () => nice.granted.filter(({ type }) => type === 'refresh_token');
  await until('two renewals', () => renewals().length >= 2);
  await browser.stopWorkers();
  await until('a renewal by the next worker', () => renewals().length >= 3);
  assert.ok(renewals().every(({ isGranted }) => isGranted));
  const used = renewals().map(({ form }) => form.refresh_token);
  assert.equal(new Set(used).size, used.length, 'no refresh token is used twice');
  assert.equal(nice.granted.filter(({ type }) => type === 'authorization_code').length, 1, 'nobody signed in again');
});

test('a sign-in that is taken back is said in time, and signing in again ends it', async (t) => {
  const { browser, nice, welcome } = await watching(t, { lifetime: 70 });
  await nice.revoke();
  await until('it is said', async () => /not signed in with NICE/.test((await browser.status()).diagnosis), {
    seen: () => browser.status(),
    within: 120_000,
  });
  const refused = nice.granted.filter(({ isGranted }) => !isGranted);
  assert.ok(refused.length > 0 && refused.length < 3, 'a refresh token that is over is not tried again and again');
  await signIn(await openWindow(welcome));
  await welcome.page.getByText('Watching', { exact: true }).waitFor();
});

test('a window that is closed, and a person who cancels, are said with what to do', async (t) => {
  const { nice, welcome } = await firstRun(t);
  const closed = await openWindow(welcome);
  await closed.locator('input[name="login"]').waitFor();
  await closed.close();
  assert.match((await steps(welcome.page))[1]?.words ?? '', /ended without a sign-in.*Sign in again/);
  const cancelled = await openWindow(welcome);
  await cancelled.getByText('Cancel').click();
  const [, refused] = await steps(welcome.page);
  assert.match(refused?.words ?? '', /cancelled, or NICE does not allow it.*Sign in again.*access_denied/);
  assert.equal(nice.granted.length, 0);
});

test('a redirect address that is not registered brings no window, and the advice names the address', async (t) => {
  const { welcome } = await firstRun(t, { redirect: 'https://somebody-else.chromiumapp.org/' });
  await welcome.page.getByRole('button', { name: 'Sign in with NICE' }).first().click();
  const [, refused] = await steps(welcome.page);
  assert.match(refused?.words ?? '', /have an administrator register the redirect address.*could not be loaded/);
});

test('a code that the server does not redeem for an extension is said in the server’s words', async (t) => {
  const { welcome } = await firstRun(t, { origin: 'https://a-page.example' });
  await signIn(await openWindow(welcome));
  const [, refused] = await steps(welcome.page);
  assert.match(refused?.words ?? '', /NICE refused the sign-in.*origin chrome-extension:.*not allowed for client/);
});

test('a tenant whose hosts nobody vouches for gets no token', async (t) => {
  const { nice, welcome } = await firstRun(t);
  nice.configuration = { api_endpoint: 'https://stranger.example' };
  await signIn(await openWindow(welcome));
  const [, , tenant] = await steps(welcome.page);
  assert.match(tenant?.words ?? '', /names the host stranger\.example, which does not belong to NICE/);
});
