/** The engine of a worker that lives for days comes back from what went wrong once: here in a page, where it can be made to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshBrowser } from '../lib/scene.mjs';
import { sleep, until } from '../lib/wait.mjs';

/**
 * A page with an engine that has not started. In the page, `shorten(n)` makes the next `n` long waits short, and no other:
 * a busy machine reads slowly, and a wait that no fault concerns must not end early. `forgetCrash()` ends the wait after
 * which a crash is forgotten.
 *
 * @param {import('node:test').TestContext} t
 */
async function idle(t) {
  const page = await (await freshBrowser(t)).open('manifest.json');
  await page.evaluate(async () => {
    const { setTimeout } = globalThis;
    const CRASH_FORGOTTEN_MS = 600_000;
    /** @type {(() => void)[]} */
    const held = [];
    let left = 0;
    globalThis.setTimeout = /** @type {any} */ (
      (/** @type {() => void} */ act, /** @type {number} */ ms) => {
        if (ms >= CRASH_FORGOTTEN_MS) return held.push(act);
        const isShort = ms >= 20_000 && left > 0;
        if (isShort) left -= 1;
        return setTimeout(act, isShort ? ms / 100 : ms);
      }
    );
    const shorten = (/** @type {number} */ waits) => {
      left = waits;
    };
    // The worker beside it has the lock.
    navigator.locks.request = /** @type {any} */ (
      async (/** @type {string} */ _name, /** @type {() => Promise<void>} */ held) => held()
    );
    const engine = await import(chrome.runtime.getURL('lib/engine.js'));
    Object.assign(globalThis, { engine, shorten, forgetCrash: () => held.shift()?.() });
  });
  const status = async () => /** @type {string} */ ((await page.evaluate('engine.answer({ kind: "status" })')).kind);
  const ask = () => Promise.race([status().catch(() => 'closed'), sleep(5_000).then(() => 'no answer')]);
  return { page, ask };
}

test('a lock that was refused is asked for again', async (t) => {
  const { page, ask } = await idle(t);
  await page.evaluate(() => {
    const { request } = navigator.locks;
    navigator.locks.request = /** @type {any} */ (
      async () => {
        navigator.locks.request = request;
        throw new Error('not now');
      }
    );
  });
  assert.equal(await ask(), 'wasmFailed');
  assert.equal(await ask(), 'status');
});

test('chrome.storage.local that never answers is asked again', async (t) => {
  const { page, ask } = await idle(t);
  await page.evaluate(() => {
    const { get } = chrome.storage.local;
    chrome.storage.local.get = /** @type {any} */ (
      () => {
        chrome.storage.local.get = get;
        /** @type {any} */ (globalThis).shorten(1);
        return new Promise(() => {});
      }
    );
  });
  assert.equal(await ask(), 'wasmFailed');
  assert.equal(await ask(), 'status');
});

test('a database that never opens is told and asked again', async (t) => {
  const { page, ask } = await idle(t);
  await page.evaluate(() => {
    const { open } = indexedDB;
    // The journal's patience begins before the database opens.
    /** @type {any} */ (globalThis).shorten(1);
    indexedDB.open = () => {
      indexedDB.open = open;
      const asked = open.call(indexedDB, 'other');
      asked.addEventListener = () => {};
      return asked;
    };
  });
  assert.equal(await ask(), 'status');
  const wrong = async () => {
    const { value } = /** @type {any} */ (await page.evaluate('engine.answer({ kind: "status" })'));
    return value.diagnoses.map((/** @type {{ code: string }} */ { code }) => code);
  };
  assert.deepEqual(await wrong(), ['storageFailing']);
  await until('it is read', async () => (await wrong()).length === 0);
});

test('too many crashes end the tries, until one of them is forgotten', async (t) => {
  const { page, ask } = await idle(t);
  for (let crash = 0; crash < 4; crash += 1) {
    assert.equal(await ask(), 'status');
    await page.evaluate('engine.crashed(new WebAssembly.RuntimeError("unreachable"))');
  }
  assert.equal(await ask(), 'wasmFailed');
  await page.evaluate('forgetCrash()');
  await until('it runs again', async () => (await ask()) === 'status');
});
