/**
 * Where everything is kept. Journal and history are in IndexedDB, settings and secret in `storage.local`, and what must
 * not outlive the browser in `storage.session`.
 */
import * as ext from './ext.js';
import { openDB } from './vendor/idb.js';

/** @typedef {import('../pkg/cuewire.js').Stored} Stored */
/** @typedef {import('../pkg/cuewire.js').StoredJournal} StoredJournal */
/** @typedef {import('../pkg/cuewire.js').StoredChange} StoredChange */
/** @typedef {import('../pkg/cuewire.js').SecretOrder} SecretOrder */
/** @typedef {import('./vendor/idb.js').IDBPDatabase} Database */

/** @type {['journal', 'history']} */
const STORES = ['journal', 'history'];
const SECRET_PLACE = 'secret-';

/** @type {Promise<Database> | undefined} */
let database;

/** Storage that does not answer by then is asked again at a later wake. */
const LOAD_MS = 20_000;

/** @returns {Promise<Stored>} */
export async function load() {
  /** @type {PromiseWithResolvers<never>} */
  const late = Promise.withResolvers();
  const limit = setTimeout(() => {
    forget();
    late.reject(new Error(`the browser's storage did not answer within ${LOAD_MS / 1000} s`));
  }, LOAD_MS);
  try {
    return await Promise.race([readAll(), late.promise]);
  } finally {
    clearTimeout(limit);
  }
}

/** @returns {Promise<Stored>} */
async function readAll() {
  const [journal, settings, session] = await Promise.all([
    readJournal(),
    readSettings(),
    ext.sessionRead(['token', 'vitals']),
  ]);
  return { journal, ...settings, token: session.token, vitals: session.vitals };
}

async function readSettings() {
  const { settings, secret, secretAt, marker } = await ext.localRead(['settings', 'secret', 'secretAt', 'marker']);
  const inSession = secretAt ? (await ext.sessionRead([secretAt]))[secretAt] : undefined;
  return { settings, secret: secret || inSession, marker: marker !== undefined };
}

/**
 * All or nothing, and on disk when the promise resolves. The browser runs transactions over the same stores in the order
 * in which they were begun, and this begins one at once.
 *
 * @param {StoredChange[]} changes
 */
export async function commit(changes) {
  const transaction = (await open()).transaction(STORES, 'readwrite', { durability: 'strict' });
  try {
    await Promise.all(changes.map((change) => apply(transaction.objectStore(change.store), change)));
    await transaction.done;
  } catch (error) {
    if (transaction.error === null) transaction.abort();
    await transaction.done.catch(() => {});
    throw transaction.error ?? error;
  }
}

/**
 * One write decides. A secret in the session is a store of its own, so it goes to a place of its own first, and that write
 * says where it is: at no instant does one organisation's secret stand beside the settings of another.
 *
 * @param {string | undefined} settings
 * @param {SecretOrder} secret
 */
export async function storeSettings(settings, secret) {
  // Listed before anything is written: an order that follows has a place that must stay.
  const places = secret.do === 'keep' ? [] : await secretPlaces();
  const place = secret.do === 'inSession' ? SECRET_PLACE + crypto.randomUUID() : '';
  if (secret.do === 'inSession') await ext.sessionWrite({ [place]: secret.secret });
  /** @type {Record<string, string>} */
  const items = {};
  if (settings !== undefined) items.settings = settings;
  if (secret.do !== 'keep')
    Object.assign(items, { secret: secret.do === 'onDevice' ? secret.secret : '', secretAt: place });
  try {
    await ext.localWrite(items);
  } catch (error) {
    if (place) await ext.sessionRemove([place]).catch(ext.report);
    throw error;
  }
  if (settings === undefined) {
    await ext.localRemove(['settings']);
    await ext.sessionRemove(['seen']);
  }
  const cleaned = ext.sessionRemove(places);
  // Nothing reads what is left there, but who asked for it to be gone must not be told that it is.
  await (secret.do === 'forget' ? cleaned : cleaned.catch(ext.report));
}

/** Where secrets are in the session: one at most, and what a worker left that was killed before its write. */
const secretPlaces = async () => (await ext.sessionKeys()).filter((key) => key.startsWith(SECRET_PLACE));

export const storeMarker = () => ext.localWrite({ marker: 'written' });

/** @param {string | undefined} token */
export const storeToken = (token) => (token ? ext.sessionWrite({ token }) : ext.sessionRemove(['token']));

/** @param {string} vitals */
export const storeVitals = (vitals) => ext.sessionWrite({ vitals });

/** @returns {Promise<StoredJournal>} */
async function readJournal() {
  try {
    const store = (await open()).transaction('journal').store;
    const [keys, values] = await Promise.all([store.getAllKeys(), store.getAll()]);
    return { records: keys.map((key, index) => [String(key), String(values[index])]) };
  } catch (error) {
    return { unreadable: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

/** @param {import('./vendor/idb.js').IDBPObjectStore<any, any, any, 'readwrite'>} store @param {StoredChange} change */
async function apply(store, change) {
  switch (change.change) {
    case 'put':
      return store.put(change.value, change.key);
    case 'delete':
      return store.delete(change.key);
    case 'deleteThrough':
      return store.delete(IDBKeyRange.upperBound(change.key));
    case 'clear':
      return store.clear();
  }
}

/** A database that failed to open, or that the browser closed, is opened anew at the next call. */
export function open() {
  database ??= openDB('cuewire', 1, {
    upgrade: (fresh) => STORES.forEach((name) => void fresh.createObjectStore(name)),
    blocking: (_current, _blocked, event) => {
      /** @type {IDBDatabase} */ (event.target).close();
      forget();
    },
    terminated: forget,
  }).catch((error) => {
    forget();
    throw error;
  });
  return database;
}

function forget() {
  database = undefined;
}
