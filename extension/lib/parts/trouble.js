/** What is wrong, in a box: what happened, why it usually does, the one thing to do next, and what the server or the browser says itself. */
import { diagnosisWords, lasting } from '../words/diagnosis.js';
import { find } from './page.js';
import { text } from '../words/text.js';

/** @typedef {Pick<import('../../pkg/cuewire.js').DiagnosisView, 'code' | 'values' | 'tone'> & { since?: number }} Shown */

/** Whether a person who signs in ends the trouble. @param {string} code */
export const isAboutSignIn = (code) => /^signIn(?:Due|Soon|Refused|Denied|Closed|MixedUp)$/.test(code);

/** @param {HTMLElement} box @param {Shown | undefined} diagnosis */
export function showTrouble(box, diagnosis) {
  box.hidden = !diagnosis;
  if (!diagnosis) return;
  const now = Date.now();
  const { what, why: usual, next, detail } = diagnosisWords(diagnosis, now, text);
  const why = [usual, lasting(diagnosis, now, text)].filter(Boolean).join(' ');
  box.dataset.tone = diagnosis.tone;
  box.querySelector('[data-do="signIn"]')?.toggleAttribute('hidden', !isAboutSignIn(diagnosis.code));
  for (const [part, words] of Object.entries({ what, why, next, detail })) {
    const line = find(`.${part}`, HTMLElement, box);
    if (line.textContent !== words) line.textContent = words;
    line.hidden = words === '';
  }
}
