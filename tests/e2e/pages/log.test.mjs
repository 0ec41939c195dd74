/** The activity log: read by keys, searched and filtered, not moved by what is new; and it leaves as a file that is safe to open. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Dashboard } from '../lib/pages/dashboard.mjs';
import { unhappy } from '../lib/events.mjs';
import { fillHistory } from '../lib/history.mjs';
import { freshBrowser, streamingFromOther } from '../lib/scene.mjs';
import { until } from '../lib/wait.mjs';

/** @typedef {import('playwright-core').Page} Page */

test('the end of a long log is reached by a key, and filters let through what they name', async (t) => {
  const browser = await freshBrowser(t);
  const { page: first } = await Dashboard.open(browser);
  await first.evaluate(fillHistory, 2_000);
  await first.close();
  const dashboard = await Dashboard.open(browser);
  await until('all are counted', async () => /^2,000 entries/.test(await dashboard.found()));
  await dashboard.page.getByRole('listbox', { name: 'Activity log' }).focus();
  await dashboard.page.keyboard.press('End');
  await until(
    'the oldest is shown',
    async () => (await dashboard.entries()).length > 0 && (await oldestShown(dashboard)) === 2_000,
  );
  assert.match(await dashboard.page.locator('#log-details').innerText(), /i-1\b/);

  const filters = dashboard.page.getByRole('search', { name: 'Search and filter' });
  await filters.getByLabel('Queue', { exact: true }).selectOption('sales');
  await until('one queue', async () => /^500 of 2,000/.test(await dashboard.found()), {
    seen: () => dashboard.found(),
  });
  await filters.getByLabel('State', { exact: true }).selectOption('given up');
  await until(
    'and one state',
    async () => /^\d+ of 2,000/.test(await dashboard.found()) && !/^500/.test(await dashboard.found()),
  );
  for (const entry of await dashboard.entries()) assert.match(entry, /sales \| given up: HTTP.422/);
  await filters.getByRole('button', { name: 'Show everything' }).click();
  await until('all again', async () => /^2,000 entries/.test(await dashboard.found()));
  await filters.getByLabel('Search').fill('nothing like it');
  await until('nothing', async () => /^0 of 2,000/.test(await dashboard.found()));
  assert.match(await dashboard.panel('log').innerText(), /Nothing matches/);
});

test('new entries come on top, and do not move what is being read', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  const dashboard = await Dashboard.open(browser);
  for (let index = 0; index < 40; index += 1) server.send(unhappy(`i-${index}`));
  await until('all are logged', async () => /^41 entries/.test(await dashboard.found()), {
    seen: () => dashboard.found(),
  });
  await dashboard.page.locator('#log .list').evaluate((list) => {
    list.scrollTop = 360;
  });
  await until(
    'it has scrolled',
    async () => (await topRow(dashboard)) !== undefined && (await topRow(dashboard)) !== '41',
  );
  const before = await topRow(dashboard);
  for (let index = 0; index < 5; index += 1) server.send(unhappy(`later-${index}`));
  const newer = dashboard.page.getByRole('button', { name: '5 newer' });
  await newer.waitFor();
  assert.equal(await topRow(dashboard), before);
  await newer.click();
  await until('the newest is shown', async () => (await topRow(dashboard)) === '46');
});

test('exports hold what is filtered, hide ids unless told otherwise, and begin no formula', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  server.answerCard = ({ interaction }) =>
    interaction === '=cmd|x' ? { status: 422, body: 'no =cmd|x here' } : { status: 200 };
  const dashboard = await Dashboard.open(browser);
  const event = unhappy('=cmd|x');
  server.send({ ...event, routing: { ...event.routing, queueName: '=HYPERLINK("https://example.com","a, b")' } });
  server.send(unhappy('i-2', -0.9));
  await dashboard.shows({ delivered: 1, 'given-up': 1 });
  await dashboard.page.getByRole('search').getByLabel('Show', { exact: true }).selectOption('triggers and cards');
  await until('filtered', async () => /^2 of 3/.test(await dashboard.found()));

  const masked = await download(dashboard.page, 'Export CSV');
  const lines = masked
    .replace(/^\uFEFF/, '')
    .trimEnd()
    .split('\r\n');
  assert.equal(lines.length, 3);
  assert.match(lines[0] ?? '', /^time,kind,interaction,queue,rule,reason,evidence,/);
  assert.ok(masked.includes(`"'=HYPERLINK(""https://example.com"",""a, b"")"`), masked);
  assert.match(masked, /,sentimentScore -0\.9 below -0\.5 \(true\); queueWaitMs /);
  assert.doesNotMatch(masked, /cmd\|x|i-2/);
  assert.match(masked, /no interaction-\d here/);
  await dashboard.tells(/Exported 2 entries\. Interaction IDs are masked/);

  const entries = (await download(dashboard.page, 'Export NDJSON'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(entries.map(({ interaction }) => interaction).sort(), ['interaction-1', 'interaction-2']);
  assert.deepEqual(entries.map(({ end }) => end.is).sort(), ['delivered', 'givenUp']);

  await unmask(dashboard.page);
  const open = await download(dashboard.page, 'Export CSV');
  assert.ok(open.includes(`,'=cmd|x,`), open);
  assert.ok(open.includes(',i-2,'));
});

/** The number of the oldest row that is drawn. @param {Dashboard} dashboard */
const oldestShown = ({ page }) =>
  page
    .locator('#log .row')
    .evaluateAll((rows) => Math.max(...rows.map((row) => Number(row.getAttribute('aria-posinset')))));

/** The key of the row at the top of the view. @param {Dashboard} dashboard @returns {Promise<string | undefined>} */
const topRow = ({ page }) =>
  page.locator('#log .list').evaluate((list) => {
    const top = list.getBoundingClientRect().top;
    const rows = /** @type {HTMLElement[]} */ ([...list.querySelectorAll('.row')]);
    return rows.find(
      (row) => row.getBoundingClientRect().bottom > top + 2 && row.getBoundingClientRect().top <= top + 2,
    )?.dataset.key;
  });

/** @param {Page} page @param {string} name */
async function download(page, name) {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()]);
  return readFile(await file.path(), 'utf8');
}

/** @param {Page} page */
const unmask = (page) =>
  page.evaluate(async () => {
    const { value } = await chrome.runtime.sendMessage({ kind: 'settings' });
    const text = JSON.stringify({ ...value, maskIds: false });
    await chrome.runtime.sendMessage({ kind: 'save', text, checkOnly: false });
  });
