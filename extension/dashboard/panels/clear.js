/** *Clear all data*: lists what it removes, then what it removed. */
import { refusal } from '../../lib/diagnosis.js';
import { ask, find } from '../../lib/page.js';
import { text } from '../../lib/text.js';
import { forgetFolded } from '../parts/panel.js';
import { tell } from '../../lib/toast.js';
import { count } from '../words.js';

/** @typedef {import('../../pkg/cuewire.js').Dashboard} Dashboard */

/** @param {() => Dashboard | undefined} latest @param {() => Promise<void>} done */
export function prepareClear(latest, done) {
  const dialog = find('#clear', HTMLDialogElement);
  const form = find('form', HTMLFormElement, dialog);
  let entries = 0;
  find('footer [data-do="clear"]', HTMLElement).addEventListener('click', () => {
    entries = latest()?.status.logEntries ?? 0;
    find('.wrong', HTMLElement, form).textContent = '';
    find('[data-show="what-goes"]', HTMLElement, form).replaceChildren(...list(latest(), entries));
    dialog.showModal();
  });
  find('[data-do="cancel"]', HTMLElement, form).addEventListener('click', () => dialog.close());
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = find('[type="submit"]', HTMLButtonElement, form);
    button.disabled = true;
    const answer = await ask({ kind: 'clear' });
    button.disabled = false;
    if (answer.kind !== 'cleared') {
      find('.wrong', HTMLElement, form).textContent = text('dashboard_clearFailed', refusal(answer, text));
      return;
    }
    forgetFolded();
    dialog.close();
    const { cards, remembered } = answer.value;
    tell(text('dashboard_cleared', count(cards), count(remembered), count(entries)));
    await done();
  });
}

/** @param {Dashboard | undefined} dashboard @param {number} entries */
function list(dashboard, entries) {
  const open = dashboard?.status.waiting ?? 0;
  const givenUp = dashboard?.status.givenUp ?? 0;
  const lines = [
    text('dashboard_clearSettings'),
    text('dashboard_clearSecret'),
    text('dashboard_clearCards', count(open), count(givenUp)),
    text('dashboard_clearMemory'),
    text('dashboard_clearLog', count(entries)),
  ];
  return lines.map((words) => {
    const item = document.createElement('li');
    item.textContent = words;
    return item;
  });
}
