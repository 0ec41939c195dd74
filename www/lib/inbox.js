// Agent messages on a desk, as MAX shows them: a popup for five seconds, then a line in the inbox until they are over.

import { make } from './dom.js';
import { time } from './format.js';

/** @typedef {{ n: number, subject: string, text: string, atMs: number, untilMs: number }} Message */

/** How long a message pops up. */
const POPUP_MS = 5000;

/**
 * Shows the newest message while it pops up, else the inbox. Draws only what changed.
 * @param {Element} place
 * @param {Message[]} messages newest first
 * @param {number} nowMs by the simulator's time
 * @param {(atMs: number) => number} wallOf
 */
export function showInbox(place, messages, nowMs, wallOf) {
  const newest = messages[0];
  const pops = newest !== undefined && nowMs - newest.atMs < POPUP_MS;
  const drawn = `${pops ? 'popup' : 'inbox'} ${messages.map((message) => message.n).join(' ')}`;
  if (place.getAttribute('data-drawn') === drawn) return;
  place.setAttribute('data-drawn', drawn);
  if (!newest) place.replaceChildren();
  else place.replaceChildren(pops ? popup(newest) : inbox(messages, wallOf));
}

/** @param {Message} message */
function popup(message) {
  const head = make('div', { class: 'card-head' }, make('strong', { title: message.subject }, message.subject));
  const text = plain(message.text);
  return make('div', { class: 'card message', 'data-kind': 'info' }, head, make('p', { title: text }, text));
}

/**
 * @param {Message[]} messages
 * @param {(atMs: number) => number} wallOf
 */
function inbox(messages, wallOf) {
  const rows = messages.map((message) =>
    make(
      'li',
      { title: `${message.subject}\n${plain(message.text)}\nuntil ${time(wallOf(message.untilMs))}` },
      make('time', {}, time(wallOf(message.atMs))),
      ` ${message.subject}`,
    ),
  );
  const head = make('div', { class: 'inbox-head' }, 'Messages ', make('span', { class: 'badge' }, String(rows.length)));
  return make('div', { class: 'inbox' }, head, make('ul', {}, ...rows));
}

/**
 * A message may hold HTML; MAX shows its text.
 * @param {string} html
 */
function plain(html) {
  return new DOMParser().parseFromString(html, 'text/html').body.textContent ?? '';
}
