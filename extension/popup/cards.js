/** The newest cards: why each was due, for which queue, how long ago, and how it stands. */
import { whyWords } from '../lib/words/evidence.js';
import { handledWords } from '../lib/parts/handled.js';
import { find } from '../lib/parts/page.js';
import { text } from '../lib/words/text.js';
import { cardWords, duration, moment } from '../lib/words/words.js';

/** @typedef {import('../pkg/cuewire.js').CardView} CardView */
/** @typedef {import('../pkg/cuewire.js').Status} Status */

/** Rows are kept while their card is: a press is not lost to news. @param {HTMLElement} root @param {Status} status */
export function showCards(root, { cards, rules }) {
  const list = find('ol', HTMLOListElement, root);
  find('.empty', HTMLElement, root).hidden = cards.length > 0;
  const rows = new Map([...list.children].map((row) => [row.getAttribute('data-card'), row]));
  const wanted = cards.map((card) => {
    const row = rows.get(keyOf(card)) ?? newRow(card, rules);
    const state = find('.state', HTMLElement, row);
    state.textContent = cardWords(card, text);
    state.dataset.is = card.state.is;
    showHandled(row, card);
    return row;
  });
  if (wanted.some((row, index) => row !== list.children[index]) || wanted.length !== list.children.length) {
    list.replaceChildren(...wanted);
  }
}

/** The button marks the trigger as handled, or takes that back. @param {Element} row @param {CardView} card */
function showHandled(row, { handled }) {
  const button = find('[data-do="handle"]', HTMLElement, row);
  const reason = find('.reason', HTMLElement, row).textContent ?? '';
  button.ariaPressed = String(Boolean(handled));
  button.title = text(handled ? 'handled_undo' : 'handled_mark');
  button.ariaLabel = text('handled_markThis', reason);
  const words = find('.handled', HTMLElement, row);
  words.hidden = !handled;
  words.textContent = handled ? handledWords(handled) : '';
}

/** @param {CardView} card @param {Status['rules']} rules */
function newRow(card, rules) {
  const row = find('template', HTMLTemplateElement).content.firstElementChild?.cloneNode(true);
  if (!(row instanceof HTMLElement)) throw new Error('the page lacks the row of a card');
  row.dataset.card = keyOf(card);
  find('.reason', HTMLElement, row).textContent = whyWords(card, text, rules);
  find('.queue', HTMLElement, row).textContent = card.queue ?? '';
  const time = find('time', HTMLTimeElement, row);
  time.dateTime = new Date(card.at).toISOString();
  time.title = moment(card.at, Date.now());
  return row;
}

/** Two organisations may have cards with the same id. @param {CardView} card */
const keyOf = ({ connection, cardId }) => `${connection} ${cardId}`;

/** @param {HTMLElement} root @param {number} now */
export function cardAges(root, now) {
  for (const time of root.querySelectorAll('time')) {
    const words = text('popupAgo', duration(now - Date.parse(time.dateTime), text));
    if (time.textContent !== words) time.textContent = words;
  }
}

/** The card of a button's row. @param {HTMLElement} button @param {CardView[]} cards */
export function cardOf(button, cards) {
  const key = button.closest('li')?.dataset.card;
  return cards.find((card) => keyOf(card) === key);
}
