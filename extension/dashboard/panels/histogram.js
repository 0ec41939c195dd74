/** How often each value was heard, with the threshold as a line that can be moved. */
import { find } from '../../lib/parts/page.js';
import { text } from '../../lib/words/text.js';
import { showsTable } from '../parts/panel.js';
import { fillTable } from '../parts/table.js';
import { count } from '../words.js';
import { snooze } from './snooze.js';
import { threshold } from './threshold.js';

/** @typedef {import('../../pkg/cuewire.js').Bin} Bin */
/** @typedef {import('../../pkg/cuewire.js').Dashboard} Dashboard */
/** @typedef {import('../../pkg/cuewire.js').Histogram} Histogram */

/**
 * The differences between the two histograms.
 *
 * @typedef {object} Kind
 * @property {'sentiment' | 'wait'} id
 * @property {'sentimentThreshold' | 'queueWaitThresholdSeconds'} setting
 * @property {number} min where the axis begins
 * @property {number} max where it ends; the last bin takes all that is more, where `open`
 * @property {boolean} open
 * @property {number} most the greatest value that is accepted
 * @property {number} grain what values are rounded to
 * @property {number} step one press of an arrow key
 * @property {number} leap one press of Page Up
 * @property {number[]} ticks
 * @property {(value: number) => string} words
 * @property {{ title: string, range: string }} keys of the texts
 */

/** @param {Kind} kind @returns {(root: HTMLElement) => import('../parts/panel.js').Show} */
export const histogram = (kind) => (root) => {
  const field = find('.field', HTMLElement, root);
  const tip = find('.tip', HTMLElement, field);
  /** @type {Histogram} */
  let shown = { rule: '', threshold: 0, inForce: true, due: 'below', bins: [] };
  const redraw = () => drawBars(root, shown, line.value(), kind);
  const line = threshold(root, kind, () => shown, redraw);
  find('[data-do="snoozeRule"]', HTMLElement, root).addEventListener('click', () =>
    snooze({ by: 'rule', name: shown.rule }),
  );
  axis(find('.axis', HTMLElement, root), kind);

  field.addEventListener('pointermove', ({ clientX }) => {
    const { bins } = shown;
    const { left, width } = field.getBoundingClientRect();
    const index = Math.min(bins.length - 1, Math.max(0, Math.floor(((clientX - left) / width) * bins.length)));
    const bin = bins[index];
    tip.hidden = !bin || line.moving();
    if (!bin) return;
    tip.textContent = text('dashboard_binTip', range(bins, index, kind), count(bin.count));
    tip.style.left = `${((index + 0.5) / bins.length) * 100}%`;
    tip.dataset.side = index > bins.length / 2 ? 'left' : 'right';
  });
  field.addEventListener('pointerleave', () => {
    tip.hidden = true;
  });

  return (dashboard) => {
    shown = dashboard[kind.id];
    const { bins } = shown;
    line.show(shown);
    redraw();
    const most = bins.reduce((most, { count }) => Math.max(most, count), 0);
    put(root, '[data-show="most"]', most ? text('dashboard_tallestBar', count(most)) : '');
    find('.nothing', HTMLElement, root).hidden = most > 0;
    if (showsTable(root)) showTable(find('table', HTMLTableElement, root), bins, kind);
  };
};

/** Two outlines: what asks for a card, and the rest. @param {HTMLElement} root @param {Histogram} histogram @param {number} at @param {Kind} kind */
function drawBars(root, { bins, due }, at, kind) {
  const most = bins.reduce((most, { count }) => Math.max(most, count), 1);
  const width = 100 / (bins.length || 1);
  const outline = { due: '', rest: '' };
  bins.forEach(({ from, count }, index) => {
    if (count === 0) return;
    // Keep even the smallest bar visible.
    const height = Math.max(1.2, (count / most) * 100);
    const middle = from + (kind.max - kind.min) / bins.length / 2;
    const side = middle < at ? 'below' : 'above';
    outline[side === due ? 'due' : 'rest'] +=
      `M${index * width + width * 0.08} 100v${-height}h${width * 0.84}v${height}z`;
  });
  find('.due', SVGPathElement, root).setAttribute('d', outline.due);
  find('.rest', SVGPathElement, root).setAttribute('d', outline.rest);
}

/** @param {HTMLElement} element @param {Kind} kind */
function axis(element, { min, max, ticks, words }) {
  for (const value of ticks) {
    const tick = document.createElement('span');
    tick.textContent = words(value);
    tick.style.left = `${((value - min) / (max - min)) * 100}%`;
    element.append(tick);
  }
}

/** @param {HTMLTableElement} table @param {Bin[]} bins @param {Kind} kind */
function showTable(table, bins, kind) {
  const columns = [{ name: text(kind.keys.range) }, { name: text('dashboard_timesHeard'), figure: true }];
  const rows = bins.flatMap((bin, index) =>
    bin.count === 0 ? [] : [{ key: String(index), cells: [range(bins, index, kind), count(bin.count)] }],
  );
  fillTable(table, columns, rows, { caption: text(kind.keys.title) });
}

/** @param {Bin[]} bins @param {number} index @param {Kind} kind */
function range(bins, index, { max, open, words }) {
  const from = words(bins[index]?.from ?? 0);
  const next = bins[index + 1];
  if (!next && open) return text('dashboard_orMore', from);
  return text('dashboard_range', from, words(next?.from ?? max));
}

/** @param {HTMLElement} root @param {string} selector @param {string} words */
function put(root, selector, words) {
  const element = find(selector, HTMLElement, root);
  if (element.textContent !== words) element.textContent = words;
}
