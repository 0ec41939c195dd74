/** Moving things by a handle: dragged with a pointer, or with the arrow keys. */
import { element, icon } from '../../lib/parts/dom.js';
import { text } from '../../lib/words/text.js';

const DOTS = 'M9 6v.01M15 6v.01M9 12v.01M15 12v.01M9 18v.01M15 18v.01';
/** A press that moves less is a click. */
const SLACK_PX = 4;
/** Near an edge of the window the page scrolls; below, the bar with *Save* stands in the way. */
const EDGE_PX = 40;
const SCROLL_PX = 12;

/**
 * @typedef {object} Moving
 * @property {string} name of what is moved
 * @property {string} key finds the handle again after everything was drawn again
 * @property {(key: string) => boolean} press an arrow key was pressed; false: there is nowhere to go
 * @property {(over: HTMLElement, after: boolean) => void} drop onto a place, before or after what is there
 * @property {string} places a selector of where it may be dropped
 */

/** @param {Moving} moving @returns {HTMLButtonElement} */
export function handle({ name, key, press, drop, places }) {
  const button = element('button', { type: 'button', className: 'handle', title: text('ruleMoveHint') }, icon(DOTS));
  button.setAttribute('aria-label', text('ruleMove', name));
  button.dataset.key = key;
  button.addEventListener('keydown', (event) => {
    if (event.key.startsWith('Arrow') && press(event.key)) event.preventDefault();
  });
  button.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    button.focus();
    drag(button, event, places, drop);
  });
  return button;
}

/** @param {HTMLButtonElement} button @param {PointerEvent} start @param {string} places @param {Moving['drop']} drop */
function drag(button, start, places, drop) {
  const moved = button.closest(places);
  /** @type {{ over: HTMLElement, after: boolean } | undefined} */
  let aim;
  const mark = (/** @type {typeof aim} */ next) => {
    if (aim) delete aim.over.dataset.drop;
    aim = next;
    if (aim) aim.over.dataset.drop = aim.after ? 'after' : 'before';
  };
  const follow = (/** @type {PointerEvent} */ event) => {
    if (Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) < SLACK_PX) return;
    moved?.toggleAttribute('data-dragged', true);
    if (event.clientY < EDGE_PX) scrollBy(0, -SCROLL_PX);
    if (event.clientY > innerHeight - 2 * EDGE_PX) scrollBy(0, SCROLL_PX);
    const under = document.elementFromPoint(event.clientX, event.clientY)?.closest(places);
    if (!(under instanceof HTMLElement) || moved?.contains(under)) return mark(undefined);
    const { top, height } = under.getBoundingClientRect();
    mark({ over: under, after: event.clientY > top + height / 2 });
  };
  const stop = (/** @type {PointerEvent | KeyboardEvent} */ event) => {
    if (event instanceof KeyboardEvent && event.key !== 'Escape') return;
    const found = event.type === 'pointerup' ? aim : undefined;
    mark(undefined);
    moved?.removeAttribute('data-dragged');
    removeEventListener('pointermove', follow);
    for (const type of ENDS) removeEventListener(type, /** @type {EventListener} */ (stop));
    if (found) drop(found.over, found.after);
  };
  addEventListener('pointermove', follow);
  for (const type of ENDS) addEventListener(type, /** @type {EventListener} */ (stop));
}

const ENDS = ['pointerup', 'pointercancel', 'keydown'];
