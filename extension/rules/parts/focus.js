/** The focus outlives drawing anew: controls are known by their keys. */

/** @type {string | undefined} */
let next;

/** Where the focus goes once the page has drawn the next change. @param {string} key */
export function focusNext(key) {
  next = key;
}

/** Draws, and puts the focus where it was or shall be. @param {() => void} draw */
export function keepFocus(draw) {
  const before = document.activeElement;
  const key = next ?? (before instanceof HTMLElement ? before.dataset.key : undefined);
  const from = before instanceof HTMLInputElement && before.type === 'text' ? before.selectionStart : null;
  draw();
  next = undefined;
  if (key === undefined || (before?.isConnected && before instanceof HTMLElement && before.dataset.key === key)) return;
  const found = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!(found instanceof HTMLElement)) return;
  found.focus();
  if (from !== null && found instanceof HTMLInputElement && found.type === 'text') found.setSelectionRange(from, from);
}
