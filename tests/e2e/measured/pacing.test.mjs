/**
 * Many cards due at once, and a server that takes R a second: all are delivered in about the time that this must take, and
 * few requests are refused. The pace is learned; nobody told the extension R, or how the server counts.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { quick } from '../lib/environment.mjs';
import { unhappy } from '../lib/events.mjs';
import { streamingFromSimulator } from '../lib/scene.mjs';
import { onceEach } from '../lib/verdict.mjs';

/** N is so many seconds' worth of cards. */
const SECONDS = 15;
const RATES = quick ? [20] : [5, 20, 50];
const WINDOWS = ['bucket', 'fixed'];

const MOST_REFUSED = 0.05;

/** @type {string[]} */
const table = ['R/s  window      N  seconds  time ÷ (N/R)  requests  429   share'];

for (const rate of RATES) {
  for (const window of WINDOWS) {
    test(`${rate} cards a second, ${window}: ${SECONDS} seconds' worth due at once`, async (t) => {
      const cards = rate * SECONDS;
      const replay = await burst(t, cards);
      const limits = ['--rate-limit', String(rate), '--rate-window', window];
      const { simulator, browser } = await streamingFromSimulator(t, ['--replay', replay, '--speed', '0', ...limits]);
      const report = await simulator.settled({ within: 3_000 * SECONDS });
      onceEach(report);
      assert.equal(report.delivered, cards);

      const heard = (await simulator.due()).map(({ heardAtMs }) => heardAtMs);
      const kept = (await simulator.cards()).map(({ atMs }) => atMs);
      const seconds = (Math.max(...kept) - Math.min(...heard)) / 1_000;
      const ratio = seconds / SECONDS;
      const share = report.rateLimitedShare;
      table.push(
        [
          [rate, 3],
          [window, 7],
          [cards, 5],
          [seconds.toFixed(2), 8],
          [ratio.toFixed(3), 13],
          [report.requests.card, 9],
          [report.cardAnswers[429] ?? 0, 4],
          [`${(share * 100).toFixed(1)} %`, 7],
        ]
          .map(([cell, width]) => String(cell).padStart(Number(width)))
          .join(' '),
      );
      t.diagnostic(table.at(-1) ?? '');
      assert.ok(share < MOST_REFUSED, `${(share * 100).toFixed(1)} % of the requests were answered 429`);
      await browser.shows({ waiting: 0, givenUp: 0 });
    });
  }
}

test('the table', (t) => {
  for (const line of table) t.diagnostic(line);
  assert.equal(table.length, 1 + RATES.length * WINDOWS.length, 'every row was measured');
});

/**
 * A recording in which so many interactions become due at the same moment.
 *
 * @param {import('node:test').TestContext} t
 * @param {number} cards
 */
async function burst(t, cards) {
  const folder = await mkdtemp(join(tmpdir(), 'cuewire-pacing-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'burst.ndjson');
  const lines = Array.from({ length: cards }, (_, index) =>
    JSON.stringify({ atMs: 0, event: unhappy(`at-once-${index}`) }),
  );
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}
