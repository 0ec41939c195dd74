/** A long list of which only what is seen exists. Rows are of one height; the keyboard moves a selection through it. */

/**
 * @typedef {object} Source
 * @property {() => readonly number[]} keys newest first
 * @property {(key: number, row: HTMLElement) => void} fill
 * @property {(keys: number[]) => void} seen
 * @property {(key: number) => void} select
 * @property {() => void} enter into what is selected
 */

/** Rows beyond each edge. */
const SPARE = 6;
/** Below this width a row has two lines. */
const NARROW = 620;
const HEIGHTS = { wide: 36, narrow: 56 };

export class List {
  #root;
  #space;
  #source;
  /** @type {Map<number, HTMLElement>} */
  #rows = new Map();
  #height = HEIGHTS.wide;
  /** @type {number | undefined} */
  #selected;
  #asked = false;

  /** @param {HTMLElement} root @param {HTMLElement} space @param {Source} source */
  constructor(root, space, source) {
    this.#root = root;
    this.#space = space;
    this.#source = source;
    root.addEventListener('scroll', () => this.#later(), { passive: true });
    root.addEventListener('keydown', (event) => this.#key(event));
    root.addEventListener('click', ({ target }) => {
      const row = target instanceof Element ? target.closest('[data-key]') : null;
      if (row instanceof HTMLElement && row.dataset.key) this.select(Number(row.dataset.key));
    });
    new ResizeObserver(() => this.#measure()).observe(root);
  }

  get selected() {
    return this.#selected;
  }

  /** The keys that are in view. */
  get seen() {
    return [...this.#rows.keys()];
  }

  get atTop() {
    return this.#root.scrollTop < this.#height / 2;
  }

  toTop() {
    this.#root.scrollTop = 0;
  }

  /** Draws what is seen. @param {number} [added] so many are new on top; what is being read stays where it is */
  draw(added = 0) {
    const keys = this.#source.keys();
    const top = this.atTop;
    this.#space.style.height = `${keys.length * this.#height}px`;
    if (added > 0 && !top) this.#root.scrollTop += added * this.#height;
    const fresh = added > 0 && top ? new Set(keys.slice(0, added)) : undefined;
    const first = Math.max(0, Math.floor(this.#root.scrollTop / this.#height) - SPARE);
    const last = Math.min(
      keys.length,
      Math.ceil((this.#root.scrollTop + this.#root.clientHeight) / this.#height) + SPARE,
    );
    const wanted = keys.slice(first, last);
    const kept = new Set(wanted);
    /** @type {HTMLElement[]} */
    const free = [];
    for (const [key, row] of this.#rows) {
      if (kept.has(key)) continue;
      free.push(row);
      this.#rows.delete(key);
    }
    wanted.forEach((key, index) => {
      const row = this.#rows.get(key) ?? this.#take(key, free.pop(), fresh?.has(key) ?? false);
      row.style.transform = `translateY(${(first + index) * this.#height}px)`;
      row.setAttribute('aria-posinset', String(first + index + 1));
      row.setAttribute('aria-setsize', String(keys.length));
      row.setAttribute('aria-selected', String(key === this.#selected));
      this.#source.fill(key, row);
    });
    for (const row of free) row.remove();
    const active = this.#selected !== undefined && this.#rows.has(this.#selected) ? `row-${this.#selected}` : '';
    if (active) this.#root.setAttribute('aria-activedescendant', active);
    else this.#root.removeAttribute('aria-activedescendant');
    this.#source.seen(wanted);
  }

  /** @param {number} key */
  select(key) {
    this.#selected = key;
    const index = this.#source.keys().indexOf(key);
    if (index >= 0) this.#show(index);
    this.#source.select(key);
    this.draw();
  }

  /** Scrolls no more than it must. @param {number} index */
  #show(index) {
    const top = index * this.#height;
    const { scrollTop, clientHeight } = this.#root;
    if (top < scrollTop) this.#root.scrollTop = top;
    else if (top + this.#height > scrollTop + clientHeight) this.#root.scrollTop = top + this.#height - clientHeight;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const keys = this.#source.keys();
    const page = Math.max(1, Math.floor(this.#root.clientHeight / this.#height) - 1);
    const at = this.#selected === undefined ? -1 : keys.indexOf(this.#selected);
    /** @type {Record<string, number>} */
    const moves = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: keys.length - 1,
    };
    const to = moves[event.key];
    if (event.key === 'Enter' && at >= 0) this.#source.enter();
    else if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    else {
      const key = keys[Math.min(keys.length - 1, Math.max(0, to))];
      if (key !== undefined) this.select(key);
    }
    event.preventDefault();
  }

  /** @param {number} key @param {HTMLElement | undefined} free @param {boolean} fresh */
  #take(key, free, fresh) {
    const row = free ?? this.#newRow();
    row.dataset.key = String(key);
    row.id = `row-${key}`;
    row.classList.toggle('fresh', fresh);
    this.#rows.set(key, row);
    return row;
  }

  #newRow() {
    const row = document.createElement('div');
    row.className = 'row';
    row.setAttribute('role', 'option');
    for (const name of ['time', 'what', 'queue', 'state']) {
      const cell = document.createElement('span');
      cell.className = name;
      row.append(cell);
    }
    this.#space.append(row);
    return row;
  }

  #measure() {
    const narrow = this.#root.clientWidth < NARROW;
    this.#root.toggleAttribute('data-narrow', narrow);
    this.#height = narrow ? HEIGHTS.narrow : HEIGHTS.wide;
    this.draw();
  }

  #later() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.draw();
    });
  }
}
