/** The state of the last status, shown before the other modules of the popup have arrived: a person looks for this first. */
import * as ext from '../lib/browser/ext.js';
import { text } from '../lib/words/text.js';
import { stateWords } from '../lib/words/words.js';

/** @typedef {import('../pkg/cuewire.js').Status} Status */
/** @typedef {import('../pkg/cuewire.js').State} State */

/** The state that a screen reader announced last. */
let spoken = '';

/** The last known status while the worker sleeps, because little has changed since. A worker that runs answers itself. */
export const last = recall().catch(ext.report);

/** Keeps a status for the next popup. @param {Status} status */
export const keep = (status) => ext.sessionWrite({ seen: JSON.stringify(status) });

/** @returns {Promise<Status | void>} */
async function recall() {
  const [awake, { seen }] = await Promise.all([ext.isAwake(), ext.sessionRead(['seen']), parsed()]);
  if (awake || !seen || spoken) return;
  /** @type {Status} */
  const status = JSON.parse(seen);
  showState(status.state, Date.now());
  return status;
}

/** This module runs before the page is parsed. */
async function parsed() {
  while (document.readyState === 'loading') {
    await new Promise((resolve) => document.addEventListener('readystatechange', resolve, { once: true }));
  }
}

/** Announces a new state, but not the seconds that count down. @param {State} state @param {number} now */
export function showState(state, now) {
  const main = document.querySelector('main');
  const place = main?.querySelector('[data-field="state"]');
  if (!main || !place) return;
  main.dataset.state = state.word;
  place.ariaLive = state.word === spoken ? 'off' : 'polite';
  spoken = state.word;
  const words = stateWords(state, now, text);
  if (place.textContent !== words) place.textContent = words;
}
