/** A long activity log: how fast it opens, scrolls, and is searched. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { longLog } from '../bench/figures/log.mjs';

/** What is kept of 24 hours at 50 triggers a minute. */
const ENTRIES = 20_000;

test('20 000 entries: the page opens at once, scrolls smoothly, and is searched without a pause', async (t) => {
  const { browser, dashboard, cost } = await longLog(t, { entries: ENTRIES, rounds: 5 });
  const median = cost.opened.sort((a, b) => a - b)[2] ?? Number.POSITIVE_INFINITY;
  const [frames, searched] = [cost.frames[0], cost.searched[0]];
  if (frames === undefined || searched === undefined) throw new Error('nothing was measured');
  assert.match((await dashboard.entries()).join('\n'), /Negative sentiment/);
  t.diagnostic(
    `${ENTRIES} entries: the first is shown after ${median.toFixed(0)} ms (median of 5; worst ${cost.opened.at(-1)?.toFixed(0)} ms); ` +
      `200 scrolled screens: frames of ${frames.median.toFixed(1)} ms (median), ${frames.p95.toFixed(1)} ms (p95), ${frames.worst.toFixed(0)} ms (worst); ` +
      `searched in ${searched.tookMs.toFixed(0)} ms, longest task ${searched.longestMs.toFixed(0)} ms`,
  );
  assert.deepEqual(browser.errors, []);
});
