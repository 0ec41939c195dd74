/**
 * A server that takes everything in 5 ms, and thousands of cards due at once. Beside Cuewire the same by hand, and a bare
 * loop of requests.
 */
import { performance } from 'node:perf_hooks';
import { unhappy } from '../../lib/events.mjs';
import { onStage, streamingFromOther } from '../../lib/scene.mjs';
import { sleep, until } from '../../lib/wait.mjs';
import { startByHand, workerOf, writtenByHand } from './by-hand.mjs';
import { quantile } from './measure.mjs';

/** @typedef {import('../../lib/browser.mjs').Browser} Browser */
/** @typedef {import('../../lib/peers/other-server.mjs').OtherServer} OtherServer */
/**
 * Milliseconds after the first event was sent, and cards a second.
 *
 * @typedef {object} Figures
 * @property {number} first on the wire
 * @property {number} tenth on the wire
 * @property {number} last on the wire
 * @property {number} perSecond
 * @property {number} durableP50 from handled to durable; Cuewire's by its own log
 * @property {number} durableMax
 * @property {number} allDurable from the first event sent until all of them were durable
 */
/**
 * @typedef {object} Burst
 * @property {number} cards
 * @property {Figures} own
 * @property {Figures} byHand
 * @property {number} bare cards a second of a loop with 4 requests in flight, in the same worker
 * @property {string[]} missed
 */

const LATENCY = 5;
const IN_FLIGHT = 4;
/** Enough to see its pace. */
const BARE_REQUESTS = 1_000;

/** @param {number} cards @returns {Promise<Burst>} */
export async function measureBurst(cards) {
  const { own, bare } = await onStage(async (stage) => {
    const { server, browser } = await streamingFromOther(stage);
    const own = await burst(server, cards, () => writtenByCuewire(browser));
    return { own, bare: await bareLoop(browser, server) };
  });
  const byHand = await onStage(async (stage) => {
    const { server, browser } = await streamingFromOther(stage);
    await startByHand(browser, server);
    return burst(server, cards, () => writtenByHand(browser));
  });
  /** @type {[string, boolean][]} */
  const bounds = [
    ['first within 200 ms', own.first <= 200],
    ['tenth within 400 ms', own.tenth <= 400],
    ['durable within 500 ms', own.durableMax <= 500],
    ['at least half the pace of a bare loop', own.perSecond >= bare / 2],
  ];
  const missed = bounds.filter(([, holds]) => !holds).map(([name]) => name);
  return { cards, own, byHand, bare, missed };
}

/**
 * Sends all events at once, and waits until each card was asked for.
 *
 * @param {OtherServer} server
 * @param {number} cards
 * @param {() => Promise<import('./by-hand.mjs').Written>} written
 * @returns {Promise<Figures>}
 */
async function burst(server, cards, written) {
  server.answerCard = async () => {
    await sleep(LATENCY);
    return { status: 200 };
  };
  // Whatever starting has still to do is over by then.
  await sleep(1_000);
  const [begun, begunAt] = [performance.now(), Date.now()];
  for (let index = 0; index < cards; index += 1) server.send(unhappy(`i-${index}`));
  await until('every card was asked for', () => server.cardRequests.length >= cards, { within: 300_000, every: 100 });
  const wire = server.cardRequests.map(({ arrived }) => arrived - begun);
  const [first = 0, tenth = 0, last = 0] = [wire[0], wire[9], wire[cards - 1]];
  const durable = await written();
  const spans = durable.map(({ at, durableAt }) => durableAt - at).sort((one, other) => one - other);
  return {
    first,
    tenth,
    last,
    perSecond: (cards - 1) / ((last - first) / 1_000),
    durableP50: quantile(spans, spans.length, 0.5),
    durableMax: quantile(spans, spans.length, 1),
    allDurable: durable.reduce((latest, { durableAt }) => Math.max(latest, durableAt), 0) - begunAt,
  };
}

/** When each card was handled and when it was durable, by the log. @param {Browser} browser */
async function writtenByCuewire(browser) {
  await sleep(3_000);
  const page = await browser.open('manifest.json');
  const triggers = await page.evaluate(async () => {
    const opening = indexedDB.open('cuewire');
    const database = await new Promise((resolve, reject) => {
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    const reading = database.transaction('history').objectStore('history').getAll();
    /** @type {string[]} */
    const entries = await new Promise((resolve, reject) => {
      reading.onsuccess = () => resolve(reading.result);
      reading.onerror = () => reject(reading.error);
    });
    database.close();
    /** @type {{ at: number, durableAt?: number }[]} */
    const all = entries.map((entry) => JSON.parse(entry));
    return all.flatMap(({ at, durableAt }) => (durableAt === undefined ? [] : [{ at, durableAt }]));
  });
  await page.close();
  return triggers;
}

/** Requests a second of a loop that does nothing else, in the extension's worker. @param {Browser} browser @param {OtherServer} server */
async function bareLoop(browser, server) {
  const asked = server.cardRequests.at(-1);
  if (asked === undefined) throw new Error('there is no request to repeat');
  return workerOf(browser).evaluate(
    async ({ url, token, body, count, inFlight }) => {
      let left = count;
      const one = async () => {
        while (left > 0) {
          left -= 1;
          const response = await fetch(url, {
            method: 'POST',
            headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
            body,
            cache: 'no-store',
            credentials: 'omit',
          });
          await response.arrayBuffer();
        }
      };
      const begun = performance.now();
      await Promise.all(Array.from({ length: inFlight }, one));
      return count / ((performance.now() - begun) / 1_000);
    },
    {
      url: server.url + asked.target,
      token: asked.token,
      body: JSON.stringify(asked.card),
      count: BARE_REQUESTS,
      inFlight: IN_FLIGHT,
    },
  );
}
