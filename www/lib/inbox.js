// Agent messages on a desk, as MAX shows them: a popup for five seconds, then a line in the inbox until they are over.

import { make } from './dom.js';
import { time } from './format.js';

/** @typedef {{ n: number, subject: string, text: string, atMs: number, untilMs: number }} Message */
/** What a script shows for a signal. @typedef {{ n: number, contact: string, severity?: string, title?: string, text?: string, atMs: number }} Signal */
/** Both, the newest first. @typedef {{ messages: Message[], signals: Signal[] }} Arrived */

/** How long a message pops up. */
const POPUP_MS = 5000;

/**
 * Shows the newest message or signal while it pops up, else the inbox. Draws only what changed.
 * @param {Element} place
 * @param {Arrived} arrived
 * @param {number} nowMs by the simulator's time
 * @param {(atMs: number) => number} wallOf
 */
export function showInbox(place, arrived, nowMs, wallOf) {
  const { messages, signals } = arrived;
  const [message, signal] = [messages[0], signals[0]];
  const isFresh = (/** @type {{ atMs: number } | undefined} */ one) => one && nowMs - one.atMs < POPUP_MS;
  const pops = isFresh(signal) ? 'signal' : isFresh(message) ? 'popup' : 'inbox';
  const drawn = `${pops} ${messages.map(({ n }) => n).join(' ')} / ${signals.map(({ n }) => n).join(' ')}`;
  if (place.getAttribute('data-drawn') === drawn) return;
  place.setAttribute('data-drawn', drawn);
  if (signal && pops === 'signal') place.replaceChildren(panel(signal));
  else if (message && pops === 'popup') place.replaceChildren(popup(message));
  else if (message || signal) place.replaceChildren(inbox(arrived, wallOf));
  else place.replaceChildren();
}

/** @param {Message} message */
function popup(message) {
  const head = make('div', { class: 'card-head' }, make('strong', { title: message.subject }, message.subject));
  const text = plain(message.text);
  return make('div', { class: 'card message', 'data-kind': 'info' }, head, make('p', { title: text }, text));
}

/** What the script of the contact does with a signal: a panel. @param {Signal} signal */
function panel({ severity = 'info', title = '', text = '' }) {
  const head = make('div', { class: 'card-head' }, make('strong', { title }, `Script: ${title}`));
  return make('div', { class: 'card message', 'data-kind': severity }, head, make('p', { title: text }, text));
}

/**
 * @param {Arrived} arrived
 * @param {(atMs: number) => number} wallOf
 */
function inbox({ messages, signals }, wallOf) {
  const rows = messages.map((message) =>
    make(
      'li',
      { title: `${message.subject}\n${plain(message.text)}\nuntil ${time(wallOf(message.untilMs))}` },
      make('time', {}, time(wallOf(message.atMs))),
      ` ${message.subject}`,
    ),
  );
  const signalled = signals.map(({ contact, title = '', text = '', atMs }) =>
    make(
      'li',
      { class: 'signal', title: `Signal to the script of ${contact}\n${title}\n${text}` },
      make('time', {}, time(wallOf(atMs))),
      ` Script: ${title}`,
    ),
  );
  const head = make('div', { class: 'inbox-head' }, 'Messages ', make('span', { class: 'badge' }, String(rows.length)));
  return make('div', { class: 'inbox' }, head, make('ul', {}, ...signalled, ...rows));
}

/**
 * A message may hold HTML; MAX shows its text.
 * @param {string} html
 */
function plain(html) {
  return new DOMParser().parseFromString(html, 'text/html').body.textContent ?? '';
}
