/** A short word on what was just done, announced politely, perhaps with a way back. */
import { find } from '../../lib/page.js';

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
    // Nobody is hurried: it stays while it is pointed at or has the focus.
    if (toast.matches(':hover, :focus-within')) leaving = setTimeout(leave, STAYS_MS);
    else toast.hidden = true;
  };
  leaving = setTimeout(leave, STAYS_MS);
}
