/**
 * A worker that starts with much to remember: from its first moment, before it has any code, to the open stream, and to the
 * card of the first event that the stream says. What is remembered is records of single interactions, or buckets.
 */
import { unhappy } from '../../lib/events.mjs';
import { onStage, streamingFromOther } from '../../lib/scene.mjs';
import { ALARM, PATIENCE, until } from '../../lib/wait.mjs';

/** @typedef {import('../../lib/browser.mjs').Browser} Browser */
/** @typedef {'singles' | 'buckets'} Form */
/** @typedef {{ remembered: number, form: Form, open: number[], card: number[], megabytes: number, missed: string[] }} Started milliseconds, the shortest first */

const ROUNDS = 5;

/** A message of more than 32 768 units. */
const LONG = JSON.stringify({ id: 'measured', words: ' '.repeat(33_000) });

/** @param {{ remembered: number, form: Form }} what @returns {Promise<Started>} */
export async function measureStart({ remembered, form }) {
  return onStage(async (stage) => {
    const { server, browser } = await streamingFromOther(stage);
    server.send(unhappy('first'));
    await server.cards(1);
    const page = await browser.open('manifest.json');
    const key = await until('it is settled', () => page.evaluate(firedKey));
    await page.evaluate(remember, { connection: key.split('/')[1] ?? '', remembered, form });
    await page.close();
    /** @type {Started} */
    const started = { remembered, form, open: [], card: [], megabytes: 0, missed: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = server.streamRequests.length;
      await browser.stopWorkers();
      const opened = await until(
        'it streams again',
        () => server.streamRequests.slice(before).find(({ openedAt }) => openedAt !== null)?.openedAt,
        { within: ALARM + PATIENCE, every: 2 },
      );
      const id = `start-${round}`;
      server.send(unhappy(id));
      await until('its card came', () => server.cardIds(id).length > 0, { within: PATIENCE, every: 2 });
      const taken = Date.now();
      const worker = browser.context.serviceWorkers().at(-1);
      const began = Number(await worker?.evaluate(() => performance.timeOrigin));
      started.open.push(opened - began);
      started.card.push(taken - began);
    }
    started.megabytes = await memoryOf(browser, server);
    started.open.sort((one, other) => one - other);
    started.card.sort((one, other) => one - other);
    return started;
  });
}

/** The WebAssembly's memory in MB: a long text message is encoded right into it, a short one copied another way. @param {Browser} browser @param {import('../../lib/peers/other-server.mjs').OtherServer} server */
async function memoryOf(browser, server) {
  const worker = browser.context.serviceWorkers().at(-1);
  if (worker === undefined) throw new Error('there is no worker');
  await worker.evaluate(() => {
    const encode = TextEncoder.prototype.encodeInto;
    TextEncoder.prototype.encodeInto = function (text, view) {
      Object.assign(globalThis, { memoryOfBench: view.buffer.byteLength });
      return encode.call(this, text, view);
    };
  });
  const bytes = await until('a message was encoded', () => {
    server.sendFrame(LONG);
    return worker.evaluate(() => Number(Reflect.get(globalThis, 'memoryOfBench') ?? 0));
  });
  return bytes / 1_000_000;
}

// In a page of the extension.

/** The key of the one record of what fired. */
async function firedKey() {
  const request = indexedDB.open('cuewire');
  /** @type {IDBDatabase} */
  const database = await new Promise((resolve) => {
    request.onsuccess = () => resolve(request.result);
  });
  const keys = database.transaction('journal').objectStore('journal').getAllKeys();
  await new Promise((resolve) => {
    keys.onsuccess = resolve;
  });
  database.close();
  return keys.result.map(String).find((key) => key.startsWith('fired/'));
}

/** Writes so many interactions that fired, as the worker would have. @param {{ connection: string, remembered: number, form: Form }} what */
async function remember({ connection, remembered, form }) {
  const table = Array.from({ length: 256 }, (_, start) => {
    let sum = start;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
    return sum >>> 0;
  });
  /** @param {string} text */
  const crc = (text) => {
    let sum = 0xffffffff;
    for (let at = 0; at < text.length; at += 1)
      sum = (sum >>> 8) ^ /** @type {number} */ (table[(sum ^ text.charCodeAt(at)) & 0xff]);
    return (sum ^ 0xffffffff) >>> 0;
  };
  /** @param {number} number @param {number} digits */
  const hex = (number, digits) => number.toString(16).padStart(digits, '0').slice(-digits);
  /** @param {string} json */
  const sealed = (json) => `2:${hex(crc(`2:${json}`), 8)}:${json}`;
  const seen = Date.now();
  /** @type {string[][]} */
  const buckets = Array.from({ length: 256 }, () => []);
  for (let number = 0; number < remembered; number += 1) {
    const digits = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => hex(byte, 2)).join('');
    buckets[Number.parseInt(digits.slice(0, 2), 16)]?.push(digits);
  }
  const request = indexedDB.open('cuewire');
  /** @type {IDBDatabase} */
  const database = await new Promise((resolve) => {
    request.onsuccess = () => resolve(request.result);
  });
  const rules = JSON.stringify(['negative-sentiment']);
  for (const [first, bucket] of buckets.entries()) {
    const transaction = database.transaction('journal', 'readwrite');
    const store = transaction.objectStore('journal');
    if (form === 'singles') {
      for (const digits of bucket)
        store.put(sealed(`{"rules":${rules},"seen":${seen}}`), `fired/${connection}/${digits}`);
    } else if (bucket.length > 0) {
      const states = `[{"rules":${rules}}]`;
      const lines = bucket.sort().map((digits) => {
        const line = `${digits.slice(2)}${hex(seen, 11)}0000`;
        return line + hex(crc(line), 4);
      });
      const json = `{"states":${states},"sum":"${hex(crc(states), 8)}","lines":"${lines.join('')}"}`;
      store.put(sealed(json), `fired/${connection}/${hex(first, 2)}`);
    }
    await new Promise((resolve) => {
      transaction.oncomplete = resolve;
    });
  }
  database.close();
}
