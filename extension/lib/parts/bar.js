/** The bar at the foot of a page that saves: its result, and how many changes are unsaved. */
import { find } from './page.js';
import { text } from '../words/text.js';

/** @param {string} words @param {boolean} [wrong] */
export function say(words, wrong = false) {
  const status = find('.bar [role="status"]', HTMLElement);
  status.textContent = words;
  status.classList.toggle('wrong', wrong);
}

/** @param {number} count */
export function showChanges(count) {
  const line = find('.changes', HTMLElement);
  line.textContent = count === 1 ? text('optionsUnsavedOne') : text('optionsUnsavedMany', count);
  line.hidden = count === 0;
  find('[data-do="revert"]', HTMLElement).hidden = count === 0;
}
