/** Events a second through the whole extension, beside the same worker that only receives; the two take turns. */
import { calm } from '../../lib/events.mjs';
import { onStage, otherServer, streamingFromOther } from '../../lib/scene.mjs';
import { until } from '../../lib/wait.mjs';

/** @typedef {import('../../lib/peers/other-server.mjs').OtherServer} OtherServer */

/** @param {number} events in a turn @param {number} pairs of turns @returns {Promise<import('../row.mjs').Row[]>} */
export async function measureThroughput(events, pairs) {
  // Otherwise the browser tells the test of each frame, which costs the worker more than all that is measured.
  process.env.PLAYWRIGHT_DISABLE_SERVICE_WORKER_NETWORK = '1';
  try {
    return await measure(events, pairs);
  } finally {
    delete process.env.PLAYWRIGHT_DISABLE_SERVICE_WORKER_NETWORK;
  }
}

/** @param {number} events @param {number} pairs @returns {Promise<import('../row.mjs').Row[]>} */
function measure(events, pairs) {
  return onStage(async (stage) => {
    const { server, browser } = await streamingFromOther(stage);
    const bare = await otherServer(stage);
    bare.accepts = () => true;
    const worker = browser.context.serviceWorkers()[0];
    if (worker === undefined) throw new Error('there is no worker');
    await worker.evaluate(watchSockets);
    server.closeStreams();
    await until('the stream is open again', () => worker.evaluate(() => 'ownOfBench' in globalThis));
    await server.streaming();
    await worker.evaluate(receiveOnly, `${bare.url.replace('http', 'ws')}/api/v2/interactions/stream?access_token=any`);
    await bare.streaming();
    const frames = Array.from({ length: events }, (_, index) => JSON.stringify(calm(`i-${index % 500}`)));
    const [own, beside] = [/** @type {number[]} */ ([]), /** @type {number[]} */ ([])];
    const turns = /** @type {const} */ ([
      ['ownOfBench', server, own],
      ['bareOfBench', bare, beside],
    ]);
    for (let pair = -2; pair < pairs; pair += 1) {
      // Each goes first in every other pair.
      for (const [name, from, rates] of pair % 2 === 0 ? turns : turns.toReversed()) {
        const rate = await burst(worker, name, from, frames);
        if (pair >= 0) rates.push(rate);
      }
    }
    const besideIs = 'only receives';
    const holds = (/** @type {number} */ ratio) => ratio >= 0.95;
    return [
      {
        name: 'through the whole extension',
        unit: 'events/s',
        own,
        beside,
        besideIs,
        moreIsBetter: true,
        inPairs: true,
        aim: '≥ 0.95 ×',
        holds,
      },
    ];
  });
}

/** @param {import('playwright-core').Worker} worker @param {string} name @param {OtherServer} server @param {string[]} frames */
async function burst(worker, name, server, frames) {
  await worker.evaluate(
    ({ name, events }) => {
      Object.assign(Reflect.get(globalThis, name), { count: 0, until: events, first: 0, last: 0 });
    },
    { name, events: frames.length },
  );
  for (const frame of frames) server.sendFrame(frame);
  const took = await until('all were heard', () =>
    worker.evaluate((name) => {
      const { count, until, first, last } = Reflect.get(globalThis, name);
      return count >= until ? last - first : null;
    }, name),
  );
  return (frames.length * 1_000) / took;
}

// In the worker.

/** Notes when the stream that the extension opens next has handled its first and its last message of a run. */
function watchSockets() {
  const Real = WebSocket;
  const scope = /** @type {any} */ (globalThis);
  scope.WebSocket = class extends Real {
    constructor(/** @type {string} */ url) {
      super(url);
      scope.WebSocket = Real;
      const seen = { count: 0, until: 0, first: 0, last: 0 };
      let handler = /** @type {((event: MessageEvent) => void) | null} */ (null);
      super.onmessage = (event) => {
        if (seen.count === 0) seen.first = performance.now();
        handler?.(event);
        seen.count += 1;
        seen.last = performance.now();
      };
      Object.defineProperty(this, 'onmessage', {
        get: () => handler,
        set: (value) => {
          handler = value;
        },
      });
      scope.ownOfBench = seen;
    }
  };
}

/** @param {string} url */
function receiveOnly(url) {
  const seen = { count: 0, until: 0, first: 0, last: 0 };
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  socket.onmessage = () => {
    if (seen.count === 0) seen.first = performance.now();
    seen.count += 1;
    seen.last = performance.now();
  };
  Object.assign(globalThis, { bareOfBench: seen });
}
