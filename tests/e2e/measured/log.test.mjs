/** The activity log: a long one opens fast and scrolls, is searched and filtered, and leaves as a file that is safe to open. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Dashboard } from '../lib/dashboard.mjs';
import { unhappy } from '../lib/events.mjs';
import { freshBrowser, streamingFromOther } from '../lib/scene.mjs';
import { until } from '../lib/wait.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** What is kept of 24 hours at 50 triggers a minute. */
const ENTRIES = 20_000;

test('20 000 entries: the page opens at once, scrolls smoothly, and is searched without a pause', async (t) => {
  const browser = await freshBrowser(t);
  const { page: first } = await Dashboard.open(browser);
  await first.evaluate(fillHistory, ENTRIES);
  await first.close();

  const opened = [];
  for (let round = 0; round < 5; round += 1) {
    const page = await browser.context.newPage();
    await page.addInitScript(noteFirstEntry);
    await page.goto(`chrome-extension://${browser.extensionId}/dashboard/dashboard.html`);
    await page.waitForFunction(() => 'firstEntryAt' in window);
    opened.push(await page.evaluate(() => Number(Reflect.get(window, 'firstEntryAt'))));
    await page.close();
  }
  const median = opened.sort((a, b) => a - b)[2] ?? Number.POSITIVE_INFINITY;
  const dashboard = await Dashboard.open(browser);
  await until('all are counted', async () => /^20,000 entries/.test(await dashboard.found()));
  const frames = await dashboard.page.evaluate(scrollThrough, 200);
  const searched = await dashboard.page.evaluate(search, 'i-7776 billing');
  await until('it was found', async () => /^1 of 20,000/.test(await dashboard.found()), {
    seen: () => dashboard.found(),
  });
  assert.match((await dashboard.entries()).join('\n'), /Negative sentiment/);
  t.diagnostic(
    `${ENTRIES} entries: the first is shown after ${median.toFixed(0)} ms (median of 5; worst ${opened.at(-1)?.toFixed(0)} ms); ` +
      `200 scrolled screens: frames of ${frames.median.toFixed(1)} ms (median), ${frames.p95.toFixed(1)} ms (p95), ${frames.worst.toFixed(0)} ms (worst); ` +
      `searched in ${searched.tookMs.toFixed(0)} ms, longest task ${searched.longestMs.toFixed(0)} ms`,
  );
  assert.deepEqual(browser.errors, []);
});

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
    async () => (await topRow(dashboard)) !== undefined && (await topRow(dashboard)) !== '0000000000000041',
  );
  const before = await topRow(dashboard);
  for (let index = 0; index < 5; index += 1) server.send(unhappy(`later-${index}`));
  const newer = dashboard.page.getByRole('button', { name: '5 newer' });
  await newer.waitFor();
  assert.equal(await topRow(dashboard), before);
  await newer.click();
  await until('the newest is shown', async () => (await topRow(dashboard)) === '0000000000000046');
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
  assert.match(lines[0] ?? '', /^time,kind,interaction,queue,rule,reason,score,/);
  assert.ok(masked.includes(`"'=HYPERLINK(""https://example.com"",""a, b"")"`), masked);
  assert.ok(masked.includes(',-0.9,'), 'a number stays one');
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

// In the page.

/** Writes so many entries of the past, as the worker would have. @param {number} count */
async function fillHistory(count) {
  const queues = ['billing', 'sales', 'support', 'returns'];
  const request = indexedDB.open('cuewire');
  /** @type {IDBDatabase} */
  const database = await new Promise((resolve) => {
    request.onsuccess = () => resolve(request.result);
  });
  const transaction = database.transaction('history', 'readwrite');
  const store = transaction.objectStore('history');
  const step = (24 * 3_600_000) / 72_000;
  for (let number = 1; number <= count; number += 1) {
    const at = Math.round(Date.now() - (count - number) * step);
    const refused = number % 40 === 1;
    const end = refused
      ? { is: 'givenUp', why: { why: 'refused', status: 422, excerpt: 'no such desktop' } }
      : { is: 'delivered' };
    const entry = {
      kind: 'trigger',
      at,
      interaction: `i-${number}`,
      rule: 'negative-sentiment',
      reason: 'Negative sentiment detected (-0.72)',
      queue: queues[number % queues.length],
      score: -0.72,
      confidence: 0.9,
      waitMs: 5_000,
      sentimentThreshold: -0.5,
      waitThresholdMs: 120_000,
      durableAt: at + 2,
      tries: [{ at: at + 30, status: refused ? 422 : 201, tookMs: 20 }],
      end,
      endedAt: at + 31,
    };
    store.put(JSON.stringify(entry), String(number).padStart(16, '0'));
  }
  await new Promise((resolve) => {
    transaction.oncomplete = () => resolve(undefined);
  });
  database.close();
}

/** Notes when the first entry is painted, counted from the start of the navigation. */
function noteFirstEntry() {
  const look = () => {
    const shown = (document.querySelector('#log .row .what')?.textContent ?? '').length > 1;
    if (shown) requestAnimationFrame(() => Object.assign(window, { firstEntryAt: performance.now() }));
    else requestAnimationFrame(look);
  };
  look();
}

/** Scrolls a screen a frame, and measures the frames. @param {number} screens */
async function scrollThrough(screens) {
  const list = document.querySelector('#log .list');
  if (!list) throw new Error('there is no list');
  /** @type {number[]} */
  const times = [];
  let last = performance.now();
  for (let screen = 0; screen < screens; screen += 1) {
    list.scrollTop += list.clientHeight;
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    times.push(now - last);
    last = now;
  }
  list.scrollTop = 0;
  times.sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => times[Math.floor(share * (times.length - 1))] ?? 0;
  return { median: at(0.5), p95: at(0.95), worst: at(1) };
}

/** Searches the whole log. @param {string} words */
async function search(words) {
  const input = document.querySelector('#log input[type="search"]');
  const progress = document.querySelector('#log progress');
  if (!(input instanceof HTMLInputElement) || !(progress instanceof HTMLProgressElement)) throw new Error('no search');
  let longestMs = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestMs = Math.max(longestMs, duration);
  });
  observer.observe({ type: 'longtask' });
  input.value = words;
  const began = performance.now();
  input.dispatchEvent(new Event('input', { bubbles: true }));
  const turn = () => new Promise((resolve) => setTimeout(resolve, 4));
  while (progress.hidden) await turn();
  while (!progress.hidden) await turn();
  observer.disconnect();
  return { tookMs: performance.now() - began, longestMs };
}
