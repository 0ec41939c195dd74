/** Asks before an action that cannot be undone; the button names the action. */
import { element } from './dom.js';
import { text } from '../words/text.js';

/**
 * @param {string} question
 * @param {string} consequence
 * @param {string} action
 * @returns {Promise<boolean>}
 */
export function confirm(question, consequence, action) {
  const cancel = element('button', { type: 'button', textContent: text('dashboard_cancel') });
  const go = element('button', { type: 'button', className: 'danger-fill', textContent: action });
  const dialog = element(
    'dialog',
    {},
    element('h2', { id: 'confirm-title', textContent: question }),
    element('p', { textContent: consequence }),
    element('div', { className: 'actions' }, cancel, go),
  );
  dialog.setAttribute('aria-labelledby', 'confirm-title');
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    cancel.addEventListener('click', () => dialog.close());
    go.addEventListener('click', () => dialog.close('go'));
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'go');
    });
  });
}
