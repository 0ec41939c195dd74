/**
 * The least that an event takes on its way to its card: strict commits, each of what waits for one, and requests, in the
 * same kind of worker as the extension's. No rule, no second record, no retry.
 */

/** @typedef {import('../../lib/browser.mjs').Browser} Browser */
/** @typedef {import('../../lib/peers/other-server.mjs').OtherServer} OtherServer */
/** When each card was heard and when it was durable, `Date.now()`. @typedef {{ at: number, durableAt: number }[]} Written */

/** As many requests and records at once as Cuewire has at most. */
const IN_FLIGHT = 4;
const MOST_RECORDS = 1_024;

/** Ends the extension's own stream, and has its worker do by hand what an event needs at least. @param {Browser} browser @param {OtherServer} server */
export async function startByHand(browser, server) {
  const page = await browser.open('manifest.json');
  await page.evaluate(() => chrome.runtime.sendMessage({ kind: 'pause', minutes: 60 }));
  await page.close();
  const token = server.streamRequests.at(-1)?.token ?? '';
  await workerOf(browser).evaluate(
    async ({ base, token, inFlight, mostRecords }) => {
      const opening = indexedDB.open('by-hand', 1);
      opening.onupgradeneeded = () => void opening.result.createObjectStore('journal');
      /** @type {IDBDatabase} */
      const database = await new Promise((resolve) => {
        opening.onsuccess = () => resolve(opening.result);
      });
      /** @typedef {{ id: string, card: string, at: number, durableAt: number }} Heard */
      /** @type {Heard[]} */
      const heard = [];
      let [begun, durable, sent, flying] = [0, 0, 0, 0];
      Object.assign(globalThis, { byHand: heard });
      const write = () => {
        if (begun > durable || begun === heard.length) return;
        const batch = heard.slice(begun, begun + mostRecords);
        begun += batch.length;
        const transaction = database.transaction('journal', 'readwrite', { durability: 'strict' });
        const store = transaction.objectStore('journal');
        for (const { id, card } of batch) store.put(card, id);
        transaction.commit();
        transaction.oncomplete = () => {
          durable = begun;
          for (const each of batch) each.durableAt = Date.now();
          send();
          write();
        };
      };
      const send = () => {
        while (sent < durable && flying < inFlight) {
          const next = heard[sent];
          if (next === undefined) return;
          sent += 1;
          flying += 1;
          void post(next).finally(() => {
            flying -= 1;
            send();
          });
        }
      };
      const post = async (/** @type {Heard} */ { id, card }) => {
        const response = await fetch(`${base}/api/v2/agentassist/interactions/${id}/cards`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: card,
          cache: 'no-store',
          credentials: 'omit',
        });
        await response.arrayBuffer();
      };
      const stream = `${base.replace('http', 'ws')}/api/v2/interactions/stream?access_token=${encodeURIComponent(token)}`;
      const socket = new WebSocket(stream);
      socket.binaryType = 'arraybuffer';
      const decoder = new TextDecoder();
      socket.onmessage = ({ data }) => {
        const event = JSON.parse(typeof data === 'string' ? data : decoder.decode(data));
        if (!(event.sentiment.score < -0.5)) return;
        const card = JSON.stringify({ cardId: `by-hand-${event.id}`, type: 'info', title: 'x'.repeat(300) });
        heard.push({ id: event.id, card, at: Date.now(), durableAt: 0 });
        write();
      };
      await new Promise((resolve) => {
        socket.onopen = () => resolve(undefined);
      });
    },
    { base: server.url, token, inFlight: IN_FLIGHT, mostRecords: MOST_RECORDS },
  );
}

/** @param {Browser} browser @returns {Promise<Written>} */
export const writtenByHand = (browser) =>
  workerOf(browser).evaluate(() => {
    /** @type {Written} */
    const heard = Reflect.get(globalThis, 'byHand');
    return heard.map(({ at, durableAt }) => ({ at, durableAt }));
  });

/** @param {Browser} browser */
export function workerOf(browser) {
  const [worker] = browser.context.serviceWorkers();
  if (worker === undefined) throw new Error('there is no worker to do anything by hand in');
  return worker;
}
