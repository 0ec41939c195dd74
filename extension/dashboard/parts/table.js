/** Tables that change several times a second: only what differs is touched, and the focus stays where it is. */

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
    const element = before.get(row.key) ?? newRow(row, columns);
    before.delete(row.key);
    if (body.rows[index] !== element) body.insertBefore(element, body.rows[index] ?? null);
    if (row.state !== undefined && element.dataset.state !== row.state) element.dataset.state = row.state;
    row.cells.forEach((words, at) => {
      const cell = element.cells[at];
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
    const cell = document.createElement('th');
    cell.scope = 'col';
    if (figure) cell.className = 'figure';
    if (sort === undefined) cell.textContent = name;
    else cell.append(sortButton(name, sort));
    row.append(cell);
  }
  if (actions) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    const words = document.createElement('span');
    words.className = 'unseen';
    words.textContent = actions;
    cell.append(words);
    row.append(cell);
  }
}

/** @param {string} name @param {string} sort */
function sortButton(name, sort) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'sort';
  button.dataset.sort = sort;
  button.textContent = name;
  return button;
}

/** @param {Row} row @param {Column[]} columns */
function newRow({ key, actions }, columns) {
  const row = document.createElement('tr');
  row.dataset.key = key;
  columns.forEach(({ figure }, index) => {
    const cell = index === 0 ? document.createElement('th') : document.createElement('td');
    if (index === 0) /** @type {HTMLTableCellElement} */ (cell).scope = 'row';
    if (figure) cell.className = 'figure';
    row.append(cell);
  });
  if (actions) {
    const cell = row.insertCell();
    cell.className = 'actions';
    cell.append(...actions());
  }
  return row;
}
