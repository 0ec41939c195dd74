/** What a worker does while its stream says nothing. */
import { onStage, streamingFromOther } from '../../lib/scene.mjs';
import { sleep } from '../../lib/wait.mjs';

/** @param {number} seconds @returns {Promise<import('../row.mjs').Row[]>} */
export async function measureIdle(seconds) {
  return onStage(async (stage) => {
    const { browser } = await streamingFromOther(stage);
    const worker = browser.context.serviceWorkers()[0];
    if (worker === undefined) throw new Error('there is no worker');
    // The start stores its records first.
    await sleep(5_000);
    await worker.evaluate(countCalls);
    await sleep(seconds * 1_000);
    const { writes, timers } = await worker.evaluate(() => Reflect.get(globalThis, 'callsOfBench'));
    const quiet = `quiet stream, ${seconds} s`;
    return [
      {
        name: `${quiet}: writes to disk`,
        unit: 'calls',
        own: [writes],
        aim: '0',
        holds: (/** @type {number} */ calls) => calls === 0,
      },
      {
        name: `${quiet}: timers running at once`,
        unit: 'most',
        own: [timers],
        aim: '1',
        holds: (/** @type {number} */ most) => most <= 1,
      },
    ];
  });
}

/** Runs in the worker: counts what is written to disk, and the timers that run at once. */
function countCalls() {
  const calls = { writes: 0, timers: 0 };
  const scope = /** @type {any} */ (globalThis);
  const begin = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    if (mode === 'readwrite') calls.writes += 1;
    return begin.call(this, stores, mode, options);
  };
  const set = chrome.storage.local.set;
  chrome.storage.local.set = /** @type {any} */ (
    (/** @type {any[]} */ ...values) => {
      calls.writes += 1;
      return Reflect.apply(set, chrome.storage.local, values);
    }
  );
  const running = new Set();
  const [later, never] = [scope.setTimeout, scope.clearTimeout];
  scope.setTimeout = (/** @type {any} */ call, /** @type {any} */ ms, /** @type {any[]} */ ...values) => {
    const id = later(() => {
      running.delete(id);
      call(...values);
    }, ms);
    running.add(id);
    calls.timers = Math.max(calls.timers, running.size);
    return id;
  };
  scope.clearTimeout = (/** @type {any} */ id) => {
    running.delete(id);
    never(id);
  };
  scope.callsOfBench = calls;
}
