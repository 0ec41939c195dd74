/** The client secret and the token go where a person sent them and the browser allows it, and nowhere else. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { askingExtensionFolder } from '../lib/environment.mjs';
import { unhappy } from '../lib/events.mjs';
import { connection } from '../lib/pages/options.mjs';
import { allow, forbid } from '../lib/pages/permission.mjs';
import { freshBrowser, otherServer, streamingFromOther } from '../lib/scene.mjs';
import { until } from '../lib/wait.mjs';
import { steps, Welcome } from '../lib/pages/welcome.mjs';

/** @typedef {import('../lib/browser.mjs').Browser} Browser */
/** @typedef {import('../lib/peers/other-server.mjs').OtherServer} OtherServer */

const NOT_ALLOWED = /does not let Cuewire reach 127\.0\.0\.1/;
const ENTER_AGAIN = 'Client secret must be entered again: it was stored for another address or another client ID.';

/** A server that notes all it hears. @param {import('node:test').TestContext} t */
const recorder = async (t) => Object.assign(await otherServer(t), { records: true });

/** Sends a request to the worker, as any page of the extension could. @param {Browser} browser @param {object} request */
async function ask(browser, request) {
  const page = await browser.open('manifest.json');
  const answer = await page.evaluate((request) => chrome.runtime.sendMessage(request), request);
  await page.close();
  return answer;
}

/** The stored settings with these in their place. @param {Browser} browser @param {Record<string, string>} fields */
async function settingsWith(browser, fields) {
  const { value } = await ask(browser, { kind: 'settings' });
  return JSON.stringify({ ...value, ...fields });
}

/** @param {Browser} browser @param {RegExp} words */
async function diagnoses(browser, words) {
  const popup = await browser.popup();
  await popup.diagnoses(words);
  await popup.page.close();
}

/** @param {() => Promise<string>} look @param {string} words */
const says = (look, words) => until(`it says ${words}`, async () => (await look()) === words, { seen: look });

test('without the permission not a byte reaches the address, whatever the page and the worker do', async (t) => {
  const server = await recorder(t);
  const browser = await freshBrowser(t, { folder: askingExtensionFolder, welcome: true });
  const refused = 'Without your permission the browser does not let Cuewire reach 127.0.0.1.';

  await t.test('a prompt that nobody answers, and one that is refused', async () => {
    const welcome = await Welcome.opened(browser);
    await welcome.fill(connection(server));
    await welcome.page.getByRole('button', { name: 'Test connection' }).click();
    const options = await browser.options();
    await options.fill(connection(server));
    for (const page of [welcome.page, options.page]) {
      await page.evaluate(() => Object.assign(chrome.permissions, { request: async () => false }));
      await page.getByRole('button', { name: 'Test connection' }).click();
    }
    await says(() => welcome.said(), `Not tested. ${refused}`);
    await until('it says so', async () => (await options.status()).includes(`Not tested. ${refused}`));
    await options.save();
    await until('it says so', async () => (await options.status()).includes(`Not saved. ${refused}`));
    await Promise.all([welcome.page.close(), options.page.close({ runBeforeUnload: false })]);
    assert.equal((await browser.status()).state, 'Not set up');
  });

  await t.test('a test and settings that come to the worker all the same', async () => {
    const { url: serviceAddress, clientId, clientSecret } = server;
    const fields = { organization: 'acme', serviceAddress, clientId, clientSecret };
    const text = await settingsWith(browser, fields);
    const page = await browser.open('options/options.html');
    await page.evaluate(() => Object.assign(chrome.permissions, { request: async () => true }));
    await page.getByLabel('Client ID', { exact: true }).waitFor();
    for (const [name, value] of Object.entries(connection(server))) {
      await page.getByLabel(name, { exact: true }).fill(String(value));
    }
    await page.getByRole('button', { name: 'Test connection' }).click();
    assert.match((await steps(page))[0]?.words ?? '', NOT_ALLOWED);
    await page.close({ runBeforeUnload: false });
    assert.deepEqual(await ask(browser, { kind: 'save', text, checkOnly: false }), { kind: 'done' });
    await diagnoses(browser, NOT_ALLOWED);
  });

  await t.test('a worker that starts again', async () => {
    await browser.stopWorkers();
    await diagnoses(browser, NOT_ALLOWED);
  });
  assert.equal(server.heard, '');

  await t.test('it streams as soon as it is allowed', async () => {
    await allow(browser, server.url);
    await server.streaming();
    await browser.shows({ state: 'Streaming', diagnosis: '' });
    assert.match(server.heard, /client_secret=correct\+horse/, 'the server hears what it is sent');
  });
});

