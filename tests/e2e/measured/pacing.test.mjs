/**
 * Many cards due at once, and a server that takes R a second: all are delivered in about the time that this must take, and
 * few requests are refused. The pace is learned; nobody told the extension R, or how the server counts.
 *
 * Several servers are measured side by side, each with a browser of its own: both wait nearly all of the time. They are made
 * ready one by one before the first card is due.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { quick } from '../lib/environment.mjs';
import { unhappy } from '../lib/events.mjs';
import { streamingFromSimulator } from '../lib/scene.mjs';
import { onceEach } from '../lib/trials/verdict.mjs';
import { PATIENCE, sleep } from '../lib/wait.mjs';

/** @typedef {import('node:test').TestContext} TestContext */
/** @typedef {{ rate: number, window: string, cards: number }} Server */

/** N is so many seconds' worth of cards. */
const SECONDS = 15;
const WINDOWS = ['bucket', 'fixed'];
/** The rates that are measured side by side: 100 cards a second in all, at most. */
const TOGETHER = quick ? [[20]] : [[5, 20], [50]];

/** All its cards are due at once when one starts, and it learns most in the first moments: these are its own. */
const BETWEEN_STARTS_MS = 2_000;

const MOST_REFUSED = 0.1;

/** @type {string[]} */
const table = ['R/s  window      N  seconds  time ÷ (N/R)  requests  429   share'];

for (const rates of TOGETHER) {
  test(`${rates.join(' and ')} cards a second: ${SECONDS} seconds' worth due at once`, async (t) => {
    const servers = rates.flatMap((rate) => WINDOWS.map((window) => ({ rate, window, cards: rate * SECONDS })));
    const scenes = [];
    for (const server of servers) scenes.push({ server, ...(await ready(t, server)) });
    for (const { simulator } of scenes) {
      await simulator.resume();
      await sleep(BETWEEN_STARTS_MS);
    }
    // In turn, though they go on at the same time: what one lacks hides no other.
    for (const { server, simulator, browser } of scenes) {
      await t.test(`${server.rate} cards a second, ${server.window}`, async (inner) => {
        const report = await simulator.settled({ within: 1_000 * SECONDS + PATIENCE });
        const { line, share: once } = await measured(server, simulator, report);
        table.push(line);
        inner.diagnostic(line);
        onceEach(report);
        assert.equal(report.delivered, server.cards);
        // A run begins anywhere in the server's window: one that is refused more often is measured twice more.
        const share =
          once < MOST_REFUSED ? once : median([once, await again(inner, server), await again(inner, server)]);
        assert.ok(share < MOST_REFUSED, `${(share * 100).toFixed(1)} % of the requests were answered 429`);
        await browser.shows({ waiting: 0, givenUp: 0 });
      });
    }
  });
}

test('the table', (t) => {
  for (const line of table) t.diagnostic(line);
  assert.equal(table.length, 1 + TOGETHER.flat().length * WINDOWS.length, 'every row was measured');
});

/** A browser that streams from a server like this one, with the cards still to become due. @param {TestContext} t @param {Server} server */
async function ready(t, { rate, window, cards }) {
  const replay = await burst(t, cards);
  const limits = ['--rate-limit', String(rate), '--rate-window', window];
  return streamingFromSimulator(t, ['--replay', replay, '--speed', '0', ...limits], { paused: true });
}

/** The same once more, by itself. @param {TestContext} t @param {Server} server */
async function again(t, server) {
  const { simulator } = await ready(t, server);
  await simulator.resume();
  const report = await simulator.settled({ within: 1_000 * SECONDS + PATIENCE });
  const { line, share } = await measured(server, simulator, report);
  t.diagnostic(line);
  return share;
}

/** @param {number[]} three */
const median = (three) => /** @type {number} */ (three.toSorted((one, other) => one - other)[1]);

/** A line of the table. @param {Server} server @param {import('../lib/peers/simulator.mjs').Simulator} simulator @param {import('../lib/peers/simulator.mjs').Report} report */
async function measured({ rate, window, cards }, simulator, report) {
  const heard = (await simulator.due()).map(({ heardAtMs }) => heardAtMs);
  const kept = (await simulator.cards()).map(({ atMs }) => atMs);
  const seconds = (Math.max(...kept) - Math.min(...heard)) / 1_000;
  const share = report.rateLimitedShare;
  /** @type {[string | number, number][]} */
  const cells = [
    [rate, 3],
    [window, 7],
    [cards, 5],
    [seconds.toFixed(2), 8],
    [(seconds / SECONDS).toFixed(3), 13],
    [report.requests.card ?? 0, 9],
    [report.cardAnswers[429] ?? 0, 4],
    [`${(share * 100).toFixed(1)} %`, 7],
  ];
  return { line: cells.map(([cell, width]) => String(cell).padStart(width)).join(' '), share };
}

/**
 * A recording in which this many interactions become due at the same moment.
 *
 * @param {TestContext} t
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
