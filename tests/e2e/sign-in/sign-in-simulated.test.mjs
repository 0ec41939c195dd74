/** Signing in at the simulator of the published service: its sign-in page, its user hub, and what its roles may not read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withKeptKey } from '../lib/pages/published.mjs';
import { freshBrowser } from '../lib/scene.mjs';
import { Simulator } from '../lib/peers/simulator.mjs';
import { until } from '../lib/wait.mjs';
import { steps, Welcome } from '../lib/pages/welcome.mjs';

const TENANT = '11eb660f-4c6d-34a0-8733-0242ac110002';
const KEY_SECRET = 'DEMOSECRETDEMOSECRETDEMOSECRETDEMOSECRETDEMOSE====';
const SUPERVISOR = 'SUPERVISORKEYSUPERVISORKEYSUPERVISORKEYSUPERVI====';
const VOICE = 'VOICEKEYVOICEKEYVOICEKEYVOICEKEYVOICEKEYVOICEK====';

/** @param {import('node:test').TestContext} t @param {string[]} [flags] */
async function firstRun(t, flags = []) {
  const simulator = await Simulator.start(['--service', 'published', ...flags]);
  t.after(() => simulator.stop());
  const browser = await freshBrowser(t, { welcome: true });
  const welcome = await Welcome.opened(browser);
  return { simulator, browser, welcome };
}

/** @param {Awaited<ReturnType<typeof firstRun>>} scene @param {string} key */
async function withKey({ simulator, welcome }, key) {
  await welcome.form.fill({ Service: 'published', 'Sign in': 'accessKey' });
  await welcome.fill({
    'Access key ID': key,
    'Access key secret': KEY_SECRET,
    'Tenant ID': TENANT,
    'Service address': `${simulator.url}/issuer`,
  });
  return welcome.test();
}

test('a person signs in on the simulator’s page and watches', async (t) => {
  const { simulator, welcome } = await firstRun(t);
  await welcome.form.fill({ Service: 'published', 'Sign in': 'nice' });
  await welcome.fill({ 'Client ID': 'cuewire-public', 'Service address': `${simulator.url}/issuer` });
  const [window] = await Promise.all([
    welcome.page.context().waitForEvent('page'),
    welcome.page.getByRole('button', { name: 'Sign in with NICE' }).first().click(),
  ]);
  await window.locator('#username').fill('supervisor@cuewire.example');
  await window.locator('#password').fill('cuewire-demo-password');
  await window.getByRole('button', { name: 'Sign in' }).click();
  const states = (await steps(welcome.page)).map(({ state }) => state);
  assert.ok(!states.includes('failed'), JSON.stringify(states));
  await welcome.page.getByRole('button', { name: 'Save and start' }).click();
  await welcome.page.getByText('Watching', { exact: true }).waitFor();
});

test('what the page says follows the way to sign in', async (t) => {
  const { page, form } = await Welcome.opened(await freshBrowser(t, { welcome: true }));
  const said = async () => ({
    lead: await page.locator('header .lead').innerText(),
    steps: await page.locator('.steps .step').allInnerTexts(),
  });
  await form.fill({ Service: 'published', 'Sign in': 'nice' });
  const nice = await said();
  assert.match(nice.lead, /client ID, sign in with NICE/);
  assert.deepEqual(nice.steps.slice(0, 3), ['Discovery', 'Sign-in at NICE', 'Tenant']);
  await form.fill({ 'Sign in': 'accessKey' });
  const key = await said();
  assert.match(key.lead, /access key and the tenant ID/);
  assert.deepEqual(key.steps.slice(0, 3), ['Discovery', 'Tenant', 'Sign-in at NICE']);
  await form.fill({ Service: 'stream' });
  assert.match((await said()).lead, /your organization/);
});

test('an access key watches, and nothing of it is left on the disk', async (t) => {
  const scene = await firstRun(t);
  const states = (await withKey(scene, SUPERVISOR)).map(({ state }) => state);
  assert.ok(!states.includes('failed'), JSON.stringify(states));
  await scene.welcome.page.getByRole('button', { name: 'Save and start' }).click();
  await scene.welcome.page.getByText('Watching', { exact: true }).waitFor();
  const kept = JSON.stringify(await scene.welcome.page.evaluate(() => chrome.storage.local.get()));
  assert.ok(kept.includes(SUPERVISOR) && !kept.includes(KEY_SECRET), kept);
});

test('the script of a card’s contact is signalled where the settings say so', async (t) => {
  const simulator = await Simulator.start(['--service', 'published', '--contacts', '0']);
  t.after(() => simulator.stop());
  const routing = { queueName: 'billing' };
  await simulator.send({ id: 'a', type: 'sentiment', routing, sentiment: { score: -0.9 } });
  const browser = await freshBrowser(t);
  await browser.configure(withKeptKey(simulator, { 'Signal the contact’s script': true }));
  const { ok, published } = await until('the script has its signal', async () => {
    const report = await simulator.report();
    return report.published?.signals === 1 ? report : null;
  });
  assert.deepEqual([ok, published?.stored, published?.signalsUnasked, published?.signalsWrong], [true, 1, 0, 0]);
});

test('a wrong access key and a role that may not read are said with what to do', async (t) => {
  const scene = await firstRun(t);
  const wrong = await withKey(scene, 'no such key');
  assert.match(wrong[2]?.words ?? '', /access key was refused \(HTTP 40[01]\).*Enter the access key again/);
  const failed = (await withKey(scene, VOICE)).find(({ state }) => state === 'failed');
  assert.match(failed?.words ?? '', /Digital contacts.*(?:does not let this sign-in read|did not answer this read)/);
});

test('a tenant that the service does not know is said', async (t) => {
  const { simulator, welcome } = await firstRun(t);
  await welcome.form.fill({ Service: 'published', 'Sign in': 'accessKey' });
  await welcome.fill({
    'Access key ID': SUPERVISOR,
    'Access key secret': KEY_SECRET,
    'Tenant ID': 'no-such-tenant',
    'Service address': `${simulator.url}/issuer`,
  });
  const [, tenant] = await welcome.test();
  assert.match(tenant?.words ?? '', /knows no such tenant.*Enter the tenant ID/);
  await until('the page says so', async () => /Nothing was saved/.test(await welcome.said()));
});
