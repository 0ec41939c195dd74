/** The newest cards: why each was due, for which queue, how long ago, and how it stands. */
import { find } from '../lib/page.js';
import { text } from '../lib/text.js';
import { cardWords, duration, moment, reasonWords } from '../lib/words.js';

/** @typedef {import('../pkg/cuewire.js').CardView} CardView */

/** Entries of the log among which a card of the popup is looked for. */
const NEWEST = 500;

/** Rows are kept while their card is: a press is not lost to news. @param {HTMLElement} root @param {CardView[]} cards */
export function showCards(root, cards) {
  const list = find('ol', HTMLOListElement, root);
  find('.empty', HTMLElement, root).hidden = cards.length > 0;
  const rows = new Map([...list.children].map((row) => [row.getAttribute('data-card'), row]));
  const wanted = cards.map((card) => {
    const row = rows.get(card.cardId) ?? newRow(card);
    const state = find('.state', HTMLElement, row);
    state.textContent = cardWords(card, text);
    state.dataset.is = card.state.is;
    return row;
  });
  if (wanted.some((row, index) => row !== list.children[index]) || wanted.length !== list.children.length) {
    list.replaceChildren(...wanted);
  }
}

/** @param {CardView} card */
function newRow(card) {
  const row = find('template', HTMLTemplateElement).content.firstElementChild?.cloneNode(true);
  if (!(row instanceof HTMLElement)) throw new Error('the page lacks the row of a card');
  row.dataset.card = card.cardId;
  const reason = find('.reason', HTMLElement, row);
  reason.textContent = reasonWords(card.reason, text);
  find('.queue', HTMLElement, row).textContent = card.queue ?? '';
  const time = find('time', HTMLTimeElement, row);
  time.dateTime = new Date(card.at).toISOString();
  time.title = moment(card.at, Date.now());
  return row;
}

/** @param {HTMLElement} root @param {number} now */
export function cardAges(root, now) {
  for (const time of root.querySelectorAll('time')) {
    const words = text('popupAgo', duration(now - Date.parse(time.dateTime), text));
    if (time.textContent !== words) time.textContent = words;
  }
}

/**
 * The entry of the log that tells about a card; none where the log no longer holds it.
 *
 * @param {HTMLElement} button
 * @param {CardView[]} cards
 */
export async function entryOf(button, cards) {
  const id = button.closest('li')?.dataset.card;
  const card = cards.find(({ cardId }) => cardId === id);
  // Only now: what reads the log would make the popup slower to open.
  const history = await import('../lib/history.js');
  const found = await history.newest(NEWEST).catch(() => []);
  return found.find(
    ({ entry }) => entry?.kind === 'trigger' && card?.cardId.startsWith(`trigger-${entry.interaction}-${entry.rule}-`),
  )?.key;
}
