/**
 * The hot path: what one event costs that is due nothing, in the extension's own worker, beside plain JavaScript in the same
 * worker. The messages are made beforehand; what is timed is the call of `onmessage`.
 */
import { onStage, streamingFromOther } from '../../lib/scene.mjs';
import { until } from '../../lib/wait.mjs';
import { plainCore } from './plain-core.mjs';

/** @typedef {{ bytes: number, form: 'text' | 'binary', own: number[], plain: number[] }} Cost microseconds an event, a run each, in order */

/** About so many bytes. */
const SIZES = [200, 1_024, 7_300];
const EVENTS = 2_000;
/** The two take turns within a run, so that whatever else the machine does meanwhile meets both. */
const TURN = 500;

/** @param {number} runs @returns {Promise<Cost[]>} */
export async function measureHot(runs) {
  return onStage(async (stage) => {
    const { server, browser } = await streamingFromOther(stage);
    const worker = browser.context.serviceWorkers()[0];
    if (worker === undefined) throw new Error('there is no worker');
    await worker.evaluate(() => {
      const scope = /** @type {any} */ (globalThis);
      const Real = WebSocket;
      scope.WebSocket = class extends Real {
        constructor(/** @type {string} */ url) {
          super(url);
          scope.benched = this;
        }
      };
    });
    server.closeStreams();
    await until('the stream is open again', () =>
      worker.evaluate(() => /** @type {any} */ (globalThis).benched?.readyState === 1),
    );
    await worker.evaluate(`globalThis.plainCoreOfBench = (${plainCore})(); undefined`);
    return worker.evaluate(measureInWorker, { sizes: SIZES, events: EVENTS, turn: TURN, runs });
  });
}

/** Runs in the worker. @param {{ sizes: number[], events: number, turn: number, runs: number }} what */
function measureInWorker({ sizes, events, turn, runs }) {
  const scope = /** @type {any} */ (globalThis);
  const own = (/** @type {MessageEvent} */ event) => scope.benched.onmessage(event);
  const plainly = scope.plainCoreOfBench;
  const encoder = new TextEncoder();
  /** @param {number} bytes @param {number} index */
  const message = (bytes, index) => {
    const event = {
      type: 'transfer',
      id: `interaction-${index % 500}`,
      sentiment: { score: ((index % 140) - 45) / 100, confidence: 0.9 },
      routing: { queueWaitTimeMs: (index * 37) % 110_000, queueName: `queue ${index % 12}` },
      participant: { direction: 'inbound' },
      /** @type {unknown[]} */
      parts: [],
    };
    for (let part = 0; JSON.stringify(event).length < bytes - 40; part += 1) {
      const size = Math.min(bytes - JSON.stringify(event).length, 160);
      event.parts.push({
        id: part,
        state: 'connected',
        at: 1_760_000_000_000 + part,
        text: 'She said that '.repeat(size / 20),
      });
    }
    return JSON.stringify(event);
  };
  /** @type {any[]} */
  const costs = [];
  for (const bytes of sizes) {
    const texts = Array.from({ length: events }, (_, index) => message(bytes, index));
    for (const form of ['text', 'binary']) {
      const messages = texts.map(
        (text) => new MessageEvent('message', { data: form === 'text' ? text : encoder.encode(text).buffer }),
      );
      const cost = {
        bytes: texts[0]?.length ?? 0,
        form,
        own: /** @type {number[]} */ ([]),
        plain: /** @type {number[]} */ ([]),
      };
      const time = (/** @type {(event: MessageEvent) => void} */ take, /** @type {MessageEvent[]} */ some) => {
        const begun = performance.now();
        for (const event of some) take(event);
        return performance.now() - begun;
      };
      for (let run = -2; run < runs; run += 1) {
        let [mine, theirs] = [0, 0];
        for (let at = 0; at < events; at += turn) {
          const some = messages.slice(at, at + turn);
          mine += time(own, some);
          theirs += time((event) => plainly.heard(event.data), some);
        }
        if (run >= 0) {
          cost.own.push((mine * 1_000) / events);
          cost.plain.push((theirs * 1_000) / events);
        }
      }
      costs.push(cost);
    }
  }
  return costs;
}
