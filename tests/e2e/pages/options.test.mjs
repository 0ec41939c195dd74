/** The settings page: validation as one types, Save and Revert, import and export, reset, and clearing everything. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connection } from '../lib/pages/options.mjs';
import { freshBrowser, streamingFromOther } from '../lib/scene.mjs';
import { until } from '../lib/wait.mjs';
import { steps } from '../lib/pages/welcome.mjs';

/** @typedef {import('../lib/pages/options.mjs').Options} Options */

/** @param {Options} options @param {RegExp} words */
const says = (options, words) =>
  until(`it says ${words}`, async () => words.test(await options.status()), { seen: () => options.status() });

/** @param {Options} options @param {string} name */
const press = (options, name) => options.page.getByRole('button', { name, exact: true }).click();

/** @param {Options} options */
const changes = (options) => options.page.locator('.changes').innerText();

test('what is wrong is said at its field as one types, in the words of the parser', async (t) => {
  const options = await (await freshBrowser(t)).options();
  await options.fill({ 'Sentiment threshold': '-1.5', 'Maximum tries per card': '2.5', 'Card title': '' });
  const wrong = (/** @type {string} */ name) =>
    until(`${name} is blamed`, () => options.page.locator(`#${name}-error`).innerText());
  assert.equal(await wrong('sentimentThreshold'), 'Sentiment threshold must be at least -1.');
  assert.equal(await wrong('maxTries'), 'Maximum tries per card must be a whole number.');
  assert.equal(await wrong('cardTitle'), 'Card title is missing.');
  assert.equal(await options.page.locator('#clientId-error').isVisible(), false, 'nobody has been there yet');
  await options.fill({ 'Sentiment threshold': '-0.9' });
  await until('it is forgiven', async () => !(await options.page.locator('#sentimentThreshold-error').isVisible()));
});

test('Save, Revert and the number of changes; Ctrl S saves', async (t) => {
  const { browser } = await streamingFromOther(t);
  const options = await browser.options();
  await until('it is filled in', async () => (await options.field('Card title').inputValue()) !== '');
  assert.equal(await options.page.getByRole('button', { name: 'Revert' }).isVisible(), false);
  await options.fill({ 'Card title': 'Please help', 'Quiet hours from': '22:00', 'Dry run': true });
  assert.equal(await changes(options), '3 unsaved changes');
  assert.equal(await options.page.locator('.preview .title').innerText(), 'Please help');
  await press(options, 'Revert');
  await until('it is as stored', async () => {
    return (await options.field('Card title').inputValue()) === 'Customer Engagement Alert';
  });
  await options.fill({ 'Quiet hours from': '22:00' });
  await options.page.keyboard.press('Control+s');
  await says(options, /^Not saved\. Quiet hours until is missing\./);
  await options.fill({ 'Quiet hours until': '06:30', 'Cards per interaction': '2', 'Keep the log for (days)': '30' });
  await options.page.keyboard.press('Control+s');
  await says(options, /^Saved$/);
  const again = await browser.options();
  await until('it is stored', async () => (await again.field('Quiet hours until').inputValue()) === '06:30');
  assert.equal(await again.field('Cards per interaction').inputValue(), '2');
});

test('what another page has changed meanwhile is not undone', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  const options = await browser.options();
  await options.fill({ 'Card title': 'Please help' });
  await browser.configure(connection(server, { 'Sentiment threshold': '-0.7' }));
  await options.save();
  await says(options, /^Saved$/);
  assert.equal(await options.field('Sentiment threshold').inputValue(), '-0.7');
  assert.equal(await options.field('Card title').inputValue(), 'Please help');
});

test('unsaved changes are not left behind unasked', async (t) => {
  const { browser } = await streamingFromOther(t);
  const options = await browser.options();
  await options.fill({ 'Card title': 'Please help' });
  const asked = new Promise((resolve) => options.page.once('dialog', (dialog) => resolve(dialog.type())));
  options.page.on('dialog', (dialog) => dialog.accept());
  await options.page.close({ runBeforeUnload: true });
  assert.equal(await asked, 'beforeunload');
});

