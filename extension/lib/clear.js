/** *Clear all data*: lists what it removes, then what it removed. */
import { refusal } from './diagnosis.js';
import { element } from './dom.js';
import { ask, find } from './page.js';
import { text } from './text.js';
import { count } from './words.js';

/** @param {(words: string) => unknown} done takes what was cleared @returns {() => Promise<void>} opens the dialog */
export function prepareClear(done) {
  const dialog = find('#clear-all', HTMLDialogElement);
  const wrong = find('.wrong', HTMLElement, dialog);
  const button = find('[data-do="clear"]', HTMLButtonElement, dialog);
  let entries = 0;
  find('[data-do="cancel"]', HTMLElement, dialog).addEventListener('click', () => dialog.close());
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
    find('ul', HTMLElement, dialog).replaceChildren(...lines.map((line) => element('li', { textContent: line })));
    wrong.textContent = '';
    dialog.showModal();
  };
}
