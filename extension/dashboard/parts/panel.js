/** Panels: each can be folded, remembers it, and shows nothing while it is; those with a plot can show it as a table. */
import { find } from '../../lib/parts/page.js';
import { text } from '../../lib/words/text.js';

/** @typedef {import('../../pkg/cuewire.js').Dashboard} Dashboard */
/** @typedef {(dashboard: Dashboard) => void} Show */

/** The key in `localStorage`. */
const FOLDED = 'folded';

/**
 * @param {string} id
 * @param {(root: HTMLElement) => Show} make
 * @returns {Show}
 */
export function panel(id, make) {
  const root = find(`#${id}`, HTMLElement);
  const show = make(root);
  /** @type {Dashboard | undefined} */
  let latest;
  const draw = () => {
    if (latest && !root.hasAttribute('data-folded')) show(latest);
  };
  const fold = find('.fold', HTMLButtonElement, root);
  setFolded(root, fold, remembered().includes(id));
  fold.addEventListener('click', () => {
    const folded = !root.hasAttribute('data-folded');
    setFolded(root, fold, folded);
    remember(id, folded);
    root.dispatchEvent(new CustomEvent('fold'));
    draw();
  });
  // Some browsers give a scrolling element no keyboard focus.
  for (const scroller of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('.scroll'))) {
    scroller.tabIndex = 0;
    scroller.role = 'group';
  }
  const asTable = root.querySelector('[data-table]');
  asTable?.addEventListener('click', () => {
    setAsTable(root, /** @type {HTMLButtonElement} */ (asTable), root.dataset.as !== 'table');
    draw();
  });
  return (dashboard) => {
    latest = dashboard;
    draw();
  };
}

/** Whether a panel shows its table at present. @param {HTMLElement} root */
export const showsTable = (root) => root.dataset.as === 'table';

export const forgetFolded = () => localStorage.removeItem(FOLDED);

/** @param {HTMLElement} root @param {HTMLElement} fold @param {boolean} folded */
function setFolded(root, fold, folded) {
  root.toggleAttribute('data-folded', folded);
  fold.setAttribute('aria-expanded', String(!folded));
  find('.body', HTMLElement, root).hidden = folded;
  find('.tools', HTMLElement, root).hidden = folded;
}

/** @param {HTMLElement} root @param {HTMLButtonElement} button @param {boolean} table */
function setAsTable(root, button, table) {
  root.dataset.as = table ? 'table' : 'plot';
  button.textContent = text(table ? 'dashboard_asPlot' : 'dashboard_asTable');
  find('.as-table', HTMLElement, root).hidden = !table;
  find('.as-plot', HTMLElement, root).toggleAttribute('data-away', table);
}

/** @returns {string[]} */
function remembered() {
  try {
    const list = JSON.parse(localStorage.getItem(FOLDED) ?? '[]');
    return Array.isArray(list) ? list.map(String) : [];
  } catch {
    return [];
  }
}

/** @param {string} id @param {boolean} folded */
function remember(id, folded) {
  const others = remembered().filter((other) => other !== id);
  localStorage.setItem(FOLDED, JSON.stringify(folded ? [...others, id] : others));
}
