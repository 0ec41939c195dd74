/** A long activity log: how fast it opens, scrolls, and is searched. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dashboard } from '../lib/dashboard.mjs';
import { fillHistory } from '../lib/history.mjs';
import { freshBrowser } from '../lib/scene.mjs';
import { until } from '../lib/wait.mjs';

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

// In the page.

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
