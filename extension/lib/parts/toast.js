/** A short message about the last action, with an optional undo. */
import { find } from './page.js';

const STAYS_MS = 8_000;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let leaving;

/** @param {string} words @param {{ label: string, act: () => void }} [back] */
export function tell(words, back) {
  const toast = find('.toast', HTMLElement);
  const button = find('button', HTMLButtonElement, toast);
  clearTimeout(leaving);
  toast.hidden = false;
  find('p', HTMLElement, toast).textContent = words;
  button.hidden = !back;
  button.textContent = back?.label ?? '';
  button.onclick = () => {
    toast.hidden = true;
    back?.act();
  };
  const leave = () => {
    // The toast stays while the pointer or the focus is on it, so that nobody has to hurry.
    if (toast.matches(':hover, :focus-within')) leaving = setTimeout(leave, STAYS_MS);
    else toast.hidden = true;
  };
  leaving = setTimeout(leave, STAYS_MS);
}

/** Ends the message before its time: an undo that it offers would undo something else by now. */
export function hush() {
  find('.toast', HTMLElement).hidden = true;
}
