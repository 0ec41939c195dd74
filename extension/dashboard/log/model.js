/**
 * The log as the list needs it: every entry by its number, and the numbers that the filter lets through.
 *
 * The newest page is read first and shown at once; older pages follow one by one, so the worker is never kept long. A
 * filter looks at what is read, and at each further page as it comes.
 */
import { isFiltering, matches } from './filter.js';
import { FIRST_PAGE, read } from './read.js';

/** @typedef {import('../../pkg/cuewire.js').Entry} Entry */
/** @typedef {import('../../pkg/cuewire.js').Gap} Gap */
/** @typedef {import('../../pkg/cuewire.js').LogPage} LogPage */
/** @typedef {import('./filter.js').Filter} Filter */

const PAGE = 500;
/** Entries that a filter looks at before it looks at the clock. */
const PIECE = 250;
/** A search goes on for so long before the page may: half a frame. Each break costs the browser up to 4 ms. */
const SPAN_MS = 8;
/** Entries so close to each other are read in one page. */
const NEAR = 50;

export class Log {
  /** Those that are read; `undefined` for one that cannot be read. @type {Map<number, Entry | undefined>} */
  #entries = new Map();
  /** All, newest first. @type {number[]} */
  #numbers = [];
  /** Those that the filter lets through; all numbers without one. @type {number[]} */
  #shown = [];
  /** @type {Filter} */
  #filter = {};
  /** A search that is no longer wanted stops at its next piece. */
  #search = 0;
  /** Entries that the filter has looked at. */
  #searched = 0;
  /** A log that was cleared is another one. */
  #life = 0;
  #complete = false;
  /** @type {Promise<void> | undefined} */
  #loading;
  /** @type {Promise<void> | undefined} */
  #refreshing;
  /** @type {(added: number) => void} */
  #changed = () => {};
  /** @type {(error: unknown) => void} */
  #failed = () => {};
  /** Queues and rules that entries name. */
  queues = /** @type {Set<string>} */ (new Set());
  rules = /** @type {Set<string>} */ (new Set());
  /** Times in which the stream was not heard. @type {Gap[]} */
  gaps = [];
  /** By trigger, the newest entry that marks it as handled or takes the mark back. @type {Map<number, number>} */
  #marks = new Map();
  /** The newest page, asked for ahead. @type {Promise<LogPage> | undefined} */
  #first;

  /** Takes the newest page, so that the panel need not ask. @param {Promise<LogPage>} first */
  readAhead(first) {
    this.#first = first;
  }

  /**
   * Reads the newest page, and in the background all others.
   *
   * @param {(added: number) => void} changed told how many were added on top
   * @param {(error: unknown) => void} failed
   */
  async start(changed, failed) {
    this.#changed = changed;
    this.#failed = failed;
    const first = this.#first ?? read(undefined, FIRST_PAGE);
    this.#first = undefined;
    this.#append(await first);
    this.#goOn();
  }

  /** How many the filter lets through, as far as was searched. */
  get length() {
    return this.#shown.length;
  }

  /** How many there are, as far as was read. */
  get total() {
    return this.#numbers.length;
  }

  /** Whether all that is kept was read. */
  get complete() {
    return this.#complete;
  }

  /** How much was searched, 0 … 1. */
  get searched() {
    if (!this.filtering) return 1;
    const searched = this.#searched / Math.max(1, this.#numbers.length);
    return this.#complete ? searched : Math.min(searched, 0.95);
  }

