/** What is stored where, over the browser's own storage: settings and secret belong together, whenever a worker is killed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshBrowser } from '../lib/scene.mjs';

/** @param {import('node:test').TestContext} t */
async function storage(t) {
  const page = await (await freshBrowser(t)).open('manifest.json');
  return {
    page,
    /**
     * Stores; `local`: what becomes of the write that decides.
     *
     * @param {string | undefined} settings @param {{ do: string, secret?: string }} secret
     * @param {'written' | 'killed' | 'full'} [local]
     */
    store: (settings, secret, local = 'written') =>
      page.evaluate(
        async ({ settings, secret, local }) => {
          const { storeSettings } = await import(chrome.runtime.getURL('lib/browser/store.js'));
          const area = chrome.storage.local;
          const { set } = area;
          const reached = new Promise((resolve) => {
            if (local === 'written') return;
            area.set = /** @type {any} */ (
              async () => {
                resolve('not written');
                if (local === 'full') throw new Error('no room');
                return new Promise(() => {});
              }
            );
          });
          const stored = storeSettings(settings, secret).then(
            () => 'stored',
            (/** @type {Error} */ error) => error.message,
          );
          const outcome = await (local === 'killed' ? reached : stored);
          area.set = set;
          return outcome;
        },
        { settings, secret, local },
      ),
    load: () =>
      page.evaluate(async () => {
        const { settings, secret } = await (await import(chrome.runtime.getURL('lib/browser/store.js'))).load();
        return [settings, secret];
      }),
    secrets: () =>
      page.evaluate(async () => {
        const all = { ...(await chrome.storage.local.get()), ...(await chrome.storage.session.get()) };
        return Object.entries(all).filter(([key, value]) => key.startsWith('secret-') || (key === 'secret' && value));
      }),
  };
}

test('killed before the write that decides, the settings keep the secret that is theirs', async (t) => {
  const { store, load, secrets } = await storage(t);
  for (const kind of ['inSession', 'onDevice']) {
    assert.equal(await store('A', { do: kind, secret: 'of A' }), 'stored');
    assert.deepEqual(await load(), ['A', 'of A']);
    assert.equal(await store('B', { do: 'inSession', secret: 'of B' }, 'killed'), 'not written');
    assert.deepEqual(await load(), ['A', 'of A'], kind);
    assert.equal(await store('B', { do: 'inSession', secret: 'of B' }, 'full'), 'no room');
    assert.deepEqual(await load(), ['A', 'of A'], kind);
  }
  assert.equal(await store('B', { do: 'inSession', secret: 'of B' }), 'stored');
  assert.deepEqual(await load(), ['B', 'of B']);
  assert.equal((await secrets()).length, 1, 'nothing is left of the secrets before');
});

test('a secret moves between session and device, stays with new settings, and is gone when all is cleared', async (t) => {
  const { store, load, secrets } = await storage(t);
  await store('A', { do: 'inSession', secret: 's' });
  await store('B', { do: 'keep' });
  assert.deepEqual(await load(), ['B', 's']);
  await store('C', { do: 'onDevice', secret: 'd' });
  assert.deepEqual(await load(), ['C', 'd']);
  await store('D', { do: 'inSession', secret: 'e' });
  assert.deepEqual(await load(), ['D', 'e']);
  assert.equal((await secrets()).length, 1);
  await store('E', { do: 'inSession', secret: 'left' }, 'killed');
  assert.equal(await store(undefined, { do: 'forget' }), 'stored');
  assert.deepEqual(await load(), [undefined, undefined]);
  assert.deepEqual(await secrets(), []);
});

test('a secret of before that cannot be removed does not undo what was stored', async (t) => {
  const { page, store, load } = await storage(t);
  await store('A', { do: 'inSession', secret: 'a' });
  await page.evaluate(() => {
    chrome.storage.session.remove = /** @type {any} */ (async () => Promise.reject(new Error('not now')));
  });
  assert.equal(await store('B', { do: 'inSession', secret: 'b' }), 'stored');
  assert.deepEqual(await load(), ['B', 'b']);
  await page.evaluate(() => {
    chrome.storage.session.clear = /** @type {any} */ (async () => Promise.reject(new Error('not now')));
  });
  assert.equal(await store(undefined, { do: 'forget' }), 'not now');
});

test('a batch is written whole and in order, or not at all', async (t) => {
  const { page } = await storage(t);
  const outcome = await page.evaluate(async () => {
    const { commit } = await import(chrome.runtime.getURL('lib/browser/store.js'));
    const { openDB } = await import(chrome.runtime.getURL('lib/vendor/idb.js'));
    const put = (/** @type {string} */ key, /** @type {unknown} */ value) => ({
      change: 'put',
      store: 'history',
      key,
      value,
    });
    const kept = async () => (await (await openDB('cuewire')).getAllKeys('history')).map(String);
    await commit([
      put('1', 'a'),
      put('2', 'b'),
      { change: 'deleteThrough', store: 'history', key: '1' },
      put('3', 'c'),
    ]);
    const whole = await kept();
    // No storage takes a function.
    const refused = await commit([put('4', 'd'), put('5', () => {})]).catch((/** @type {Error} */ error) => error.name);
    return { whole, refused, after: await kept() };
  });
  assert.deepEqual(outcome, { whole: ['2', '3'], refused: 'DataCloneError', after: ['2', '3'] });
});
