/** What the rule that is being edited would have done on what was recorded. */
import { evidenceLine, whyWords } from '../../lib/evidence.js';
import { element } from '../../lib/form.js';
import { find } from '../../lib/page.js';
import { text } from '../../lib/text.js';
import { count, duration } from '../../lib/words.js';
import * as draft from '../draft.js';
import { plot } from './plot.js';

/** @typedef {import('../../pkg/workbench.js').TapeView} TapeView */
/** @typedef {import('../../pkg/workbench.js').Tried} Tried */
/** @typedef {import('../../pkg/workbench.js').Progress} Progress */
/** @typedef {import('../../pkg/workbench.js').Fired} Fired */

const root = find('#effect', HTMLElement);
const about = element('p', { className: 'muted' });
const result = element('div', { className: 'result' });
const all = element('p', { className: 'muted' });
const file = /** @type {HTMLInputElement} */ (
  element('input', { type: 'file', accept: '.ndjson,.jsonl,.json,.gz', hidden: true })
);

/** @type {Worker | undefined} */
let worker;
/** @type {TapeView | undefined} */
let tape;
let isFile = false;
let asked = 0;

/** The list stays open from one try to the next. */
let isOpen = false;

export function prepareEffect() {
  const open = element('button', { type: 'button' }, text('effectOpen'));
  open.addEventListener('click', () => file.click());
  file.addEventListener('change', () => {
    const [chosen] = file.files ?? [];
    if (chosen) load({ kind: 'file', file: chosen });
    file.value = '';
  });
  root.querySelector('p')?.remove();
  root.append(about, result, all, element('p', {}, open, file));
  draft.subscribe(ask);
  load({ kind: 'recording' });
}

/** @param {{ kind: 'recording' } | { kind: 'file', file: File }} what */
function load(what) {
  if (!worker) {
    worker = new Worker(new URL('worker.js', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data }) => hear(data));
  }
  isFile = what.kind === 'file';
  about.textContent = text('effectLoading');
  worker.postMessage(what);
}

/** @param {any} said */
function hear(said) {
  if (said.kind === 'loaded') {
    tape = said.about;
    about.textContent = tape ? tapeWords(tape, said.unreadable) : text('rulesEffectNone');
    result.replaceChildren();
    all.textContent = '';
    ask();
  } else if (said.kind === 'failed') {
    about.textContent = text('effectFailed', said.why);
  } else if (said.id === asked && said.kind === 'tried') {
    result.replaceChildren(...triedParts(said.tried));
  } else if (said.id === asked) {
    all.textContent = progressWords(said.progress);
  }
}

/** Asks about the draft as it is now. */
function ask() {
  if (!worker || !tape) return;
  asked += 1;
  const inForce = draft.text(draft.inForce());
  worker.postMessage({ id: asked, text: draft.text(), index: draft.get().chosen, inForce });
}

/** @param {TapeView} recorded @param {number} unreadable */
function tapeWords(recorded, unreadable) {
  const missing = recorded.gaps.reduce((sum, [from, until]) => sum + until - from, 0);
  const parts = [
    text(
      'effectTape',
      moment(recorded.from),
      moment(recorded.until),
      count(recorded.events),
      count(recorded.interactions),
    ),
    missing > 0 ? text('effectGaps', count(recorded.gaps.length), duration(missing, text)) : '',
    unreadable > 0 ? text('effectUnreadable', count(unreadable)) : '',
  ];
  return parts.filter(Boolean).join(' ');
}

/** @param {Tried | undefined} tried */
function triedParts(tried) {
  if (!tried || !tape) return [element('p', { className: 'muted' }, text('effectTogetherOnly'))];
  const { firings, interactions } = tried.count;
  /** @type {HTMLElement[]} */
  const parts = [element('p', { className: 'says' }, text('effectFired', count(firings), count(interactions)))];
  if (tried.compared) {
    const { onlyFirst, onlySecond, both } = tried.compared;
    parts.push(element('p', {}, text('effectCompared', count(onlySecond), count(onlyFirst), count(both))));
  }
  parts.push(plot(tape, tried.at, moment));
  if (tried.fired.length > 0) parts.push(list(tried.fired));
  return parts;
}

/** @param {Fired[]} fired */
function list(fired) {
  const rows = fired.map((one) =>
    element(
      'tr',
      {},
      element('td', {}, moment(one.at)),
      element('td', {}, one.queue ?? '–'),
      element('td', {}, one.interaction.slice(0, 8)),
      element(
        'td',
        { title: evidenceLine(one.evidence) },
        whyWords(one, text) + (one.inGap ? ` · ${text('effectInGap')}` : ''),
      ),
    ),
  );
  const heads = ['log_when', 'queue', 'effectInteraction', 'why'].map((key) =>
    element('th', { scope: 'col' }, text(key)),
  );
  const table = element('table', {}, element('thead', {}, element('tr', {}, ...heads)), element('tbody', {}, ...rows));
  const details = /** @type {HTMLDetailsElement} */ (
    element(
      'details',
      { open: isOpen },
      element('summary', {}, text('effectList', count(fired.length))),
      element('div', { className: 'scroll' }, table),
    )
  );
  details.addEventListener('toggle', () => {
    isOpen = details.open;
  });
  return details;
}

/** @param {Progress} progress */
function progressWords(progress) {
  if (progress.kind === 'running') return text('effectRunning', Math.round(progress.value * 100));
  const { firings, interactions, muted, grouped, shadow } = progress.value;
  return [
    text('effectAll', count(firings), count(interactions)),
    muted > 0 ? text('effectMuted', count(muted)) : '',
    grouped > 0 ? text('effectGrouped', count(grouped)) : '',
    shadow > 0 ? text('effectShadow', count(shadow)) : '',
  ]
    .filter(Boolean)
    .join(' ');
}

/** @param {number} at wall clock; in a file, since its first event */
function moment(at) {
  if (isFile) return duration(at, text);
  return new Intl.DateTimeFormat(undefined, {
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(at);
}
