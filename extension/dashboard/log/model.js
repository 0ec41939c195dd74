/**
 * The log as the list needs it: all keys, those that the filter lets through, and the entries that were read lately.
 *
 * The newest page is read first and shown at once; the rest of the keys follows. A filter reads the log piece by piece
 * and lets the page go on between pieces.
 */
import * as history from '../../lib/history.js';
import { isFiltering, matches } from './filter.js';

/** @typedef {import('../../pkg/cuewire.js').Entry} Entry */
/** @typedef {import('./filter.js').Filter} Filter */

const FIRST_PAGE = 60;
const PIECE = 400;
/** Entries that are kept read. */
const CACHE = 4_000;

export class Log {
  /** All, newest first. @type {string[]} */
  #keys = [];
  /** Those that the filter lets through; all keys without one. @type {string[]} */
  #shown = [];
  /** @type {Filter} */
  #filter = {};
  /** @type {Map<string, Entry | undefined>} */
  #entries = new Map();
  /** A search that is no longer wanted stops at its next piece. */
  #search = 0;
  #searched = 1;
  #complete = false;
  /** Queues that were named by what was read. @type {Set<string>} */
  queues = new Set();
  /** @type {Promise<void> | undefined} */
  #refreshing;
  /** @type {(added: number) => void} */
  #changed;

  /** @param {(added: number) => void} changed told how many were added on top */
  constructor(changed) {
    this.#changed = changed;
  }

  /** The newest page, then the keys of all. */
  async start() {
    const page = await history.newest(FIRST_PAGE);
    this.#keep(page);
    this.#keys = page.map(({ key }) => key);
    this.#shown = this.#keys;
    this.#changed(0);
    const keys = await history.keys();
    this.#complete = true;
    this.#keys = keys;
    if (!isFiltering(this.#filter)) this.#shown = keys;
    this.#changed(0);
  }

  /** Those that the filter lets through, as far as was searched. */
  get length() {
    return this.#shown.length;
  }

  /** All that are kept. */
  get total() {
    return this.#keys.length;
  }

  /** How much was searched, 0 … 1. */
  get searched() {
    return this.#searched;
  }

  get filtering() {
    return isFiltering(this.#filter);
  }

  /** What the filter lets through, newest first. */
  get keys() {
    return this.#shown;
  }

  /** @param {string} key */
  index(key) {
    return this.#shown.indexOf(key);
  }

  /** @param {string} key */
  entry(key) {
    return this.#entries.get(key);
  }

  /** Reads what is not read yet, and says so. @param {string[]} keys */
  async want(keys) {
    const missing = keys.filter((key) => !this.#entries.has(key));
    if (missing.length === 0) return;
    const [newest, oldest] = [missing[0] ?? '', missing.at(-1) ?? ''];
    const close = Number(newest) - Number(oldest) < 4 * missing.length + 10;
    const read = close ? await history.between(newest, oldest) : await history.some(missing);
    this.#keep(read);
    // One that is gone is asked for only once.
    for (const key of missing) if (!this.#entries.has(key)) this.#entries.set(key, undefined);
    this.#changed(0);
  }

  /** What is new, what has changed among `seen`, and what was removed. @param {string[]} seen */
  refresh(seen) {
    this.#refreshing ??= this.#refresh(seen).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** @param {Filter} filter */
  async filter(filter) {
    this.#filter = filter;
    this.#search += 1;
    const search = this.#search;
    if (!isFiltering(filter)) {
      this.#shown = this.#keys;
      this.#searched = 1;
      this.#changed(0);
      return;
    }
    this.#shown = [];
    this.#searched = 0;
    const keys = this.#keys;
    for (let from = 0; from < keys.length; from += PIECE) {
      const piece = keys.slice(from, from + PIECE);
      const read = await history.between(piece[0] ?? '', piece.at(-1) ?? '');
      if (search !== this.#search) return;
      const found = read.filter(({ entry }) => entry && matches(entry, filter));
      this.#keep(found);
      this.#shown.push(...found.map(({ key }) => key));
      this.#searched = Math.min(1, (from + piece.length) / keys.length);
      this.#changed(0);
    }
    this.#searched = 1;
    this.#changed(0);
  }

  /** @param {string[]} seen */
  async #refresh(seen) {
    const ends = await history.ends();
    const newest = this.#keys[0] ?? '';
    if (!ends || ends.newest < newest) {
      // Cleared; what is there now is another log.
      this.#keys = ends ? await history.keys() : [];
      this.#entries.clear();
      return this.filter(this.#filter);
    }
    const open = seen.filter((key) => isOpen(this.#entries.get(key)));
    const fresh = ends.newest > newest ? await history.between(ends.newest, next(newest)) : [];
    this.#keep(fresh);
    if (open.length > 0) this.#keep(await history.some(open));
    const keys = fresh.map(({ key }) => key);
    const filter = this.#filter;
    const passed = isFiltering(filter)
      ? fresh.filter(({ entry }) => entry && matches(entry, filter)).map(({ key }) => key)
      : keys;
    const oldest = ends.oldest;
    const all = this.#shown === this.#keys;
    this.#keys = trimmed([...keys, ...this.#keys], this.#complete ? oldest : '');
    this.#shown = all ? this.#keys : trimmed([...passed, ...this.#shown], oldest);
    if (passed.length > 0 || open.length > 0) this.#changed(passed.length);
  }

  /** @param {history.Kept[]} kept */
  #keep(kept) {
    for (const { key, entry } of kept) {
      this.#entries.delete(key);
      this.#entries.set(key, entry);
      if (entry?.kind === 'trigger' && entry.queue) this.queues.add(entry.queue);
    }
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= CACHE) break;
      this.#entries.delete(key);
    }
  }
}

/** Whether more can become of it: what was given up may be tried again, or dropped. @param {Entry | undefined} entry */
const isOpen = (entry) => entry?.kind === 'trigger' && (!entry.end || entry.end.is === 'givenUp');

/** @param {string} key */
const next = (key) => String(Number(key) + 1).padStart(16, '0');

/** Without those that were removed from the far end. @param {string[]} keys newest first @param {string} oldest */
function trimmed(keys, oldest) {
  let length = keys.length;
  while (length > 0 && (keys[length - 1] ?? '') < oldest) length -= 1;
  return length === keys.length ? keys : keys.slice(0, length);
}
