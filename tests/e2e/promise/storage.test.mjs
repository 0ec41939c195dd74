/** Storage of the real browser that hangs, is closed under a commit, or is to be emptied. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unhappy } from '../lib/events.mjs';
import { freshBrowser, streamingFromOther } from '../lib/scene.mjs';
import { until } from '../lib/wait.mjs';

test('a commit that hangs is told, and its card goes out once it is durable', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  server.send(unhappy('before'));
  await server.cards(1);
  const page = await browser.open('manifest.json');
  // A transaction that goes on for as long as it asks for something holds up every other one.
  await page.evaluate(async () => {
    const { openDB } = await import(chrome.runtime.getURL('lib/vendor/idb.js'));
    const store = (await openDB('cuewire')).transaction(['journal', 'history'], 'readwrite').objectStore('journal');
    const hold = async () => {
      while (!Reflect.get(globalThis, 'released')) await store.get('meta');
    };
    await store.get('meta');
    hold();
  });
  server.send(unhappy('held-up'));
  const codes = () =>
    page.evaluate(async () => {
      const { value } = await chrome.runtime.sendMessage({ kind: 'status' });
      return value.diagnoses.map((/** @type {{ code: string }} */ { code }) => code);
    });
  await until('it is told', async () => (await codes()).includes('storageSlow'), { within: 30_000, seen: codes });
  assert.equal(server.cardRequests.length, 1, 'what is not durable is not sent');
  await page.evaluate(() => void Object.assign(globalThis, { released: true }));
  await server.cards(2, 60_000);
  await until('the trouble is over', async () => (await codes()).length === 0, { seen: codes });
  assert.equal(server.cardIds('held-up').length, 1);
});

test('a commit that has not begun when the database is closed never overwrites what is newer', async (t) => {
  const page = await (await freshBrowser(t)).open('manifest.json');
  const seen = await page.evaluate(async () => {
    const { commit, load, reopen } = await import(chrome.runtime.getURL('lib/browser/store.js'));
    const put = (/** @type {string} */ value) => [{ change: 'put', store: 'journal', key: 'aside/test', value }];
    const older = commit(put('older')).then(
      () => 'written',
      () => 'refused',
    );
    reopen();
    await commit(put('newer'));
    const { journal } = await load();
    return [await older, journal.records.find((/** @type {string[]} */ record) => record[0] === 'aside/test')?.[1]];
  });
  assert.deepEqual(seen, ['refused', 'newer']);
});

test('a journal of many records is read whole, and a deleted database is empty', async (t) => {
  const page = await (await freshBrowser(t)).open('manifest.json');
  const seen = await page.evaluate(async () => {
    const { commit, deleteAll, load } = await import(chrome.runtime.getURL('lib/browser/store.js'));
    const keys = Array.from({ length: 5_000 }, (_, number) => `aside/${String(number).padStart(5, '0')}`);
    await commit(keys.map((key) => ({ change: 'put', store: 'journal', key, value: key })));
    const read = async () =>
      (await load()).journal.records.filter((/** @type {string[]} */ record) => record[0]?.startsWith('aside/'));
    const whole = await read();
    const same = keys.every((key, index) => whole[index][0] === key && whole[index][1] === key);
    deleteAll();
    return [whole.length, same, (await read()).length];
  });
  assert.deepEqual(seen, [5_000, true, 0]);
});

test('nothing is left of a person’s data once all is cleared', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  server.send(unhappy('i-1'));
  await server.cards(1);
  const page = await browser.open('manifest.json');
  const kept = () => page.evaluate(async () => Object.keys(await chrome.storage.session.get()));
  await until('the vitals are kept', async () => (await kept()).includes('vitals'));
  const answer = await page.evaluate(() => chrome.runtime.sendMessage({ kind: 'clear' }));
  assert.equal(answer.kind, 'cleared');
  assert.deepEqual(await kept(), []);
  assert.deepEqual(await page.evaluate(async () => Object.keys(await chrome.storage.local.get())), ['marker']);
});
