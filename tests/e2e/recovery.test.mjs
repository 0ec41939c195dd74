/** The engine of a worker that lives for days comes back from what went wrong once: here in a page, where it can be made to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshBrowser } from './lib/scene.mjs';
import { sleep, until } from './lib/wait.mjs';

/**
 * A page with an engine that has not started, and whose long waits are short.
 *
 * @param {import('node:test').TestContext} t
 */
async function idle(t) {
  const page = await (await freshBrowser(t)).open('manifest.json');
  await page.evaluate(async () => {
    const { setTimeout } = globalThis;
    globalThis.setTimeout = /** @type {any} */ (
      (/** @type {() => void} */ act, /** @type {number} */ ms) => setTimeout(act, ms >= 20_000 ? ms / 100 : ms)
    );
    // The worker beside it has the lock.
    navigator.locks.request = /** @type {any} */ (
      async (/** @type {string} */ _name, /** @type {() => Promise<void>} */ held) => held()
    );
    const engine = await import(chrome.runtime.getURL('lib/engine.js'));
    Object.assign(globalThis, { engine });
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
  await until('it runs again', async () => (await ask()) === 'status');
});
