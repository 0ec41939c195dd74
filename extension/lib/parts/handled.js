/** Marks a trigger as handled, with a note, and takes the mark back. The worker decides what the mark keeps quiet. */
import { refusal } from '../words/diagnosis.js';
import { element } from './dom.js';
import { ask } from './page.js';
import { text } from '../words/text.js';
import { moment } from '../words/words.js';

/** @typedef {import('../../pkg/cuewire.js').Pointed} Pointed */
/** @typedef {{ at: number, by?: string | undefined, note?: string | undefined }} Mark */

const NOTE_LIMIT = 200;

/** When, by whom, and the note. @param {Mark} mark */
export function handledWords({ at, by, note }) {
  const time = moment(at, Date.now());
  const when = by ? text('handled_by', time, by) : text('handled_at', time);
  return note ? `${when}: ${note}` : when;
}

/**
 * Asks for a note, then marks the trigger. The dialog stays open with the reason where the worker refuses.
 *
 * @param {Pointed} trigger
 * @param {string} words why the trigger fired
 * @returns {Promise<boolean>} whether it is marked
 */
export function handle(trigger, words) {
  const note = element('input', { type: 'text', name: 'note', maxLength: NOTE_LIMIT, autocomplete: 'off' });
  const wrong = element('p', { className: 'wrong small', role: 'alert' });
  const cancel = element('button', { type: 'button', textContent: text('dashboard_cancel') });
  const go = element('button', { type: 'submit', className: 'primary', textContent: text('handled_mark') });
  const form = element(
    'form',
    {},
    element('h2', { id: 'handled-title', textContent: text('handled_mark') }),
    element('p', { textContent: words }),
    element('p', { className: 'muted small', textContent: text('handled_lead') }),
    element('label', {}, element('span', { textContent: text('handled_note') }), note),
    wrong,
    element('div', { className: 'actions' }, cancel, go),
  );
  const dialog = element('dialog', { className: 'handled' }, form);
  dialog.setAttribute('aria-labelledby', 'handled-title');
  document.body.append(dialog);
  dialog.showModal();
  note.focus();
  return new Promise((resolve) => {
    cancel.addEventListener('click', () => dialog.close());
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const answer = await ask({ kind: 'handle', trigger, note: note.value.trim() || undefined });
      if (answer.kind === 'done') dialog.close('done');
      else wrong.textContent = refusal(answer, text) || text('dashboard_failed');
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'done');
    });
  });
}

/** @param {number} entry @returns {Promise<string>} why the worker refuses; empty where the mark is gone */
export async function unhandle(entry) {
  const answer = await ask({ kind: 'unhandle', entry });
  return answer.kind === 'done' ? '' : refusal(answer, text) || text('dashboard_failed');
}