test('settings go out as a file without the secret, and come back after the changes were seen', async (t) => {
  const { browser } = await streamingFromOther(t, { 'Card title': 'Before', 'Include queues': 'sales*\nbilling' });
  const options = await browser.options();
  await until('it is filled in', async () => (await options.field('Card title').inputValue()) === 'Before');
  const [download] = await Promise.all([options.page.waitForEvent('download'), press(options, 'Export settings')]);
  const file = await download.path();
  const exported = await readFile(file, 'utf8');
  assert.doesNotMatch(exported, /correct horse|clientSecret|hasSecret|complete/);
  assert.deepEqual(JSON.parse(exported).includeQueues, ['sales*', 'billing']);

  await options.fill({ 'Card title': 'After', 'Include queues': '', 'Sentiment threshold': '-0.8' });
  await options.save();
  await says(options, /^Saved$/);
  await options.page.locator('input[type="file"]').setInputFiles(file);
  const dialog = options.page.getByRole('dialog', { name: 'Import settings' });
  await dialog.waitFor();
  const rows = await dialog.locator('tbody tr').allInnerTexts();
  assert.deepEqual(rows, [
    'Sentiment threshold\t-0.8\t-0.5',
    'Include queues\t–\tsales*, billing',
    'Card title\tAfter\tBefore',
  ]);
  assert.equal(await options.field('Card title').inputValue(), 'After', 'nothing has changed yet');
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await says(options, /^Saved$/);
  assert.equal(await options.field('Card title').inputValue(), 'Before');
  assert.equal(await options.field('Include queues').inputValue(), 'sales*\nbilling');
});

test('a bad file is refused by line and field, and changes nothing', async (t) => {
  const { browser } = await streamingFromOther(t);
  const options = await browser.options();
  const folder = await mkdtemp(join(tmpdir(), 'cuewire-settings-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'bad.json');
  const dialog = options.page.getByRole('dialog', { name: 'Import settings' });
  const refused = async (/** @type {string} */ text) => {
    await writeFile(file, text);
    await options.page.locator('input[type="file"]').setInputFiles(file);
    await dialog.waitFor();
    const lines = await dialog.locator('.errors li').allInnerTexts();
    assert.equal(await dialog.getByRole('button', { name: 'Import', exact: true }).isVisible(), false);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    return lines;
  };
  assert.deepEqual(
    await refused('{\n "organization": "acme",\n "clientId": "s",\n "minimumConfidence": 2,\n "colour": 1\n}'),
    ['Line 4: Minimum confidence must be at most 1.', 'Line 5: “colour” is not a setting.'],
  );
  assert.deepEqual(await refused('{\n\n oops'), ['Line 3: The text is not JSON (line 3).']);
  assert.equal(await options.field('Minimum confidence').inputValue(), '0');
});

test('a reset keeps the connection, saves nothing by itself, and can be undone', async (t) => {
  const { browser } = await streamingFromOther(t, { 'Card title': 'Mine' });
  const options = await browser.options();
  await until('it is filled in', async () => (await options.field('Card title').inputValue()) === 'Mine');
  await press(options, 'Reset to defaults');
  assert.equal(await options.field('Card title').inputValue(), 'Customer Engagement Alert');
  assert.equal(await options.field('Organization ID').inputValue(), 'acme');
  assert.equal(await changes(options), '1 unsaved change');
  await press(options, 'Undo');
  assert.equal(await options.field('Card title').inputValue(), 'Mine');
  assert.equal(await options.page.locator('.changes').isVisible(), false);
});

test('the connection is tested with what is entered, not with what is stored', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  const options = await browser.options();
  await options.fill(connection(server, { 'Client secret': 'wrong' }));
  await press(options, 'Test connection');
  assert.match((await steps(options.page))[0]?.words ?? '', /Sign-in was refused/);
  await options.fill({ 'Client secret': '' });
  await press(options, 'Test connection');
  await until('it works with the stored secret', async () => (await steps(options.page))[2]?.state === 'passed');
  assert.equal(server.streams, 1, 'the stream that runs goes on');
});

test('a deep link leads to its section, and the navigation follows', async (t) => {
  const browser = await freshBrowser(t);
  const page = await browser.open('options/options.html#limits');
  const current = () => page.locator('nav [aria-current]').innerText();
  await until('it is there', async () => (await current()) === 'Limits');
  await page.getByRole('link', { name: 'Connection' }).click();
  await until('it follows', async () => (await current()) === 'Connection');
});

test('Clear all data names what goes, and says what it cleared', async (t) => {
  const { browser } = await streamingFromOther(t);
  const options = await browser.options();
  await press(options, 'Clear all data');
  const dialog = options.page.getByRole('dialog', { name: 'Clear all data' });
  assert.match(await dialog.innerText(), /the client secret and the token/);
  await dialog.getByRole('button', { name: 'Clear all data' }).click();
  await says(options, /^Cleared: settings, secret and token/);
  assert.equal(await options.field('Organization ID').inputValue(), '');
  assert.equal((await browser.status()).state, 'Not set up');
});
