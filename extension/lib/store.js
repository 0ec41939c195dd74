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

/** @type {Promise<Database> | undefined} */
let database;

/** @returns {Promise<Stored>} */
export async function load() {
  const [journal, local, session] = await Promise.all([
    readJournal(),
    ext.localRead(['settings', 'secret', 'marker']),
    ext.sessionRead(['secret', 'token', 'vitals']),
  ]);
  return {
    journal,
    marker: local.marker !== undefined,
    settings: local.settings,
    secret: local.secret || session.secret,
    token: session.token,
    vitals: session.vitals,
  };
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

/** @param {string | undefined} settings @param {SecretOrder} secret */
export async function storeSettings(settings, secret) {
  const before = await ext.sessionRead(['secret']);
  // The local write decides: what is in the session before it, and not wanted, loses to it or is taken back.
  if (secret.do === 'inSession') await ext.sessionWrite({ secret: secret.secret });
  try {
    /** @type {Record<string, string>} */
    const items = {};
    if (settings !== undefined) items.settings = settings;
    if (secret.do !== 'keep') items.secret = secret.do === 'onDevice' ? secret.secret : '';
    await ext.localWrite(items);
  } catch (error) {
    if (before.secret !== undefined) await ext.sessionWrite({ secret: before.secret });
    else await ext.sessionRemove(['secret']);
    throw error;
  }
  if (settings === undefined) {
    await ext.localRemove(['settings']);
    await ext.sessionRemove(['seen']);
  }
  if (secret.do === 'inSession' || secret.do === 'forget') await ext.localRemove(['secret']);
  if (secret.do === 'onDevice' || secret.do === 'forget') await ext.sessionRemove(['secret']);
}

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
  const forget = () => {
    database = undefined;
  };
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
