/** The activity log: search, filters, the list, why each card was sent, and files of what is filtered. */
import { download } from '../../lib/parts/dom.js';
import { ask, find } from '../../lib/parts/page.js';
import { text } from '../../lib/words/text.js';
import { tell } from '../../lib/parts/toast.js';
import { count, moment, rule, ruleIds } from '../words.js';
import { showDetails } from './details.js';
import { CSV_HEAD, csv, mask, masked, ndjson } from './export.js';
import { KINDS, STATES } from './filter.js';
import { List } from './list.js';
import { line } from './words.js';

/** @typedef {import('./filter.js').Filter} Filter */
/** @typedef {import('./model.js').Log} Log */

const KIND_WORDS = { cards: 'log_kindCards', stream: 'log_kindStream', changes: 'log_kindChanges' };
const STATE_WORDS = {
  waiting: 'dashboard_waiting',
  delivered: 'dashboard_delivered',
  givenUp: 'dashboard_givenUp',
  suppressed: 'log_stateSuppressed',
  dropped: 'log_stateDropped',
  dryRun: 'cardDryRun',
  shadow: 'log_stateShadow',
};
/** A key that is held down repeats faster; a search that goes on is given up for the next. */
const TYPING_MS = 50;
const PIECE = 500;

/** @param {Log} log @param {() => Promise<void>} look @returns {(root: HTMLElement) => import('../parts/panel.js').Show} */
export const logPanel = (log, look) => (root) => {
  const form = find('.filters', HTMLFormElement, root);
  const details = find('.details', HTMLElement, root);
  const newer = find('.newer', HTMLButtonElement, root);
  let unseen = 0;
  /** Handled triggers whose rules have not cleared. */
  let quiet = /** @type {Set<number>} */ (new Set());
  let started = false;
  let shown = '';

  /** @param {number} added on top */
  const changed = (added) => {
    if (added > 0 && !list.atTop) unseen += added;
    list.draw(added);
    say();
    detail(false);
  };
  const list = new List(find('.list', HTMLElement, root), find('.space', HTMLElement, root), {
    keys: () => log.numbers,
    fill: (number, row) => fill(row, log.entry(number), log.handled(number) !== undefined),
    seen: () => {
      if (list.atTop) unseen = 0;
      sayNewer();
    },
    select: () => detail(true),
    enter: () => details.focus(),
  });

  /** @param {boolean} chosen by a person, now */
  const detail = (chosen) => {
    const number = list.selected;
    if (number === undefined) return;
    const entry = log.entry(number);
    const mark = log.handled(number);
    const handled = mark && { ...mark, quiet: quiet.has(number) };
    const state = `${number} ${JSON.stringify([entry, handled])}`;
    if (state === shown && !chosen) return;
    if (!entry && !chosen) return;
    shown = state;
    showDetails(details, entry, { number, isKept: log.has(number), handled, look });
  };

  const say = () => {
    offer();
    const { length, total, complete, searched, filtering } = log;
    const progress = find('progress', HTMLProgressElement, root);
    progress.hidden = searched >= 1;
    progress.value = searched;
    const words = filtering
      ? text(searched < 1 ? 'log_searching' : 'log_found', count(length), count(total))
      : text(total === 1 ? 'log_one' : 'log_all', count(total));
    put(find('[data-show="found"]', HTMLElement, root), searched < 1 ? text('log_searchingNow') : words);
    const nothing = find('[data-show="nothing"]', HTMLElement, root);
    nothing.hidden = length > 0 || searched < 1 || !complete;
    put(nothing, text(filtering ? 'log_nothingFound' : 'log_empty'));
    find('[type="reset"]', HTMLElement, form).hidden = !filtering;
    for (const button of root.querySelectorAll('[data-export]'))
      button.toggleAttribute('disabled', length === 0 || searched < 1 || !complete);
  };

  let offered = '';
  const offer = () => {
    const rules = [...new Set([...ruleIds(), ...log.rules])];
    const known = `${log.queues.size} ${rules}`;
    if (known === offered) return;
    offered = known;
    choices(form, [...log.queues], rules);
  };

  const sayNewer = () => {
    newer.hidden = unseen === 0;
    put(newer, unseen === 1 ? text('log_newerOne') : text('log_newer', count(unseen)));
  };
  newer.addEventListener('click', () => {
    unseen = 0;
    list.toTop();
    sayNewer();
  });

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let typing;
  const filter = () => {
    clearTimeout(typing);
    const filter = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
    list.toTop();
    log.filter(filter).catch(fail);
  };
  form.addEventListener('input', ({ target }) => {
    clearTimeout(typing);
    typing = setTimeout(filter, target instanceof HTMLInputElement ? TYPING_MS : 0);
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => setTimeout(filter));
  root.addEventListener('click', ({ target }) => {
    const format = target instanceof Element ? target.closest('[data-export]')?.getAttribute('data-export') : null;
    if (format) exported(log, format, root).catch(fail);
  });

  /** Where the address points: `#entry=…`. */
  const follow = async () => {
    const number = Number(/^#entry=(\d{1,16})$/.exec(location.hash)?.[1]);
    if (!number) return;
    form.reset();
    await log.filter({});
    root.scrollIntoView({ block: 'start' });
    await log.reach(number);
    list.select(number);
  };
  addEventListener('hashchange', () => follow().catch(fail));

  offer();
  log.start(changed, fail).then(() => {
    started = true;
    say();
    performance.mark('log-shown');
    return follow();
  }, fail);

  return (dashboard) => {
    for (const { name } of dashboard.figures.queues) if (name) log.queues.add(name);
    offer();
    quiet = new Set(dashboard.handled.map(({ entry }) => entry));
    detail(false);
    if (started) log.refresh(list.seen).catch(fail);
  };
};

/** @param {HTMLElement} row @param {import('../../pkg/cuewire.js').Entry | undefined} entry @param {boolean} handled */
function fill(row, entry, handled) {
  const [time, what, queue, state] = row.children;
  const words = entry && line(entry);
  const tone = words?.tone ?? 'unreadable';
  if (row.dataset.tone !== tone) row.dataset.tone = tone;
  put(time, words ? moment(words.at) : '');
  put(what, words?.what ?? text('log_unreadable'));
  put(queue, words?.queue ?? '');
  put(state, handled && words ? text('log_stateHandled', words.state) : (words?.state ?? ''));
}

/** What can be chosen; what is chosen stays. @param {HTMLFormElement} form @param {string[]} queues @param {string[]} rules */
function choices(form, queues, rules) {
  /** @type {Record<string, [string, string][]>} */
  const all = {
    kind: Object.keys(KINDS).map((kind) => [kind, text(KIND_WORDS[/** @type {keyof typeof KIND_WORDS} */ (kind)])]),
    queue: [...queues].sort((a, b) => a.localeCompare(b)).map((name) => [name, name]),
    rule: rules.map((id) => [id, rule(id)]),
    state: STATES.map((state) => [state, text(STATE_WORDS[/** @type {keyof typeof STATE_WORDS} */ (state)])]),
  };
  for (const [name, options] of Object.entries(all)) {
    const select = /** @type {HTMLSelectElement} */ (form.elements.namedItem(name));
    const known = new Set([...select.options].map(({ value }) => value));
    if (!known.has('')) select.add(new Option(text('log_any'), ''));
    for (const [value, label] of options) if (!known.has(value)) select.add(new Option(label, value));
  }
}

/** @param {Log} log @param {string} format @param {HTMLElement} root */
async function exported(log, format, root) {
  const settings = await ask({ kind: 'settings' });
  // Hidden unless it is known that they need not be.
  const hide = settings.kind !== 'settings' || settings.value.maskIds;
  const name = mask();
  const progress = find('progress', HTMLProgressElement, root);
  const wanted = [...log.numbers];
  const parts = format === 'csv' ? [CSV_HEAD] : [];
  let entries = 0;
  progress.hidden = false;
  for (let from = 0; from < wanted.length; from += PIECE) {
    for (const number of wanted.slice(from, from + PIECE)) {
      const entry = log.entry(number);
      if (!entry) continue;
      entries += 1;
      const handled = log.handled(number);
      const write = format === 'csv' ? csv : ndjson;
      // A masked value keeps its type.
      const mark = handled && /** @type {typeof handled} */ (hide ? masked(handled, name) : handled);
      parts.push(write(hide ? masked(entry, name) : entry, mark));
    }
    progress.value = Math.min(1, (from + PIECE) / wanted.length);
    await new Promise((resolve) => setTimeout(resolve));
  }
  progress.hidden = true;
  const file = new Blob(parts, { type: format === 'csv' ? 'text/csv' : 'application/x-ndjson' });
  download(file, `cuewire-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.${format}`);
  tell(text(hide ? 'log_exportedMasked' : 'log_exported', count(entries)));
}

/** @param {Element | undefined} element @param {string} words */
function put(element, words) {
  if (element && element.textContent !== words) element.textContent = words;
}

/** @param {unknown} error */
function fail(error) {
  console.error('cuewire: the log cannot be read:', error);
  tell(text('log_failed'));
}
