/** One row for each queue named in an event since the worker started. */
import { linkButton } from '../../lib/parts/dom.js';
import { find } from '../../lib/parts/page.js';
import { text } from '../../lib/words/text.js';
import { duration } from '../../lib/words/words.js';
import { fillTable } from '../parts/table.js';
import { count, queue, score } from '../words.js';
import { snooze } from './snooze.js';

/** @typedef {import('../../pkg/cuewire.js').QueueRow} QueueRow */

/** @type {Record<string, (a: QueueRow, b: QueueRow) => number>} */
const ORDERS = {
  name: (a, b) => a.name.localeCompare(b.name),
  interactions: (a, b) => b.interactions - a.interactions,
  live: (a, b) => b.live - a.live,
  wait: (a, b) => b.longestWaitMs - a.longestWaitMs,
  sentiment: (a, b) => (a.meanSentiment ?? 2) - (b.meanSentiment ?? 2),
  triggers: (a, b) => b.triggers - a.triggers,
};

/** @param {HTMLElement} root @returns {import('../parts/panel.js').Show} */
export function queues(root) {
  const table = find('table', HTMLTableElement, root);
  // Sort by name at first, because nobody can read rows that keep changing places.
  let order = 'name';
  /** @type {QueueRow[]} */
  let rows = [];

  const draw = () => {
    find('.nothing', HTMLElement, root).hidden = rows.length > 0;
    find('.scroll', HTMLElement, root).hidden = rows.length === 0;
    if (rows.length === 0) return;
    const sorted = [...rows].sort((a, b) => ORDERS[order]?.(a, b) || a.name.localeCompare(b.name));
    fillTable(table, columns(), sorted.map(row), {
      caption: text('dashboard_queues'),
      actions: text('dashboard_snooze'),
    });
    for (const button of table.querySelectorAll('[data-sort]')) {
      const on = button.getAttribute('data-sort') === order;
      button
        .closest('th')
        ?.setAttribute(
          'aria-sort',
          on ? (order === 'name' || order === 'sentiment' ? 'ascending' : 'descending') : 'none',
        );
    }
  };

  table.addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest('[data-sort]') : null;
    if (!button) return;
    order = button.getAttribute('data-sort') ?? order;
    draw();
  });

  return (dashboard) => {
    rows = dashboard.figures.queues;
    draw();
  };
}

const columns = () => [
  { name: text('queue'), sort: 'name' },
  { name: text('dashboard_seenColumn'), figure: true, sort: 'interactions' },
  { name: text('columnNow'), figure: true, sort: 'live' },
  { name: text('dashboard_longestWaitColumn'), figure: true, sort: 'wait' },
  { name: text('dashboard_meanSentimentColumn'), figure: true, sort: 'sentiment' },
  { name: text('triggers'), figure: true, sort: 'triggers' },
];

/** @param {QueueRow} row */
function row({ name, interactions, live, longestWaitMs, meanSentiment, triggers }) {
  return {
    key: `queue ${name}`,
    cells: [
      queue(name),
      count(interactions),
      count(live),
      longestWaitMs > 0 ? duration(longestWaitMs, text) : '–',
      typeof meanSentiment === 'number' ? score(meanSentiment) : '–',
      count(triggers),
    ],
    actions: () => {
      if (!name) return [];
      const act = () => snooze({ by: 'queue', name });
      return [linkButton(text('dashboard_snooze'), act, text('dashboard_snoozeQueue', name))];
    },
  };
}
