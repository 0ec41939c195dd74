/** What is wrong, in a box: what happened, why it usually does, the one thing to do next, and the server's own words. */
import { diagnosisWords } from './diagnosis.js';
import { find } from './page.js';
import { text } from './text.js';

/** @param {HTMLElement} box @param {{ code: string, values: string[], tone: string } | undefined} diagnosis */
export function showTrouble(box, diagnosis) {
  box.hidden = !diagnosis;
  if (!diagnosis) return;
  const { what, why, next, detail } = diagnosisWords(diagnosis, Date.now(), text);
  box.dataset.tone = diagnosis.tone;
  const says = detail && `${text('diagnosisServerSays')} ${detail}`;
  for (const [part, words] of Object.entries({ what, why, next, detail: says })) {
    const line = find(`.${part}`, HTMLElement, box);
    if (line.textContent !== words) line.textContent = words;
    line.hidden = words === '';
  }
}
