/** *Clear all data*: lists what it removes, then what it removed. */
import { refusal } from '../words/diagnosis.js';
import { element } from './dom.js';
import { ask } from './page.js';
import { text } from '../words/text.js';
import { count } from '../words/words.js';

/** @param {(words: string) => unknown} done takes what was cleared @returns {() => Promise<void>} opens the dialog */
export function prepareClear(done) {
  const removed = element('ul');
  const wrong = element('p', { className: 'wrong small', role: 'alert' });
  const cancel = element('button', { type: 'button', autofocus: true, textContent: text('dashboard_cancel') });
  const button = element('button', { type: 'button', className: 'danger-fill', textContent: text('dashboard_clear') });
  const dialog = element(
    'dialog',
    { id: 'clear-all' },
    element('h2', { id: 'clear-title', textContent: text('dashboard_clear') }),
    element('p', { className: 'lead', textContent: text('dashboard_clearLead') }),
    removed,
    wrong,
    element('div', { className: 'actions' }, cancel, button),
  );
  dialog.setAttribute('aria-labelledby', 'clear-title');
  document.body.append(dialog);
  let entries = 0;
  cancel.addEventListener('click', () => dialog.close());
  button.addEventListener('click', async () => {
    button.disabled = true;
    const answer = await ask({ kind: 'clear' });
    button.disabled = false;
    if (answer.kind !== 'cleared') {
      wrong.textContent = text('dashboard_clearFailed', refusal(answer, text));
      return;
    }
    dialog.close();
    const { cards, remembered } = answer.value;
    done(text('dashboard_cleared', count(cards), count(remembered), count(entries)));
  });
  return async () => {
    const answer = await ask({ kind: 'status' });
    const { waiting, givenUp, logEntries } =
      answer.kind === 'status' ? answer.value : { waiting: 0, givenUp: 0, logEntries: 0 };
    entries = logEntries;
    const lines = [
      text('dashboard_clearSettings'),
      text('dashboard_clearSecret'),
      text('dashboard_clearCards', count(waiting), count(givenUp)),
      text('dashboard_clearMemory'),
      text('dashboard_clearLog', count(entries)),
    ];
    removed.replaceChildren(...lines.map((line) => element('li', { textContent: line })));
    wrong.textContent = '';
    dialog.showModal();
  };
}
