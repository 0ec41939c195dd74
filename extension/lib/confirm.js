/** Asks before an action that cannot be undone; the button names the action. */
import { text } from './text.js';

/**
 * @param {string} question
 * @param {string} consequence
 * @param {string} action
 * @returns {Promise<boolean>}
 */
export function confirm(question, consequence, action) {
  const dialog = document.createElement('dialog');
  const heading = document.createElement('h2');
  heading.id = 'confirm-title';
  heading.textContent = question;
  dialog.setAttribute('aria-labelledby', heading.id);
  const words = document.createElement('p');
  words.textContent = consequence;
  const actions = document.createElement('div');
  actions.className = 'actions';
  const cancel = document.createElement('button');
  cancel.type = 'button';
  cancel.textContent = text('dashboard_cancel');
  const go = document.createElement('button');
  go.type = 'button';
  go.className = 'danger-fill';
  go.textContent = action;
  actions.append(cancel, go);
  dialog.append(heading, words, actions);
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
