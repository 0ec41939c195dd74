/**
 * Where everything is kept. Journal and history are in IndexedDB, settings and secret in `storage.local`, and what must
 * not outlive the browser in `storage.session`.
 */
import * as ext from './ext.js';
import { deleteDB, openDB, unwrap } from './vendor/idb.js';

/** @typedef {import('../pkg/cuewire.js').Stored} Stored */
/** @typedef {import('../pkg/cuewire.js').StoredJournal} StoredJournal */
/** @typedef {import('../pkg/cuewire.js').StoredChange} StoredChange */
/** @typedef {import('../pkg/cuewire.js').SecretOrder} SecretOrder */
/** @typedef {import('./vendor/idb.js').IDBPDatabase} Database */

/** @type {['journal', 'history']} */
const STORES = ['journal', 'history'];
const SECRET_PLACE = 'secret-';

const NAME = 'cuewire';

/** @type {Promise<Database> | undefined} */
let database;
/** Grows whenever the database is closed on purpose. */
let generation = 0;
/** A database that is to be deleted is not opened before. @type {Promise<unknown>} */
let deleted = Promise.resolve();
/** @type {Promise<StoredJournal> | undefined} */
let reading;

/** Storage that does not answer for so long is asked again later. */
const PATIENCE_MS = 20_000;
/** Records read at once: each piece shows that a slow disk is at work. */
const PIECE = 2_000;

/** Settings are read last: those that were stored while the journal was read count. @returns {Promise<Stored>} */
export async function load() {
  reading ??= readPatiently().finally(() => {
    reading = undefined;
  });
  const journal = await reading;
  const [settings, session] = await inTime(Promise.all([readSettings(), ext.sessionRead(['token', 'vitals'])]));
  return { journal, ...settings, token: session.token, vitals: session.vitals };
}

/** @returns {Promise<StoredJournal>} */
function readPatiently() {
  return new Promise((resolve) => {
    let late = false;
    const giveUp = () => {
      late = true;
      reopen();
      resolve({ unreadable: silence() });
    };
    let limit = setTimeout(giveUp, PATIENCE_MS);
    const progress = () => {
      clearTimeout(limit);
      if (!late) limit = setTimeout(giveUp, PATIENCE_MS);
    };
    readJournal(progress).then((journal) => {
      clearTimeout(limit);
      resolve(journal);
    });
  });
}

/** @template T @param {Promise<T>} promise @returns {Promise<T>} */
function inTime(promise) {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(silence())), PATIENCE_MS);
    promise.then(resolve, reject).finally(() => clearTimeout(limit));
  });
}

const silence = () => `the browser's storage did not answer within ${PATIENCE_MS / 1000} s`;

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
  const begun = generation;
  const opened = unwrap(await open());
  // Begun only now, it would overwrite what newer commits have written since.
  if (begun !== generation) throw new Error('the database was closed before the commit began');
  const transaction = opened.transaction(STORES, 'readwrite', { durability: 'strict' });
  const done = new Promise((resolve, reject) => {
    transaction.addEventListener('complete', resolve);
    transaction.addEventListener('abort', () => reject(transaction.error ?? new Error('the browser ended the commit')));
  });
  try {
    for (const change of changes) apply(transaction.objectStore(change.store), change);
    transaction.commit();
  } catch (error) {
    done.catch(() => {});
    transaction.abort();
    throw error;
  }
  await done;
}

/** Closes the database; what has begun may still end well. The next call opens it. */
export function reopen() {
  generation += 1;
  database?.then((opened) => opened.close()).catch(() => {});
  forget();
}

/** Deletes the database; the next call waits for that, fails if it does, and opens a new one. */
export function deleteAll() {
  reopen();
  deleted = deleteDB(NAME);
  deleted.catch(() => {});
}

/**
 * One write decides. A secret in the session is a store of its own, so it goes to a place of its own first, and that write
 * says where it is: at no instant does one organisation's secret stand beside the settings of another.
 *
 * @param {string | undefined} settings
 * @param {SecretOrder} secret
 */
export async function storeSettings(settings, secret) {
  if (settings === undefined) return forgetSettings();
  // Listed before anything is written: an order that follows has a place that must stay.
  const places = secret.do === 'keep' ? [] : await secretPlaces();
  const place = secret.do === 'inSession' ? SECRET_PLACE + crypto.randomUUID() : '';
  if (secret.do === 'inSession') await ext.sessionWrite({ [place]: secret.secret });
  /** @type {Record<string, string>} */
  const items = { settings };
  if (secret.do !== 'keep')
    Object.assign(items, { secret: secret.do === 'onDevice' ? secret.secret : '', secretAt: place });
  try {
    await ext.localWrite(items);
  } catch (error) {
    if (place) await ext.sessionRemove([place]).catch(ext.report);
    throw error;
  }
  // Nothing reads what is left there.
  await ext.sessionRemove(places).catch(ext.report);
}

/** Settings and secret go with one write, and with them all that is kept until the browser closes. */
async function forgetSettings() {
  await ext.localRemove(['settings', 'secret', 'secretAt']);
  await ext.sessionClear();
}

/** Where secrets are in the session: one at most, and what a worker left that was killed before its write. */
const secretPlaces = async () => (await ext.sessionKeys()).filter((key) => key.startsWith(SECRET_PLACE));

export const storeMarker = () => ext.localWrite({ marker: 'written' });

/** @param {string | undefined} token */
export const storeToken = (token) => (token ? ext.sessionWrite({ token }) : ext.sessionRemove(['token']));

/** @param {string} vitals */
export const storeVitals = (vitals) => ext.sessionWrite({ vitals });

/** @param {() => void} progress called for each piece @returns {Promise<StoredJournal>} */
async function readJournal(progress) {
  /** @type {[string, string][]} */
  const records = [];
  /** @type {IDBKeyRange | undefined} */
  let rest;
  try {
    const { store } = (await open()).transaction('journal');
    for (;;) {
      const [keys, values] = await Promise.all([store.getAllKeys(rest, PIECE), store.getAll(rest, PIECE)]);
      progress();
      keys.forEach((key, index) => void records.push([String(key), String(values[index])]));
      if (keys.length < PIECE) return { records };
      rest = IDBKeyRange.lowerBound(keys.at(-1), true);
    }
  } catch (error) {
    return { unreadable: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

/** Nothing listens to a single request: one that fails ends its transaction. @param {IDBObjectStore} store @param {StoredChange} change */
function apply(store, change) {
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

/** A database that failed to open, or that the browser closed, is opened again at the next call. */
export function open() {
  database ??= openAfter(deleted);
  return database;
}

/** @param {Promise<unknown>} before @returns {Promise<Database>} */
async function openAfter(before) {
  const own = generation;
  // A database closed on purpose meanwhile must not take its successor away.
  const lost = () => void (own === generation && forget());
  try {
    await before;
    return await openDB(NAME, 1, {
      upgrade: (fresh) => STORES.forEach((name) => void fresh.createObjectStore(name)),
      blocking: (_current, _blocked, event) => {
        /** @type {IDBDatabase} */ (event.target).close();
        lost();
      },
      terminated: lost,
    });
  } catch (error) {
    lost();
    throw error;
  }
}

function forget() {
  database = undefined;
  deleted = Promise.resolve();
}
