/** The rules page: from the dashboard to a saved rule, by mouse alone and by keyboard alone; nothing is lost on the way. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Dashboard } from '../lib/pages/dashboard.mjs';
import { calm } from '../lib/events.mjs';
import { Rules, reach } from '../lib/pages/rules.mjs';
import { freshBrowser, streamingFromOther } from '../lib/scene.mjs';
import { until } from '../lib/wait.mjs';

/** @typedef {import('playwright-core').Locator} Locator */

/** A new rule, saved. @param {Rules} rules */
async function added(rules) {
  const all = await rules.inForce();
  const rule = all.find(({ holdSeconds }) => holdSeconds === 20);
  assert.ok(rule, JSON.stringify(all));
  return rule;
}

/** @param {import('node:test').TestContext} t */
async function fromDashboard(t) {
  const { server, browser } = await streamingFromOther(t);
  server.send(calm('a'));
  const dashboard = await Dashboard.open(browser);
  await until('billing was heard', async () => (await dashboard.panel('queues').innerText()).includes('billing'));
  return { browser, dashboard: dashboard.page };
}

test('by mouse alone: from the dashboard to a saved rule, unhappy for 20 s in billing', async (t) => {
  const { browser, dashboard } = await fromDashboard(t);
  const rules = await Rules.from(browser, dashboard, () => dashboard.getByRole('button', { name: 'Rules' }).click());
  await rules.add(/^Negative sentiment/);
  for (let press = 0; press < 4; press += 1) await rules.button('More: Must stay true for').click();
  await rules.button('Include queue billing').click();
  await rules.reads(/^When sentiment stays below −0\.5 for 20 s in billing, send a warning card/);
  await rules.button('Save').click();
  await rules.says(/^Saved$/);
  const rule = await added(rules);
  assert.deepEqual([rule.queues.include, rule.enabled, rule.mode], [['billing'], true, 'live']);
  assert.deepEqual(browser.errors, []);
});

test('by keyboard alone: from the dashboard to a saved rule, unhappy for 20 s in billing', async (t) => {
  const { browser, dashboard } = await fromDashboard(t);
  const rules = await Rules.byKeys(browser, dashboard);
  const { page } = rules;
  const { keyboard } = page;
  await reach(page, 'Rule name');
  await keyboard.press('Control+a');
  await keyboard.type('Unhappy for 20 s in billing');
  await rules.holdInBilling();
  await rules.reads(/for 20 s in billing/);
  await reach(page, 'Save');
  await keyboard.press('Enter');
  await rules.says(/^Saved$/);
  const rule = await added(rules);
  assert.deepEqual([rule.name, rule.queues.include], ['Unhappy for 20 s in billing', ['billing']]);
});

test('a condition is built of groups with the keys: added, joined, moved out and in', async (t) => {
  const rules = await Rules.open(await freshBrowser(t));
  const { page } = rules;
  await rules.add(/^My rule/);
  await page.getByRole('button', { name: 'Add group' }).click();
  await page.keyboard.press('ArrowDown');
  await rules.reads(/^When sentiment is below −0\.5 and confidence is above 60 %,/);
  await page.getByRole('button', { name: 'Add condition' }).last().click();
  await rules.reads(/^When sentiment is below −0\.5 and confidence is above 60 % and sentiment is below −0\.5,/);
  await reach(page, 'Move Condition 3 with the arrow keys', 'Shift+Tab');
  await page.keyboard.press('ArrowRight');
  await rules.reads(/and \(confidence is above 60 % or sentiment is below −0\.5\),/);
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowUp');
  await rules.reads(/^When sentiment is below −0\.5 and sentiment is below −0\.5 and confidence/);
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+z');
  await rules.reads(/and \(confidence is above 60 % or sentiment is below −0\.5\),/);
});

