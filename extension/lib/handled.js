/** Marks a trigger as handled, with a note, and takes the mark back. The worker decides what the mark keeps quiet. */
import { refusal } from './diagnosis.js';
import { ask } from './page.js';
import { text } from './text.js';
import { moment } from './words.js';

/** @typedef {import('../pkg/cuewire.js').Pointed} Pointed */
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
  const dialog = document.createElement('dialog');
  const form = dialog.appendChild(document.createElement('form'));
  const heading = form.appendChild(document.createElement('h2'));
  heading.id = 'handled-title';
  heading.textContent = text('handled_mark');
  dialog.setAttribute('aria-labelledby', heading.id);
  dialog.className = 'handled';
  for (const [look, line] of [
    ['', words],
    ['muted small', text('handled_lead')],
  ]) {
    const part = form.appendChild(document.createElement('p'));
    part.className = look ?? '';
    part.textContent = line ?? '';
  }
  const label = form.appendChild(document.createElement('label'));
  label.append(Object.assign(document.createElement('span'), { textContent: text('handled_note') }));
  const note = label.appendChild(document.createElement('input'));
  Object.assign(note, { type: 'text', name: 'note', maxLength: NOTE_LIMIT, autocomplete: 'off' });
  const wrong = form.appendChild(document.createElement('p'));
  wrong.className = 'wrong small';
  wrong.role = 'alert';
  const actions = form.appendChild(document.createElement('div'));
  actions.className = 'actions';
  const cancel = actions.appendChild(document.createElement('button'));
  Object.assign(cancel, { type: 'button', textContent: text('dashboard_cancel') });
  const go = actions.appendChild(document.createElement('button'));
  Object.assign(go, { type: 'submit', className: 'primary', textContent: text('handled_mark') });
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