test('a permission that is taken back ends everything at once, and one that is given again goes on with the card', async (t) => {
  const server = await recorder(t);
  const browser = await freshBrowser(t, { folder: askingExtensionFolder });
  await allow(browser, server.url);
  await browser.configure(connection(server));
  await server.streaming();
  server.answerCard = () => ({ status: 503 });
  server.send(unhappy('a'));
  await server.cards(1);

  await forbid(browser, server.url);
  await until('the stream is closed', () => server.streams === 0);
  await diagnoses(browser, NOT_ALLOWED);
  const before = server.heard.length;
  const counts = () => [server.tokenRequests.length, server.cardRequests.length, server.streamRequests.length];
  const requests = counts();
  await browser.stopWorkers();
  await diagnoses(browser, NOT_ALLOWED);
  const popup = await browser.shows({ waiting: 1, givenUp: 0 });
  assert.match(popup.diagnosis, NOT_ALLOWED);
  assert.deepEqual(counts(), requests);
  assert.doesNotMatch(server.heard.slice(before), /horse|other/, 'neither the secret nor the token');

  server.answerCard = () => ({ status: 200 });
  await allow(browser, server.url);
  await server.streaming();
  await browser.shows({ state: 'Streaming', delivered: 1, waiting: 0, diagnosis: '' });
});

test('a secret that is stored goes to no other address and to no other client', async (t) => {
  const elsewhere = Object.assign(await recorder(t), { name: 'elsewhere' });
  const { server, browser } = await streamingFromOther(t);
  const tokens = server.tokenRequests.length;
  const options = await browser.options();
  const bar = () => options.page.locator('.bar [role="status"]').innerText();
  const folder = await mkdtemp(join(tmpdir(), 'cuewire-settings-'));
  t.after(() => rm(folder, { recursive: true }));

  await t.test('the settings page asks for it again, at its field', async () => {
    for (const changed of [{ 'Service address': elsewhere.url }, { 'Client ID': 'another' }]) {
      await options.fill({ 'Service address': server.url, 'Client ID': server.clientId, ...changed });
      await options.page.getByRole('button', { name: 'Test connection' }).click();
      await says(bar, `Not tested. ${ENTER_AGAIN}`);
      await options.save();
      await says(bar, `Not saved. ${ENTER_AGAIN}`);
      assert.equal(await options.page.locator('#clientSecret-error').innerText(), ENTER_AGAIN);
    }
    await options.page.getByRole('button', { name: 'Revert' }).click();
  });

  await t.test('a file does not take it along', async () => {
    const file = join(folder, 'elsewhere.json');
    await writeFile(file, await settingsWith(browser, { serviceAddress: elsewhere.url }).then(asFile));
    await options.page.locator('input[type="file"]').setInputFiles(file);
    await options.page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click();
    await says(bar, `Not saved. ${ENTER_AGAIN}`);
  });

  await t.test('nor does the welcome page, nor anyone who asks the worker', async () => {
    const page = await browser.open('welcome/welcome.html');
    await page.getByRole('button', { name: 'Change the connection' }).click();
    const welcome = new Welcome(page);
    await welcome.fill({ 'Service address': elsewhere.url });
    await page.getByRole('button', { name: 'Test connection' }).click();
    await says(() => welcome.said(), `Not tested. ${ENTER_AGAIN}`);
    const text = await settingsWith(browser, { serviceAddress: elsewhere.url });
    for (const request of [
      { kind: 'test', text, interaction: 'i-1' },
      { kind: 'save', text, checkOnly: false },
    ]) {
      const answer = await ask(browser, request);
      assert.deepEqual([answer.kind, answer.value?.[0]?.code], ['rejected', 'secretAgain']);
    }
  });

  await browser.stopWorkers();
  await browser.shows({ state: 'Streaming' });
  assert.equal(elsewhere.heard, '');
  assert.ok(server.tokenRequests.slice(tokens).every(({ form }) => form.get('client_id') === server.clientId));

  await t.test('what is typed beside the new address goes there, and nothing else', async () => {
    elsewhere.clientSecret = 'another secret';
    await options.fill(connection(elsewhere));
    await options.save();
    await says(bar, 'Saved');
    await elsewhere.streaming();
    assert.match(elsewhere.heard, /client_secret=another\+secret/);
    assert.doesNotMatch(elsewhere.heard, /correct.horse/);
    assert.match(elsewhere.heard, /access_token=elsewhere/);
    assert.doesNotMatch(elsewhere.heard, /other\//, 'the token that the first server gave');
    assert.doesNotMatch(elsewhere.heard, /other%2F/i, 'the same');
  });
});

/** Settings as an export writes them. @param {string} text */
function asFile(text) {
  const { hasSecret: _, complete: __, ...settings } = JSON.parse(text);
  return JSON.stringify(settings);
}