  get filtering() {
    return isFiltering(this.#filter);
  }

  /** What the filter lets through, newest first. */
  get numbers() {
    return this.#shown;
  }

  /** @param {number} number */
  has(number) {
    return this.#entries.has(number);
  }

  /** Absent where there is none, or where it cannot be read. @param {number} number */
  entry(number) {
    return this.#entries.get(number);
  }

  /** That a person marked this trigger as handled, and nobody took it back. @param {number} number */
  handled(number) {
    const mark = this.#entries.get(this.#marks.get(number) ?? 0);
    return mark?.kind === 'handled' ? mark : undefined;
  }

  /** Reads as far as an entry. @param {number} number */
  async reach(number) {
    if (!this.has(number)) await this.refresh([]);
    if (!this.has(number)) await this.#loading;
  }

  /** What is new, what has changed among `seen`, and what was removed. @param {number[]} seen */
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
    this.#searched = 0;
    this.#shown = this.filtering ? [] : this.#numbers;
    this.#changed(0);
    // Pages that come meanwhile make the numbers longer.
    while (this.filtering && this.#searched < this.#numbers.length) {
      const end = performance.now() + SPAN_MS;
      do {
        const piece = this.#numbers.slice(this.#searched, this.#searched + PIECE);
        this.#shown.push(...piece.filter((number) => this.#passes(number)));
        this.#searched += piece.length;
      } while (this.#searched < this.#numbers.length && performance.now() < end);
      this.#changed(0);
      await new Promise((resolve) => setTimeout(resolve));
      if (search !== this.#search) return;
    }
  }

  /** Reads the pages that are left, unless that is under way. A failure is told, and the next refresh goes on. */
  #goOn() {
    if (this.#complete) return;
    if (this.#loading) return;
    const loading = this.#load()
      .catch((error) => this.#failed(error))
      .finally(() => {
        if (this.#loading === loading) this.#loading = undefined;
      });
    this.#loading = loading;
  }

  async #load() {
    const life = this.#life;
    for (;;) {
      const oldest = this.#numbers.at(-1);
      const page = oldest === undefined ? undefined : await read(oldest, PAGE);
      if (life !== this.#life) return;
      if (!page || page.entries.length === 0) break;
      this.#append(page);
    }
    this.#complete = true;
    this.#changed(0);
  }

  /** Adds older entries. @param {LogPage} page */
  #append(page) {
    const numbers = page.entries.map(({ number }) => number);
    this.#keep(page);
    // A search that still runs reaches these entries later.
    const searched = this.#searched === this.#numbers.length;
    this.#numbers.push(...numbers);
    if (this.filtering && searched) {
      this.#shown.push(...numbers.filter((number) => this.#passes(number)));
      this.#searched = this.#numbers.length;
    }
    if (!this.filtering) this.#shown = this.#numbers;
    this.#changed(0);
  }

  /** @param {number[]} seen */
  async #refresh(seen) {
    const [newest, life] = [this.#numbers[0] ?? 0, this.#life];
    const open = seen.filter((number) => isOpen(this.#entries.get(number)));
    const first = await read(undefined, FIRST_PAGE);
    if (life !== this.#life) return;
    if ((first.entries[0]?.number ?? 0) < newest) return this.#begin(first);
    const pages = [first];
    for (let oldest = first; (oldest.entries.at(-1)?.number ?? 0) > newest + 1; ) {
      oldest = await read(oldest.entries.at(-1)?.number, PAGE);
      pages.push(oldest);
    }
    const covered = first.entries.at(-1)?.number ?? 0;
    for (const { from, count } of runs(open.filter((number) => number < covered))) {
      pages.push(await read(from + 1, count));
    }
    if (life !== this.#life) return;
    const fresh = pages
      .flatMap(({ entries }) => entries.map(({ number }) => number))
      .filter((number) => number > newest);
    // Of what is read again, only what is there is changed: older pages have their own turn.
    for (const page of pages) {
      this.#keep({ ...page, entries: page.entries.filter(({ number }) => number > newest || this.has(number)) });
    }
    const passed = this.filtering ? fresh.filter((number) => this.#passes(number)) : fresh;
    const searched = this.#searched;
    this.#numbers = [...fresh, ...this.#numbers];
    this.#shown = this.filtering ? [...passed, ...this.#shown] : this.#numbers;
    this.#searched = this.filtering ? searched + fresh.length : 0;
    this.#trim(first.removed);
    if (passed.length > 0 || open.length > 0) this.#changed(passed.length);
    this.#goOn();
  }

  /** Begins again, because the log was cleared. @param {LogPage} first */
  #begin(first) {
    this.#life += 1;
    this.#entries.clear();
    this.#marks.clear();
    [this.#numbers, this.#shown, this.gaps] = [[], [], []];
    [this.#searched, this.#complete, this.#loading] = [0, false, undefined];
    this.#append(first);
    this.#goOn();
  }

  /** Forgets those that were removed from the far end. @param {number} removed */
  #trim(removed) {
    if ((this.#numbers.at(-1) ?? removed + 1) > removed) return;
    this.#numbers = this.#numbers.filter((number) => number > removed || !this.#entries.delete(number));
    this.#shown = this.filtering ? this.#shown.filter((number) => number > removed) : this.#numbers;
    this.#searched = Math.min(this.#searched, this.#numbers.length);
  }

  /** @param {number} number */
  #passes(number) {
    const entry = this.#entries.get(number);
    return entry !== undefined && matches(entry, this.#filter);
  }

  /** @param {LogPage} page */
  #keep({ entries }) {
    for (const { number, entry } of entries) {
      const known = this.#entries.has(number);
      this.#entries.set(number, entry);
      if (entry?.kind === 'gap' && !known) this.gaps.push(entry);
      const marked = entry?.kind === 'handled' ? entry.trigger.entry : entry?.kind === 'unhandled' ? entry.entry : 0;
      if (marked && (this.#marks.get(marked) ?? 0) < number) this.#marks.set(marked, number);
      if (entry?.kind !== 'trigger') continue;
      this.rules.add(entry.rule);
      if (entry.queue) this.queues.add(entry.queue);
    }
  }
}

/** Whether more can become of it: what was given up may be tried again, or dropped. @param {Entry | undefined} entry */
const isOpen = (entry) => entry?.kind === 'trigger' && (!entry.end || entry.end.is === 'givenUp');

/** Numbers as few spans, each from its newest. @param {number[]} numbers */
export function runs(numbers) {
  /** @type {{ from: number, count: number }[]} */
  const spans = [];
  for (const number of numbers.toSorted((a, b) => b - a)) {
    const last = spans.at(-1);
    if (last && last.from - last.count - number < NEAR && last.from - number < PAGE)
      last.count = last.from - number + 1;
    else spans.push({ from: number, count: 1 });
  }
  return spans;
}
