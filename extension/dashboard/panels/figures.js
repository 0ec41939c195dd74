/** The figures on top. A further figure is a row here, beside its field in `Figures` (`src/views/dashboard.rs`). */
import { element } from '../../lib/parts/dom.js';
import { find } from '../../lib/parts/page.js';
import { text } from '../../lib/words/text.js';
import { pollWords } from '../../lib/words/words.js';
import { count, rate, span } from '../words.js';

/** @typedef {import('../../pkg/cuewire.js').Dashboard} Dashboard */
/** @typedef {import('../../pkg/cuewire.js').Series} Series */
/** @typedef {(dashboard: Dashboard) => string} Words */

/**
 * @typedef {object} Part
 * @property {string} field
 * @property {Words} words
 * @property {string} [unit] the message after it
 * @property {(dashboard: Dashboard) => number} [weight] asks for attention unless it is zero
 */
/**
 * @typedef {object} Note
 * @property {string} show
 * @property {Words} words
 * @property {Words} [hint] shown while the pointer rests on the note
 */

/** @type {{ title: string, parts: Part[], notes: Note[] }[]} */
const FIGURES = [
  {
    title: 'dashboard_eventsPerSecond',
    parts: [{ field: 'events-per-second', words: ({ figures }) => rate(figures.eventsPerSecond) }],
    notes: [{ show: 'events', words: heard }],
  },
  {
    title: 'dashboard_triggersToday',
    parts: [{ field: 'triggers-today', words: ({ at, figures }) => count(sinceMidnight(figures.byMinute, at)) }],
    notes: [{ show: 'triggers', words: triggers }],
  },
  {
    title: 'dashboard_cards',
    parts: [
      { field: 'delivered', unit: 'dashboard_delivered', words: ({ status }) => count(status.delivered) },
      {
        field: 'waiting',
        unit: 'dashboard_waiting',
        words: ({ status }) => count(status.waiting),
        weight: ({ status }) => status.waiting,
      },
      {
        field: 'given-up',
        unit: 'dashboard_givenUp',
        words: ({ status }) => count(status.givenUp),
        weight: ({ status }) => status.givenUp,
      },
    ],
    notes: [{ show: 'cards', words: ({ status }) => text('dashboard_inFlight', count(status.inFlight)) }],
  },
  {
    title: 'dashboard_latency',
    parts: [
      {
        field: 'p95',
        unit: 'dashboard_p95',
        words: ({ figures: { total } }) => (total ? span(total.p95Ms) : '–'),
      },
    ],
    notes: [
      { show: 'latency', words: percentiles, hint: stages },
      { show: 'polls', words: ({ status }) => pollWords(status.polls ?? [], text) },
    ],
  },
];

/** @type {((dashboard: Dashboard) => void)[]} */
const shown = [];

find('.figures', HTMLElement).replaceChildren(
  ...FIGURES.map(({ title, parts, notes }) => {
    const name = element('dt');
    name.dataset.text = title;
    const className = parts.length > 1 ? 'figure three' : 'figure';
    const figure = element('dd', { className }, ...parts.map(shownPart));
    return element('div', {}, name, figure, element('dd', { className: 'small muted' }, ...notes.map(shownNote)));
  }),
);

/** @param {Dashboard} dashboard */
export function showFigures(dashboard) {
  for (const show of shown) show(dashboard);
}

/** @param {Part} part */
function shownPart({ field, words, unit, weight }) {
  const figure = element('b', { textContent: '–' });
  figure.dataset.field = field;
  const whole = element('span', {}, figure);
  if (unit) {
    const small = element('small');
    small.dataset.text = unit;
    whole.append(' ', small);
  }
  shown.push((dashboard) => {
    put(figure, words(dashboard));
    if (weight) figure.dataset.weight = weight(dashboard) ? 'attention' : 'none';
  });
  return whole;
}

/** @param {Note} note */
function shownNote({ show, words, hint }) {
  const note = element('p');
  note.dataset.show = show;
  shown.push((dashboard) => {
    put(note, words(dashboard));
    note.hidden = !note.textContent;
    if (hint) note.title = hint(dashboard);
  });
  return note;
}

/** @type {Words} */
function heard({ status }) {
  const unreadable = status.rejected.reduce((sum, { count }) => sum + count, 0);
  const heard = text('dashboard_eventsHeard', count(status.events));
  return unreadable ? `${heard} · ${text('dashboard_unreadable', count(unreadable))}` : heard;
}

/** @type {Words} */
function triggers({ status }) {
  const all = text('dashboard_triggersAll', count(status.triggers));
  return status.suppressed ? `${all} · ${text('dashboard_suppressed', count(status.suppressed))}` : all;
}

/** @type {Words} */
function percentiles({ figures: { total } }) {
  return total
    ? text('dashboard_percentiles', span(total.p50Ms), span(total.p99Ms), count(total.count))
    : text('dashboard_noLatency');
}

/** Time per stage. @type {Words} */
function stages({ figures: { durable, answered } }) {
  const parts = [
    durable && text('dashboard_stageDurable', span(durable.p95Ms)),
    answered && text('dashboard_stageAnswered', span(answered.p95Ms)),
  ];
  return parts.filter(Boolean).join(' · ');
}

/** @param {Series} series @param {number} now */
function sinceMidnight({ from, stepMs, triggers }, now) {
  const first = Math.max(0, Math.ceil((new Date(now).setHours(0, 0, 0, 0) - from) / stepMs));
  return triggers.slice(first).reduce((sum, slot) => sum + slot, 0);
}

/** @param {HTMLElement} element @param {string} words */
function put(element, words) {
  if (element.textContent !== words) element.textContent = words;
}
