/**
 * The recording of what was heard: pieces by key, in a database of its own, so that nothing waits for it. The engine stores
 * and removes pieces; pages read them to try rules.
 */
import { openDB } from '../vendor/idb.js';

const NAME = 'cuewire-recording';
const STORE = 'chunks';

const open = () =>
  openDB(NAME, 1, {
    upgrade(database) {
      database.createObjectStore(STORE);
    },
  });

/** @template T @param {(database: import('../vendor/idb.js').IDBPDatabase) => Promise<T>} act @returns {Promise<T>} */
async function within(act) {
  const database = await open();
  try {
    return await act(database);
  } finally {
    database.close();
  }
}

/** @param {string} key @param {Uint8Array} bytes the engine's memory, which is only lent: it is copied at once */
export async function record(key, bytes) {
  const copy = bytes.slice();
  await within(async (database) => {
    await database.put(STORE, copy, key);
  });
}

/** @param {string | undefined} through the last key to remove; all of them if absent */
export function forget(through) {
  return within((database) =>
    through === undefined ? database.clear(STORE) : database.delete(STORE, IDBKeyRange.upperBound(through)),
  );
}

/** @returns {Promise<string[]>} sorted */
export function list() {
  return within(async (database) => (await database.getAllKeys(STORE)).map(String));
}

/** @param {string} key @returns {Promise<Uint8Array | undefined>} */
export function read(key) {
  return within((database) => database.get(STORE, key));
}
