/** A long activity log: how fast it opens, scrolls, and is searched. */
import { Dashboard } from '../../lib/pages/dashboard.mjs';
import { fillHistory } from '../../lib/history.mjs';
import { freshBrowser } from '../../lib/scene.mjs';
import { until } from '../../lib/wait.mjs';

/** Milliseconds. @typedef {{ opened: number[], frames: { median: number, p95: number, worst: number }[], searched: { tookMs: number, longestMs: number }[] }} Cost */

/**
 * Fills a log, opens it in each round, then scrolls and searches it in each round.
 *
 * @param {import('../../lib/scene.mjs').Stage} stage
 * @param {{ entries: number, rounds: number }} what
 */
export async function longLog(stage, { entries, rounds }) {
  const browser = await freshBrowser(stage);
  const { page: first } = await Dashboard.open(browser);
  await first.evaluate(fillHistory, entries);
  await first.close();
  /** @type {Cost} */
  const cost = { opened: [], frames: [], searched: [] };
  for (let round = 0; round < rounds; round += 1) {
    const page = await browser.context.newPage();
    await page.addInitScript(noteFirstEntry);
    await page.goto(`chrome-extension://${browser.extensionId}/dashboard/dashboard.html`);
    await page.waitForFunction(() => 'firstEntryAt' in window);
    cost.opened.push(await page.evaluate(() => Number(Reflect.get(window, 'firstEntryAt'))));
    await page.close();
  }
  const dashboard = await Dashboard.open(browser);
  const counted = entries.toLocaleString('en');
  await until('all are counted', async () => (await dashboard.found()).startsWith(`${counted} entries`));
  for (let round = 0; round < rounds; round += 1) {
    cost.frames.push(await dashboard.page.evaluate(scrollThrough, 200));
    const wanted = 7_700 + round;
    cost.searched.push(await dashboard.page.evaluate(search, `i-${wanted} `));
    await until('it was found', async () => (await dashboard.found()).startsWith(`1 of ${counted}`), {
      seen: () => dashboard.found(),
    });
  }
  return { browser, dashboard, cost };
}

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
  // A timer could miss a search that is over at once.
  const over = new Promise((resolve) => {
    new MutationObserver((_, own) => {
      if (!progress.hidden) return;
      own.disconnect();
      resolve(performance.now());
    }).observe(progress, { attributeFilter: ['hidden'] });
  });
  input.value = words;
  const began = performance.now();
  input.dispatchEvent(new Event('input', { bubbles: true }));
  const tookMs = (await over) - began;
  observer.disconnect();
  return { tookMs, longestMs };
}
