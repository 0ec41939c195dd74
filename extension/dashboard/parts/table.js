/** Tables that change several times a second: only what differs is touched, and the focus stays where it is. */
import { element } from '../../lib/parts/dom.js';

/**
 * @typedef {object} Column
 * @property {string} name
 * @property {boolean} [figure] set flush right
 * @property {string} [sort] it can be sorted by
 */
/**
 * @typedef {object} Row
 * @property {string} key
 * @property {string[]} cells
 * @property {string} [state] for its look
 * @property {() => Node[]} [actions] made once, for a last cell
 */

/**
 * @param {HTMLTableElement} table
 * @param {Column[]} columns
 * @param {Row[]} rows
 * @param {{ caption?: string, actions?: string }} [more] what the table holds; what its last column offers
 */
export function fillTable(table, columns, rows, { caption, actions } = {}) {
  head(table, columns, caption, actions);
  const body = table.tBodies[0] ?? table.createTBody();
  const focused = body.contains(document.activeElement) ? document.activeElement : null;
  const before = new Map([...body.rows].map((row) => [row.dataset.key ?? '', row]));
  rows.forEach((row, index) => {
    const shown = before.get(row.key) ?? newRow(row, columns);
    before.delete(row.key);
    if (body.rows[index] !== shown) body.insertBefore(shown, body.rows[index] ?? null);
    if (row.state !== undefined && shown.dataset.state !== row.state) shown.dataset.state = row.state;
    row.cells.forEach((words, at) => {
      const cell = shown.cells[at];
      if (cell && cell.textContent !== words) cell.textContent = words;
    });
  });
  for (const gone of before.values()) gone.remove();
  if (focused instanceof HTMLElement && focused.isConnected && document.activeElement !== focused) focused.focus();
}

/** @param {HTMLTableElement} table @param {Column[]} columns @param {string} [caption] @param {string} [actions] */
function head(table, columns, caption, actions) {
  if (table.tHead) {
    columns.forEach(({ name, sort }, index) => {
      const cell = table.tHead?.rows[0]?.cells[index];
      if (cell && sort === undefined && cell.textContent !== name) cell.textContent = name;
    });
    return;
  }
  if (caption) {
    const words = table.createCaption();
    words.className = 'unseen';
    words.textContent = caption;
  }
  const row = table.createTHead().insertRow();
  for (const { name, figure, sort } of columns) {
    const words = sort === undefined ? name : sortButton(name, sort);
    row.append(element('th', { scope: 'col', className: figure ? 'figure' : '' }, words));
  }
  if (actions) {
    const words = element('span', { className: 'unseen', textContent: actions });
    row.append(element('th', { scope: 'col' }, words));
  }
}

/** @param {string} name @param {string} sort */
function sortButton(name, sort) {
  const button = element('button', { type: 'button', className: 'sort', textContent: name });
  button.dataset.sort = sort;
  return button;
}

/** @param {Row} row @param {Column[]} columns */
function newRow({ key, actions }, columns) {
  const row = element('tr');
  row.dataset.key = key;
  columns.forEach(({ figure }, index) => {
    const className = figure ? 'figure' : '';
    row.append(index === 0 ? element('th', { scope: 'row', className }) : element('td', { className }));
  });
  if (actions) {
    const cell = row.insertCell();
    cell.className = 'actions';
    cell.append(...actions());
  }
  return row;
}
