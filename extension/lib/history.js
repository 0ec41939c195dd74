/** The activity log as it is stored, for the pages: keys are 16 digits and sort as the numbers do, values are JSON. */
import { open } from './store.js';

/** @typedef {import('../pkg/cuewire.js').Entry} Entry */
/** @typedef {{ key: string, entry: Entry | undefined }} Kept `undefined`: it cannot be read */

const NAME = 'history';
const DIGITS = 16;

/** The newest entries, newest first; fewer where the numbers have holes. @param {number} limit @returns {Promise<Kept[]>} */
export async function newest(limit) {
  const store = await history();
  const last = await store.openKeyCursor(null, 'prev');
  if (!last) return [];
  const first = Math.max(0, Number(last.key) - limit + 1);
  return read(store, IDBKeyRange.lowerBound(String(first).padStart(DIGITS, '0')));
}

/** Entries from one key to another, both included, newest first. @param {string} from the newer @param {string} to @returns {Promise<Kept[]>} */
export async function between(from, to) {
  return read(await history(), IDBKeyRange.bound(to, from));
}

/** Single entries; those that are gone are left out. @param {string[]} keys @returns {Promise<Kept[]>} */
export async function some(keys) {
  const store = await history();
  const texts = await Promise.all(keys.map((key) => store.get(key)));
  return keys.map((key, index) => kept(key, texts[index])).filter((_, index) => texts[index] !== undefined);
}

/** All keys after one, newest first. @param {string} [after] @returns {Promise<string[]>} */
export async function keys(after = '') {
  const found = await (await history()).getAllKeys(IDBKeyRange.lowerBound(after, true));
  return /** @type {string[]} */ (found.reverse());
}

/** The keys at both ends. @returns {Promise<{ newest: string, oldest: string } | undefined>} */
export async function ends() {
  const store = await history();
  const [first, last] = await Promise.all([store.openKeyCursor(null, 'next'), store.openKeyCursor(null, 'prev')]);
  return first && last ? { oldest: String(first.key), newest: String(last.key) } : undefined;
}

/**
 * Entries of one kind, newest first, until `enough` says so. It reads in pieces, and lets the page go on between them.
 *
 * @param {Entry['kind'][]} kinds
 * @param {(kept: Kept) => boolean} enough
 * @returns {Promise<Kept[]>}
 */
export async function ofKinds(kinds, enough) {
  const marks = kinds.map((kind) => `{"kind":"${kind}"`);
  const found = [];
  const all = await keys();
  for (let from = 0; from < all.length; from += PIECE) {
    const piece = all.slice(from, from + PIECE);
    const range = IDBKeyRange.bound(piece.at(-1), piece[0]);
    const store = await history();
    const [names, texts] = await Promise.all([store.getAllKeys(range), store.getAll(range)]);
    for (let index = texts.length - 1; index >= 0; index -= 1) {
      const text = String(texts[index]);
      // The kind is written first; looking for it there spares reading the rest.
      if (!marks.some((mark) => text.startsWith(mark))) continue;
      const one = kept(String(names[index]), text);
      if (enough(one)) return found;
      found.push(one);
    }
  }
  return found;
}

const PIECE = 1_000;

async function history() {
  return (await open()).transaction(NAME).store;
}

/** @param {Awaited<ReturnType<typeof history>>} store @param {IDBKeyRange} range */
async function read(store, range) {
  const [names, texts] = await Promise.all([store.getAllKeys(range), store.getAll(range)]);
  return names.map((name, index) => kept(String(name), texts[index])).reverse();
}

/** @param {string} key @param {unknown} text @returns {Kept} */
function kept(key, text) {
  try {
    return { key, entry: JSON.parse(String(text)) };
  } catch {
    return { key, entry: undefined };
  }
}
