/** Events, triggers and cards over five minutes, an hour or a day. */
import { find } from '../../lib/parts/page.js';
import { text } from '../../lib/words/text.js';
import { showsTable } from '../parts/panel.js';
import { fillTable } from '../parts/table.js';
import { count, hour, instant, rate } from '../words.js';
import { barChart, lineChart } from './chart.js';

/** @typedef {import('../../pkg/cuewire.js').Dashboard} Dashboard */
/** @typedef {import('../../pkg/cuewire.js').Series} Series */
/** @typedef {{ at: number[], events: number[], triggers: number[], delivered: number[] }} Slots counts; `at` in seconds */

/** `slotMs`: time per bar. `lineMs`: time per point of the line. */
const SPANS = {
  minutes: { lengthMs: 300_000, slotMs: 10_000, lineMs: 1_000, from: 'bySecond', per: 'dashboard_per10s' },
  hour: { lengthMs: 3_600_000, slotMs: 60_000, lineMs: 60_000, from: 'byMinute', per: 'dashboard_perMinute' },
  day: { lengthMs: 86_400_000, slotMs: 900_000, lineMs: 300_000, from: 'byMinute', per: 'dashboard_perQuarter' },
};
/** @typedef {keyof typeof SPANS} SpanName */

/** Redrawing more often shows nothing new, because the series count whole seconds. */
const REDRAW_MS = 1_000;

/** @param {HTMLElement} root @returns {import('../parts/panel.js').Show} */
export function activity(root) {
  /** @type {SpanName} */
  let span = 'minutes';
  /** @type {Dashboard | undefined} */
  let latest;
  let drawnAt = 0;
  /** @type {Slots} */
  let line = empty();
  /** @type {Slots} */
  let bars = empty();
  const eventsCaption = find('[data-show="events-caption"]', HTMLElement, root);
  const cardsCaption = find('[data-show="cards-caption"]', HTMLElement, root);

  /** @param {number | null | undefined} index */
  const sayEvents = (index) => {
    const at = index ?? line.at.length - 1;
    const figure = text('dashboard_eventsAt', rate(line.events[at] ?? 0));
    put(
      eventsCaption,
      typeof index === 'number' ? `${when(line.at[at] ?? 0, span)} · ${figure}` : text('dashboard_eventsPerSecond'),
    );
  };
  /** @param {number | null | undefined} index */
  const sayCards = (index) => {
    const at = index ?? -1;
    const figures = text('dashboard_cardsAt', count(bars.triggers[at] ?? 0), count(bars.delivered[at] ?? 0));
    put(
      cardsCaption,
      typeof index === 'number'
        ? `${when(bars.at[at] ?? 0, span)} · ${figures}`
        : text('dashboard_cardsCaption', text(SPANS[span].per)),
    );
  };
  const top = lineChart(find('#events-chart', HTMLElement, root), sayEvents);
  const bottom = barChart(find('#cards-chart', HTMLElement, root), sayCards);

  const draw = () => {
    if (!latest) return;
    drawnAt = performance.now();
    const { lengthMs, slotMs, lineMs, from } = SPANS[span];
    const series = latest.figures[/** @type {'bySecond' | 'byMinute'} */ (from)];
    line = perSecond(slots(series, lengthMs, lineMs, latest.at, false), lineMs);
    bars = slots(series, lengthMs, slotMs, latest.at, true);
    const range = { from: (latest.at - lengthMs) / 1_000, until: latest.at / 1_000 };
    if (showsTable(root)) return showTable(find('table', HTMLTableElement, root), bars, span);
    top([line.at, line.events], range);
    // The axis leaves room for the bar that is still filling.
    const bounds = { from: bars.at[0] ?? range.from, until: (bars.at.at(-1) ?? range.until) + slotMs / 1_000 };
    bottom(
      [bars.at.map((at) => at + slotMs / 2_000), bars.triggers.map(orNothing), bars.delivered.map(orNothing)],
      bounds,
    );
    if (!root.querySelector('.chart:hover')) {
      sayEvents(undefined);
      sayCards(undefined);
    }
  };

  root.addEventListener('change', ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    span = /** @type {SpanName} */ (target.value);
    find('table', HTMLTableElement, root).replaceChildren();
    draw();
  });
  find('[data-table]', HTMLElement, root).addEventListener('click', () => {
    drawnAt = 0;
  });

  return (dashboard) => {
    latest = dashboard;
    if (performance.now() - drawnAt >= REDRAW_MS) draw();
  };
}

/**
 * Joins slots into longer ones that begin at whole multiples of their length.
 *
 * @param {Series} series
 * @param {number} lengthMs how far back
 * @param {number} slotMs
 * @param {number} now
 * @param {boolean} unfinished whether the slot that is still being filled is among them
 * @returns {Slots}
 */
function slots({ from, stepMs, events, triggers, delivered }, lengthMs, slotMs, now, unfinished) {
  const found = empty();
  const last = Math.floor(now / slotMs) * slotMs;
  const first = Math.max(Math.ceil((now - lengthMs) / slotMs) * slotMs, Math.ceil(from / slotMs) * slotMs);
  for (let at = first; unfinished ? at <= last : at < last; at += slotMs) {
    const [begin, end] = [Math.round((at - from) / stepMs), Math.round((at + slotMs - from) / stepMs)];
    found.at.push(at / 1_000);
    found.events.push(sum(events, begin, end));
    found.triggers.push(sum(triggers, begin, end));
    found.delivered.push(sum(delivered, begin, end));
  }
  return found;
}

/** @param {Slots} slots @param {number} slotMs @returns {Slots} */
const perSecond = (slots, slotMs) => ({ ...slots, events: slots.events.map((count) => count / (slotMs / 1_000)) });

/** @param {number[]} counts @param {number} begin @param {number} end */
const sum = (counts, begin, end) => counts.slice(begin, end).reduce((sum, count) => sum + count, 0);

/** No bar at all, in place of one without height. @param {number} count */
const orNothing = (count) => count || null;

/** @returns {Slots} */
const empty = () => ({ at: [], events: [], triggers: [], delivered: [] });

/** The newest first. @param {HTMLTableElement} table @param {Slots} bars @param {SpanName} span */
function showTable(table, bars, span) {
  const columns = [
    { name: text('columnFrom') },
    { name: text('events'), figure: true },
    { name: text('triggers'), figure: true },
    { name: text('deliveredCards'), figure: true },
  ];
  const rows = bars.at.map((at, index) => ({
    key: String(at),
    cells: [
      when(at, span),
      count(bars.events[index] ?? 0),
      count(bars.triggers[index] ?? 0),
      count(bars.delivered[index] ?? 0),
    ],
  }));
  fillTable(table, columns, rows.reverse(), { caption: text('dashboard_activity') });
}

/** @param {number} at seconds @param {SpanName} span */
const when = (at, span) => (span === 'minutes' ? instant : hour)(at * 1_000);

/** @param {HTMLElement} element @param {string} words */
function put(element, words) {
  if (element.textContent !== words) element.textContent = words;
}