test('rules and conditions are dragged, too', async (t) => {
  const rules = await Rules.open(await freshBrowser(t));
  const [first = '', second = ''] = await rules.names();
  await drag(rules.page.locator('#rules .handle').first(), rules.page.locator('#rules .rule').last());
  assert.deepEqual(await rules.names(), [second, first]);
  await rules.add(/^Queue on fire/);
  await rules.reads(/at least 3 and \(mean sentiment/);
  await drag(rules.page.locator('#editor .handle').first(), rules.page.locator('#editor .part.row').last());
  await rules.reads(/^When mean sentiment .* or the longest wait .* or the number waiting .* at least 3,/);
});

test('what is wrong is said at its field, and nothing is saved by halves', async (t) => {
  const rules = await Rules.open(await freshBrowser(t));
  const before = await rules.inForce();
  await rules.add(/^Abrupt drop/);
  await rules.field('Must stay true for').fill('soon');
  const line = rules.page.locator('#at-holdSeconds-error');
  await until('the field is blamed', async () => (await line.innerText()) === 'Enter a number such as 0.5.');
  await rules.page.keyboard.press('Control+s');
  await rules.says(/^Not saved\. Abrupt drop: Enter a number such as 0\.5\.$/);
  assert.deepEqual(await rules.inForce(), before);
  await rules.field('Must stay true for').fill('10');
  await until('it is forgiven', async () => !(await line.isVisible()));
});

test('a deleted rule comes back by Undo, also from the message', async (t) => {
  const rules = await Rules.open(await freshBrowser(t));
  const before = await rules.names();
  await rules.button('Delete rule').click();
  assert.equal((await rules.names()).length, before.length - 1);
  await rules.page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
  assert.deepEqual(await rules.names(), before);
  await rules.button('Duplicate').click();
  await until('the copy has a name of its own', async () => (await rules.names()).some((name) => name.endsWith('(2)')));
});

test('unsaved changes outlive a reload, and are not left behind unasked', async (t) => {
  const rules = await Rules.open(await freshBrowser(t));
  await rules.field('Rule name').fill('My own name');
  const { page } = rules;
  /** @type {string[]} */
  const asked = [];
  page.on('dialog', (dialog) => {
    asked.push(dialog.type());
    dialog.accept().catch(() => {});
  });
  await page.reload();
  await rules.ready();
  assert.equal(await rules.field('Rule name').inputValue(), 'My own name');
  await rules.says(/^Your unsaved changes are back\.$/);
  await page.close({ runBeforeUnload: true });
  await until('it asks', () => asked.includes('beforeunload'));
});

test('an example is made in the form by keyboard alone, judged at each edit, and undone', async (t) => {
  const rules = await Rules.open(await freshBrowser(t));
  const { page } = rules;
  const list = page.locator('.examples > li summary');
  const reads = (/** @type {RegExp} */ words) =>
    until(`the example reads ${words}`, async () => words.test(await list.last().innerText()), {
      seen: () => list.last().innerText(),
    });
  await rules.add(/^Negative sentiment/);
  await reach(page, 'Add example');
  await page.keyboard.press('Enter');
  await page.keyboard.type('Low at once');
  await reads(/^Differs: Low at once$/);
  await reach(page, 'The rule should fire');
  await page.keyboard.press('Space');
  await reads(/^As expected: Low at once$/);
  await reach(page, 'Duplicate example');
  await page.keyboard.press('Enter');
  await reach(page, 'Sentiment score');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('soon');
  await reads(/^Differs: Low at once$/);
  await page.keyboard.press('Control+a');
  await page.keyboard.type('0.5');
  await until('what differs is said', async () =>
    /Should fire for a after 0.s, and does not\./.test(await page.locator('.differences').last().innerText()),
  );
  await reach(page, 'Expect what the rule does');
  await page.keyboard.press('Enter');
  await reads(/^As expected: Low at once$/);
  await rules.button('JSON').click();
  const [, , rule] = JSON.parse(await page.getByRole('textbox', { name: 'All rules as JSON' }).inputValue()).rules;
  assert.deepEqual(
    rule.examples.map((/** @type {any} */ { events, fires }) => [events[0].event.sentiment.score, fires.length]),
    [
      [-0.6, 1],
      [0.5, 0],
    ],
  );
  await rules.button('Form').click();
  await rules.button('Remove example').click();
  assert.equal(await list.count(), 1);
  await rules.button('Undo').click();
  assert.equal(await list.count(), 2);
});

test('placeholders complete while typing, and the preview follows', async (t) => {
  const rules = await Rules.open(await freshBrowser(t));
  const content = rules.field('Card content');
  await content.fill('Call ');
  await content.press('End');
  await rules.page.keyboard.type('{qu');
  await rules.page.getByRole('option', { name: /\{queue\}/ }).waitFor();
  await rules.page.keyboard.press('Enter');
  assert.equal(await content.inputValue(), 'Call {queue}');
  await until(
    'the preview follows',
    async () => (await rules.page.locator('.preview .content').innerText()) === 'Call billing',
  );
});

test('the JSON view and the form are one draft', async (t) => {
  const rules = await Rules.open(await freshBrowser(t));
  await rules.button('JSON').click();
  const box = rules.page.getByRole('textbox', { name: 'All rules as JSON' });
  await box.fill((await box.inputValue()).replace('"name": "Negative sentiment"', '"name": "From JSON"'));
  await until('the list follows', async () => (await rules.names()).includes('From JSON'));
  await box.fill('{');
  await until('it is no JSON', async () => /not JSON/.test(await rules.page.locator('#json-errors').innerText()));
  await rules.button('Save').click();
  await rules.says(/^Not saved\. The JSON is not complete yet\.$/);
  await rules.button('Form').click();
  await rules.says(/^The incomplete JSON was discarded\.$/);
  assert.equal(await rules.field('Rule name').inputValue(), 'From JSON');
});

test('rules go out as a file and come in again, and a wrong file changes nothing', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'cuewire-rules-'));
  t.after(() => rm(folder, { recursive: true }));
  const rules = await Rules.open(await freshBrowser(t));
  const [file] = await Promise.all([rules.page.waitForEvent('download'), rules.button('Export all').click()]);
  const path = join(folder, 'rules.json');
  await file.saveAs(path);
  const exported = JSON.parse(await readFile(path, 'utf8'));
  assert.deepEqual(exported.rules, await rules.inForce());
  const before = await rules.names();
  const input = rules.page.getByLabel('Rules file');
  const dialog = rules.page.getByRole('dialog', { name: 'Import rules' });
  await input.setInputFiles(path);
  await dialog.getByRole('button', { name: 'Add to my rules' }).click();
  assert.deepEqual(await rules.names(), [...before, ...before.map((name) => `${name} (2)`)]);
  await writeFile(path, JSON.stringify({ version: 1, rules: [{ ...exported.rules[0], holdSeconds: -1 }] }));
  await input.setInputFiles(path);
  assert.match(await dialog.innerText(), /\/rules\/0\/holdSeconds: At least 0\./);
  assert.equal(await dialog.getByRole('button', { name: 'Add to my rules' }).isVisible(), false);
});

/** Drags with the mouse, onto the lower half. @param {Locator} from @param {Locator} to */
async function drag(from, to) {
  const page = from.page();
  await to.evaluate((element) => element.scrollIntoView({ block: 'center' }));
  const [start, end] = [await from.boundingBox(), await to.boundingBox()];
  assert.ok(start && end);
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
  await page.mouse.down();
  await page.mouse.move(end.x + end.width / 2, end.y + end.height * 0.5, { steps: 4 });
  await page.mouse.move(end.x + end.width / 2, end.y + end.height * 0.9, { steps: 4 });
  await page.mouse.up();
}
