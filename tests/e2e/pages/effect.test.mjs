/** What a rule would have done yesterday, seen before the rule is live: by mouse alone and by keyboard alone. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Dashboard } from '../lib/pages/dashboard.mjs';
import { calm } from '../lib/events.mjs';
import { store, yesterday } from '../lib/recording.mjs';
import { Rules, reach } from '../lib/pages/rules.mjs';
import { freshBrowser, streamingFromOther } from '../lib/scene.mjs';
import { until } from '../lib/wait.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** @param {import('node:test').TestContext} t */
async function withYesterday(t) {
  const { server, browser } = await streamingFromOther(t);
  server.send(calm('a'));
  const dashboard = await Dashboard.open(browser);
  await store(dashboard.page, yesterday(Date.now()));
  await until('billing was heard', async () => (await dashboard.panel('queues').innerText()).includes('billing'));
  return { browser, dashboard: dashboard.page };
}

/** What the panel says of the edited rule. @param {Rules} rules @param {RegExp} words */
async function effect(rules, words) {
  const said = () => rules.page.locator('#effect').innerText();
  await until(`the effect says ${words}`, async () => words.test(await said()), { seen: said });
}

/** @param {import('playwright-core').Page} page */
async function violations(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => Reflect.get(window, 'axe').run(document));
  return result.violations.map((/** @type {any} */ one) => `${one.id}: ${one.nodes[0]?.html}`);
}

test('by mouse alone: the effect on yesterday is seen, the new version beside the old, then the rule is live', async (t) => {
  const { browser, dashboard } = await withYesterday(t);
  const rules = await Rules.from(browser, dashboard, () => dashboard.getByRole('button', { name: 'Rules' }).click());
  await rules.add(/^Negative sentiment/);
  for (let press = 0; press < 4; press += 1) await rules.button('More: Must stay true for').click();
  await rules.button('Include queue billing').click();
  await effect(rules, /This rule would have fired \d+ times on \d+ interactions/);
  await effect(rules, /All rules together: \d+ cards/);
  // The rule that ships is first for every customer of billing.
  await effect(rules, /Beside the other rules, this rule sends 0 of these cards/);
  await effect(rules, /A recording holds no pauses, handled triggers, quiet hours, card limits/);
  await effect(rules, /1 gap, 1.h: what happened then is not known/);
  const figures = await rules.page.locator('#effect .says').innerText();
  const [firings] = figures.match(/\d+/) ?? [];
  assert.ok(Number(firings) > 5, figures);
  await rules.button('Save').click();
  await rules.says(/^Saved$/);

  // The saved rule is the old version now. Without its hold and its queue the rule would fire for others, too.
  await rules.field('Include queues').fill('');
  await effect(rules, /Compared with the saved rule: \d+ interactions only now, 0 only before, \d+ both/);
  const list = rules.page.locator('#effect details');
  await list.locator('summary').click();
  await list.getByRole('radio', { name: /^only this version/ }).check();
  const queues = async () =>
    new Set(await list.locator('tbody tr').evaluateAll((rows) => rows.map((row) => row.children[1]?.textContent)));
  assert.deepEqual([...(await queues())].sort(), ['sales', 'support']);
  await list.getByRole('radio', { name: /^both/ }).check();
  assert.deepEqual([...(await queues())], ['billing']);
  assert.deepEqual(await violations(rules.page), []);
  assert.deepEqual(browser.errors, []);
});

test('by keyboard alone: the effect on yesterday is seen, then the rule is live', async (t) => {
  const { browser, dashboard } = await withYesterday(t);
  const rules = await Rules.byKeys(browser, dashboard);
  const { page } = rules;
  const { keyboard } = page;
  await rules.holdInBilling();
  await effect(rules, /This rule would have fired \d+ times on \d+ interactions/);
  await reach(page, 'Firings');
  await keyboard.press('Enter');
  assert.ok((await page.locator('#effect details tbody tr').count()) > 5);
  await keyboard.press('Control+s');
  await rules.says(/^Saved$/);
  const rule = (await rules.inForce()).find(({ holdSeconds }) => holdSeconds === 20);
  assert.deepEqual([rule?.queues.include, rule?.mode], [['billing'], 'live']);
  assert.deepEqual(await violations(page), []);
});

test('a rule on a field that no recording has is named with the field', async (t) => {
  const { browser } = await withYesterday(t);
  const rules = await Rules.open(browser);
  await rules.button('JSON').click();
  const box = rules.page.getByRole('textbox', { name: 'All rules as JSON' });
  await box.fill((await box.inputValue()).replace('"field": "sentimentScore"', '"field": "/customer/tier"'));
  await effect(rules, /No data recorded for \/customer\/tier: .* rule “.+” may fire more or less often/);
  assert.deepEqual(browser.errors, []);
});

test('rules without a connection are not saved, and the page leads to the settings', async (t) => {
  const browser = await freshBrowser(t);
  const rules = await Rules.open(browser);
  await rules.add(/^Negative sentiment/);
  await rules.button('Save').click();
  await rules.says(/^Not saved: set up the connection first\. Your changes stay in this tab\. Set up$/);
  const opened = browser.context.waitForEvent('page');
  await rules.button('Set up').click();
  assert.match((await opened).url(), /options/);
  assert.deepEqual(browser.errors, []);
});
