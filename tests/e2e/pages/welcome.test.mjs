/** The first run: from a fresh profile to *Streaming*, and from each kind of trouble to its next step, on one page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connection } from '../lib/pages/options.mjs';
import { freshBrowser, otherServer, streamingFromOther } from '../lib/scene.mjs';
import { until } from '../lib/wait.mjs';
import { Welcome } from '../lib/pages/welcome.mjs';

/** @param {import('node:test').TestContext} t */
async function firstRun(t) {
  const server = await otherServer(t);
  const browser = await freshBrowser(t, { welcome: true });
  const welcome = await Welcome.opened(browser);
  return { server, browser, welcome };
}

test('a newcomer gets from install to Streaming on one page', async (t) => {
  const began = performance.now();
  const { server, browser, welcome } = await firstRun(t);
  await welcome.fill(connection(server));
  const steps = await welcome.test();
  assert.deepEqual(
    steps.map(({ state }) => state),
    ['passed', 'passed', 'passed', 'skipped'],
  );
  assert.match(steps[0]?.words ?? '', /Sign-in Passed · [\d.]+ m?s/);
  assert.match(steps[3]?.words ?? '', /Dry run: no card was sent/);
  assert.equal((await browser.status()).state, 'Not set up', 'the test saves nothing');
  await welcome.page.getByRole('button', { name: 'Save and start' }).click();
  await welcome.page.getByText('Streaming', { exact: true }).waitFor();
  t.diagnostic(`install to Streaming in ${Math.round(performance.now() - began)} ms, typing aside`);
  assert.equal(server.cardRequests.length, 0);
  await Promise.all([
    browser.context.waitForEvent('page'),
    welcome.page.getByRole('button', { name: 'Open the dashboard' }).click(),
  ]);
  assert.deepEqual(browser.errors, []);
});

test('a wrong secret: what happened, why, and what to do; nothing is saved', async (t) => {
  const { server, browser, welcome } = await firstRun(t);
  await welcome.fill(connection(server, { 'Client secret': 'wrong' }));
  const [signIn, ...rest] = await welcome.test();
  assert.equal(signIn?.state, 'failed');
  assert.match(signIn?.words ?? '', /Sign-in was refused \(HTTP 40[01]\).*Enter the client ID and secret again/);
  assert.ok(rest.every(({ state }) => state === 'waiting'));
  assert.match(await welcome.said(), /Nothing was saved/);
  assert.equal(await welcome.page.getByRole('button', { name: 'Save and start' }).isVisible(), false);
  assert.equal((await browser.status()).state, 'Not set up');
  await welcome.fill({ 'Client secret': 'correct horse' });
  assert.equal((await welcome.test())[0]?.state, 'passed');
  // The refusal is what was asked for; the browser notes it as an error of its own.
  assert.deepEqual(
    browser.errors.filter((line) => !/status of 40[01]/.test(line)),
    [],
  );
});

test('a missing scope is named', async (t) => {
  const { server, welcome } = await firstRun(t);
  server.answerToken = () => ({
    status: 200,
    body: JSON.stringify({ access_token: 'some', expires_in: 3600, scope: 'interactions:read' }),
  });
  await welcome.fill(connection(server));
  const [signIn, scopes] = await welcome.test();
  assert.equal(signIn?.state, 'passed');
  assert.match(scopes?.words ?? '', /lacks the permission agentassist:write.*Ask your administrator to add/);
});

test('a real test card is posted on demand, and a rate limit says how long', async (t) => {
  const { server, welcome } = await firstRun(t);
  await welcome.fill(connection(server));
  await welcome.page.getByText('Send a real test card').click();
  await welcome.fill({ 'Interaction for a real test card': 'i-7' });
  assert.equal((await welcome.test())[3]?.state, 'passed');
  assert.equal(server.cardRequests[0]?.interaction, 'i-7');
  server.answerCard = () => ({ status: 429, headers: { 'retry-after': '30' } });
  const steps = await welcome.test();
  assert.match(steps[3]?.words ?? '', /asked Cuewire to wait (30|2\d)\s+s.*use stricter thresholds or filter queues/);
});

test('a refused stream, and one that drops later, say what to do', async (t) => {
  const { server, welcome } = await firstRun(t);
  await welcome.fill(connection(server));
  server.refuseUpgrade = () => 403;
  const steps = await welcome.test();
  assert.match(steps[2]?.words ?? '', /stream is refused although sign-in works.*interactions:read.*WebSockets/);
  await welcome.page.getByRole('button', { name: 'Save anyway' }).waitFor();
  server.refuseUpgrade = () => undefined;
  await welcome.test();
  await welcome.page.getByRole('button', { name: 'Save and start' }).click();
  await server.streaming();
  server.refuseUpgrade = () => 503;
  server.closeStreams(1011);
  const trouble = welcome.page.locator('[data-field="diagnosis"]');
  await until('it says so', async () => /cut \(code 1011\).*reconnects automatically/s.test(await trouble.innerText()));
});

test('what is missing is asked for at its field', async (t) => {
  const { welcome } = await firstRun(t);
  await welcome.fill({ 'Organization ID': 'two words' });
  await welcome.page.getByRole('button', { name: 'Test connection' }).click();
  await until('it says so', async () => /^Not tested\. Organization ID must be/.test(await welcome.said()));
  const focused = await welcome.page.evaluate(() => document.activeElement?.id);
  assert.equal(focused, 'organization');
  assert.match(await welcome.page.locator('#clientId-error').innerText(), /Client ID is missing/);
});

test('who is set up already sees how it goes, and can change the connection', async (t) => {
  const { browser } = await streamingFromOther(t);
  const page = await browser.open('welcome/welcome.html');
  await page.getByText('Streaming', { exact: true }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Test connection' }).isVisible(), false);
  await page.getByRole('button', { name: 'Change the connection' }).click();
  assert.equal(await page.getByLabel('Organization ID', { exact: true }).inputValue(), 'acme');
  assert.equal(await page.getByLabel('Client secret', { exact: true }).inputValue(), '');
});
