/**
 * From an event on the stream to its card on the wire, with nothing failing; and beside it the least that this can take: one
 * strict commit and one request back to back, by hand, in the same kind of worker, for the same events.
 */
import { performance } from 'node:perf_hooks';
import { calm, unhappy } from '../../lib/events.mjs';
import { onStage, streamingFromOther } from '../../lib/scene.mjs';
import { sleep } from '../../lib/wait.mjs';
import { startByHand } from './by-hand.mjs';
import { quantile } from './measure.mjs';

/** @typedef {import('../../lib/peers/other-server.mjs').OtherServer} OtherServer */
/** @typedef {{ p50: number, p95: number, p99: number, max: number, cards: number }} Spans */
/** @typedef {{ rate: number, own: Spans, byHand: Spans, missed: string[] }} Latency */

/** Due cards a second, among all the events. */
const DUE_PER_SECOND = 8;
/** The two take turns, so that whatever else the machine does meanwhile meets both. */
const TURNS = 10;
const TURN_SECONDS = 5;
/** Code that has just started is compiled first. */
const WARM_UP_TURNS = 1;

/** @param {number} rate events a second @returns {Promise<Latency>} */
export async function measureLatency(rate) {
  return onStage(async (stage) => {
    const own = await streamingFromOther(stage);
    const byHand = await streamingFromOther(stage);
    await startByHand(byHand.browser, byHand.server);
    /** @type {number[][]} */
    const spans = [[], []];
    for (let turn = 0; turn < TURNS + WARM_UP_TURNS; turn += 1) {
      for (const [index, { server }] of [own, byHand].entries()) {
        const measured = await feed(server, rate, `e-${turn}`);
        if (turn >= WARM_UP_TURNS) spans[index]?.push(...measured);
      }
    }
    const [ownSpans, handSpans] = spans.map(summary);
    if (ownSpans === undefined || handSpans === undefined) throw new Error('nothing was measured');
    /** @type {[string, boolean][]} */
    const bounds = [
      ['p50 ≤ 3 ms', ownSpans.p50 <= 3],
      ['p99 ≤ 15 ms', ownSpans.p99 <= 15],
    ];
    const missed = bounds.filter(([, holds]) => !holds).map(([name]) => name);
    return { rate, own: ownSpans, byHand: handSpans, missed };
  });
}

/** Sends events for a turn; gives the milliseconds from each due one to its card's arrival. @param {OtherServer} server @param {number} rate @param {string} name */
async function feed(server, rate, name) {
  /** @type {Map<string, number>} */
  const sent = new Map();
  const begun = performance.now();
  const every = Math.round(rate / DUE_PER_SECOND);
  for (let index = 0; index < rate * TURN_SECONDS; index += 1) {
    const early = begun + (index * 1_000) / rate - performance.now();
    if (early > 0) await sleep(early);
    const id = `${name}-${index}`;
    if (index % every === every - 1) {
      sent.set(id, performance.now());
      server.send(unhappy(id));
    } else {
      server.send(calm(id));
    }
  }
  await sleep(500);
  const arrived = new Map(server.cardRequests.map((request) => [request.interaction, request.arrived]));
  return [...sent].map(([id, at]) => (arrived.get(id) ?? Number.POSITIVE_INFINITY) - at);
}

/** @param {number[]} spans @returns {Spans} */
function summary(spans) {
  spans.sort((one, other) => one - other);
  const at = (/** @type {number} */ share) => quantile(spans, spans.length, share);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1), cards: spans.length };
}
