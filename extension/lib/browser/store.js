/**
 * Where Cuewire stores its data. Journal and history are in IndexedDB, settings and secret in `storage.local`. Data that
 * must not outlive the browser is in `storage.session`.
 */
import * as ext from './ext.js';
import { deleteDB, openDB, unwrap } from '../vendor/idb.js';

/** @typedef {import('../../pkg/cuewire.js').Stored} Stored */
/** @typedef {import('../../pkg/cuewire.js').StoredJournal} StoredJournal */
/** @typedef {import('../../pkg/cuewire.js').StoredRecords} StoredRecords */
/** @typedef {import('../../pkg/cuewire.js').StoredChange} StoredChange */
/** @typedef {import('../../pkg/cuewire.js').SecretOrder} SecretOrder */
/** @typedef {import('../vendor/idb.js').IDBPDatabase} Database */

/** @type {['journal', 'history']} */
const STORES = ['journal', 'history'];
const SECRET_PLACE = 'secret-';

const NAME = 'cuewire';

/** @type {Promise<Database> | undefined} */
let database;
/** Counts how often the database was closed on purpose. */
let generation = 0;
/** Opening waits for a pending deletion. @type {Promise<unknown>} */
let deleted = Promise.resolve();
/** @type {Promise<StoredJournal> | undefined} */
let reading;
/** What the next engine reads at its start. @type {Promise<Stored> | undefined} */
let ahead;

/** After this long without an answer, reading fails and is retried later. */
const PATIENCE_MS = 20_000;
/** Records per read: each piece that arrives shows that a slow disk still works. */
const PIECE = 2_000;
/** No key of ours begins like this: it ends what begins with a prefix. */
const LAST = '\uffff';
/** What an engine leaves to `recall` as it starts. */
const LATER = 'fired/';

/**
 * Reads settings last, so that settings saved while the journal was read are not missed.
 *
 * @param {string} [later] records whose keys begin like this are left to `recall`
 * @returns {Promise<Stored>}
 */
export async function load(later) {
  if (ahead && later === LATER) {
    const read = ahead;
    ahead = undefined;
    return read;
  }
  reading ??= readPatiently(later).finally(() => {
    reading = undefined;
  });
  const journal = await reading;
  const [settings, session] = await inTime(Promise.all([readSettings(), ext.sessionRead(['token', 'vitals'])]));
  const redirect = ext.redirectAddress();
  return { journal, ...settings, token: session.token, vitals: session.vitals, redirect };
}

/** Begins to read before there is an engine that asks: the browser compiles the engine meanwhile. */
export function readAhead() {
  ahead = undefined;
  const read = load(LATER);
  read.catch(() => {}); // The caller that asks gets the error.
  ahead = read;
}

