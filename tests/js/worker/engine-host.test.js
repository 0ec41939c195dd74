/** No function that Rust calls throws, because an exception that passes through Rust leaves its work half done. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

/** A browser in which every call fails, and every property is such a call. @type {any} */
const failing = new Proxy(() => {}, {
  get: (_, name) => (name === 'then' ? undefined : failing),
  apply: () => {
    throw new Error('the extension context is gone');
  },
});
Object.assign(globalThis, { chrome: failing });
// Every supported browser has this function; some supported Node versions lack it.
Promise.withResolvers ??= () => {
  /** @type {any} */
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};
const { follow, host } = await import('../../../extension/lib/engine.js');
console.warn = () => {};

/** @type {Record<string, unknown[]>} */
const ARGUMENTS = {
  commit: [[{ change: 'put', store: 'journal', key: 'a', value: 'b' }]],
  storeSettings: ['{}', { do: 'forget' }],
  storeToken: ['t'],
  keepAlive: ['{}'],
  showBadge: [{ text: '1', tone: 'calm' }],
  notify: [{ about: 'triggers', count: 2, reason: 'r', queue: 'q', entry: '1' }],
  guard: ['watch'],
  permitted: ['https://acme.cxone.com'],
};
/** Of `openStream` Rust expects an exception; `failed` and `restart` do their work when Rust has returned. */
const OTHERS = ['openStream', 'failed', 'restart'];

for (const [name, call] of Object.entries(host)) {
  if (OTHERS.includes(name)) continue;
  test(`${name} does not throw, whatever the browser does`, async () => {
    const result = call.apply(host, ARGUMENTS[name] ?? []);
    // A promise may reject.
    await Promise.resolve(result).catch(() => {});
  });
}

test('an origin that is none, or that browsers cannot be asked for, is not permitted', async () => {
  for (const origin of ['', 'nonsense', 'file://', 'ftp://acme.example']) {
    assert.equal(await host.permitted(origin), false);
  }
});

test('a port that has closed does not keep the news from the other pages', async () => {
  /** @type {string[]} */
  const heard = [];
  const port = (/** @type {() => void} */ postMessage) =>
    /** @type {any} */ ({ postMessage, onDisconnect: { addListener() {} } });
  follow(
    port(() => {
      throw new Error('Attempting to use a disconnected port object');
    }),
  );
  follow(port(() => heard.push('changed')));
  host.publish();
  assert.deepEqual(heard, ['changed']);
});
