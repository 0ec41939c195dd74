/** What the rule that is being edited would have done on what was recorded. */
import { element } from '../../lib/parts/dom.js';
import { find } from '../../lib/parts/page.js';
import { text } from '../../lib/words/text.js';
import { count, duration } from '../../lib/words/words.js';
import * as draft from '../draft.js';
import { firings } from './list.js';
import { plot } from './plot.js';
import { progressWords, ruleTable } from './together.js';

/** @typedef {import('../../pkg/workbench.js').TapeView} TapeView */
/** @typedef {import('../../pkg/workbench.js').Missing} Missing */
/** @typedef {import('../../pkg/workbench.js').Tried} Tried */

const root = find('#effect', HTMLElement);
const about = element('p', { className: 'muted' });
const result = element('div', { className: 'result' });
const unrecorded = element('div', { className: 'unrecorded' });
const all = element('div', { className: 'together' });
const file = /** @type {HTMLInputElement} */ (
  element('input', { type: 'file', accept: '.ndjson,.jsonl,.json,.gz', hidden: true })
);

/** @type {Worker | undefined} */
let worker;
/** @type {TapeView | undefined} */
let tape;
let isFile = false;
let asked = 0;
/** How often the edited rule would have fired by itself. */
let alone = 0;

export function prepareEffect() {
  const open = element('button', { type: 'button' }, text('effectOpen'));
  open.addEventListener('click', () => file.click());
  file.addEventListener('change', () => {
    const [chosen] = file.files ?? [];
    if (chosen) load({ kind: 'file', file: chosen });
    file.value = '';
  });
  root.querySelector('p')?.remove();
  root.append(about, unrecorded, result, all, element('p', {}, open, file));
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
    for (const part of [unrecorded, result, all]) part.replaceChildren();
    ask();
  } else if (said.kind === 'failed') {
    about.textContent = text('effectFailed', said.why);
  } else if (said.id === asked && said.kind === 'unrecorded') {
    unrecorded.replaceChildren(...unrecordedParts(said.rules));
  } else if (said.id === asked && said.kind === 'tried') {
    alone = said.tried?.count.firings ?? 0;
    result.replaceChildren(...triedParts(said.tried));
  } else if (said.id === asked) {
    all.replaceChildren(element('p', { className: 'muted' }, progressWords(said.progress)));
    if (said.together) {
      all.append(...besideParts(said.together.rules));
      all.append(element('div', { className: 'scroll' }, ruleTable(enabled(), said.together.rules)));
      all.append(element('p', { className: 'muted' }, text('effectUnknown')));
    }
  }
}

/** Asks about the draft as it is now. */
function ask() {
  if (!worker || !tape) return;
  asked += 1;
  const inForce = draft.text(draft.inForce());
  worker.postMessage({ id: asked, text: draft.text(), index: draft.get().chosen, inForce });
}

/** The rules of the draft by their names. @param {(rule: { enabled?: unknown }) => boolean} wanted */
const named = (wanted) =>
  draft
    .get()
    .rules.filter(wanted)
    .map((rule) => ({ id: String(rule.id), name: String(rule.name) }));

/** The rules that are tried together. */
const enabled = () => named((rule) => rule.enabled !== false);

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
    missing > 0 ? gapWords(recorded.gaps.length, duration(missing, text)) : '',
    unreadable > 0 ? text('effectUnreadable', count(unreadable)) : '',
  ];
  return parts.filter(Boolean).join(' ');
}

/** @param {number} gaps @param {string} span */
const gapWords = (gaps, span) => (gaps === 1 ? text('effectGapOne', span) : text('effectGaps', count(gaps), span));

/** What the recording lacks of each rule, and of when. @param {[number, Missing[]][]} rules */
const unrecordedParts = (rules) =>
  rules.flatMap(([at, fields]) => {
    const name = String(draft.get().rules[at]?.name ?? '');
    const never = fields.filter(({ since }) => since == null);
    const later = fields.filter(({ since }) => since != null);
    const list = (/** @type {Missing[]} */ some) => some.map(({ field }) => field).join(', ');
    const since = () => moment(Math.max(...later.map((one) => Number(one.since))));
    const words = [
      never.length > 0 ? text('effectUnrecorded', name, list(never)) : '',
      later.length > 0 ? text('effectRecordedSince', name, list(later), since()) : '',
    ];
    return words.filter(Boolean).map((said) => element('p', { className: 'note' }, said));
  });

/** @param {Tried | undefined} tried */
function triedParts(tried) {
  if (!tried || !tape) return [element('p', { className: 'muted' }, text('effectTogetherOnly'))];
  const { firings: fired, interactions } = tried.count;
  /** @type {HTMLElement[]} */
  const parts = [element('p', { className: 'says' }, text('effectFired', count(fired), count(interactions)))];
  if (tried.compared) {
    const { onlyFirst, onlySecond, both } = tried.compared;
    parts.push(element('p', {}, text('effectCompared', count(onlySecond), count(onlyFirst), count(both))));
  }
  parts.push(plot(tape, tried, moment));
  if (tried.fired.length + tried.before.length > 0) parts.push(firings(tried, { moment, rules: named(() => true) }));
  return parts;
}

/**
 * Where other rules have cards that the edited rule would have by itself, the page says what is left: an interaction may
 * have one card only.
 *
 * @param {[string, import('../../pkg/workbench.js').Count][]} counted
 */
function besideParts(counted) {
  const { rules, chosen } = draft.get();
  const own = counted.find(([id]) => id === rules[chosen]?.id)?.[1].firings ?? 0;
  const isTried = rules[chosen]?.enabled !== false;
  return isTried && own < alone ? [element('p', {}, text('effectBeside', count(own)))] : [];
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