/** @param {string | undefined} later @returns {Promise<StoredJournal>} */
function readPatiently(later) {
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
    readJournal(progress, later).then((journal) => {
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
 * Persists all changes or none; they are on disk when the promise resolves. The browser runs transactions over the same
 * stores in the order in which they began.
 *
 * @param {StoredChange[]} changes
 */
export async function commit(changes) {
  const begun = generation;
  const opened = unwrap(await open());
  // A transaction that began only now would overwrite what newer commits have written.
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

/**
 * Entries of the activity log with their keys, newest first: those before a key, or the newest. Two steps of a cursor find
 * the page whatever holes the keys have, and one read gets it.
 *
 * @param {string | undefined} before
 * @param {number} limit
 * @returns {Promise<StoredRecords>}
 */
export const readHistory = (before, limit) => inTime(readPage(before, limit));

/** @param {string | undefined} before @param {number} limit @returns {Promise<StoredRecords>} */
async function readPage(before, limit) {
  const { store } = (await open()).transaction('history');
  const cursor = await store.openKeyCursor(before === undefined ? null : IDBKeyRange.upperBound(before, true), 'prev');
  if (!cursor || limit < 1) return [];
  const newest = cursor.key;
  const last = limit > 1 ? await cursor.advance(limit - 1) : cursor;
  const page = last ? IDBKeyRange.bound(last.key, newest) : IDBKeyRange.upperBound(newest);
  const [keys, values] = await Promise.all([store.getAllKeys(page), store.getAll(page)]);
  return keys.map((key, index) => /** @type {[string, string]} */ ([String(key), String(values[index])])).reverse();
}

/** Closes the database; transactions that have begun may still succeed. The next call opens the database again. */
export function reopen() {
  generation += 1;
  database?.then((opened) => opened.close()).catch(() => {});
  forget();
}

/** Deletes the database. The next call waits for the deletion, fails with it, or opens a new database. */
export function deleteAll() {
  reopen();
  deleted = deleteDB(NAME);
  deleted.catch(() => {});
}

/**
 * One write to `storage.local` decides. A session secret is written to a new place first, and the deciding write names
 * that place; otherwise one organisation's secret could stand beside the settings of another for a moment.
 *
 * @param {string | undefined} settings
 * @param {SecretOrder} secret
 */
export async function storeSettings(settings, secret) {
  if (settings === undefined) return forgetSettings();
  // List the places before writing; otherwise the place of the next order would be removed.
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
  // A failure here is harmless, because nothing reads the old places.
  await ext.sessionRemove(places).catch(ext.report);
}

/** Removes settings and secret in one write, then all data of the browser session. */
async function forgetSettings() {
  await ext.localRemove(['settings', 'secret', 'secretAt']);
  await ext.sessionClear();
}

/** Places of session secrets: the current one, and those of workers killed before their deciding write. */
const secretPlaces = async () => (await ext.sessionKeys()).filter((key) => key.startsWith(SECRET_PLACE));

export const storeMarker = () => ext.localWrite({ marker: 'written' });

/** @param {string | undefined} token */
export const storeToken = (token) => (token ? ext.sessionWrite({ token }) : ext.sessionRemove(['token']));

/** @param {string} vitals */
export const storeVitals = (vitals) => ext.sessionWrite({ vitals });

/** @param {() => void} progress called for each piece @param {string | undefined} later @returns {Promise<StoredJournal>} */
async function readJournal(progress, later) {
  try {
    const { store } = (await open()).transaction('journal');
    /** @param {string} after @param {string} end */
    const read = async (after, end) => {
      /** @type {StoredRecords} */
      const records = [];
      for (;;) {
        const piece = await readPiece(store, records.at(-1)?.[0] ?? after, end, PIECE);
        progress();
        records.push(...piece);
        if (piece.length < PIECE) return records;
      }
    };
    const parts = later === undefined ? [read('', LAST)] : [read('', later), read(later + LAST, LAST)];
    return { records: (await Promise.all(parts)).flat() };
  } catch (error) {
    return { unreadable: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

/**
 * Records of the journal whose keys begin with a prefix, in the order of the keys: at most `limit` after a key.
 *
 * @param {string} prefix
 * @param {string} after
 * @param {number} limit
 * @returns {Promise<StoredRecords>}
 */
export const recall = (prefix, after, limit) =>
  inTime(open().then((opened) => readPiece(opened.transaction('journal').store, after, prefix + LAST, limit)));

/**
 * @param {import('../vendor/idb.js').IDBPObjectStore<unknown, ['journal'], 'journal'>} store
 * @param {string} after
 * @param {string} end
 * @param {number} limit
 * @returns {Promise<StoredRecords>}
 */
async function readPiece(store, after, end, limit) {
  const range = IDBKeyRange.bound(after, end, true, true);
  const [keys, values] = await Promise.all([store.getAllKeys(range, limit), store.getAll(range, limit)]);
  return keys.map((key, index) => /** @type {[string, string]} */ ([String(key), String(values[index])]));
}

/** Nothing listens to a single request, because a request that fails aborts its transaction. @param {IDBObjectStore} store @param {StoredChange} change */
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

/** Makes the next call open the database again, after a failed open or a close by the browser. */
function open() {
  database ??= openAfter(deleted);
  return database;
}

/** @param {Promise<unknown>} before @returns {Promise<Database>} */
async function openAfter(before) {
  const own = generation;
  // The close event of an old database must not drop the database that replaced it.
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
