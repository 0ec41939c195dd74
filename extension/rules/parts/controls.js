/** Controls of the rule that is being edited: each stands for one place in it, and shows what is wrong there. */
import { element, icon } from '../../lib/parts/dom.js';
import { text } from '../../lib/words/text.js';
import * as draft from '../draft.js';
import { look, put } from '../model/shape.js';
import { read, shown, stepped } from '../model/value.js';

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control */
/** @typedef {import('../model/value.js').Unit} Unit */

/** Writes into the rule what was typed. @param {string} at @param {unknown} value @param {boolean} [typed] */
export function enter(at, value, typed = true) {
  const { chosen } = draft.get();
  draft.edit((rules) => put(rules[chosen], at, value), { about: `${chosen}${at}`, typed });
}

/** Marks a control as the one of a place. @template {HTMLElement} T @param {T} control @param {string} at @returns {T} */
export function placed(control, at) {
  control.dataset.at = at;
  control.dataset.key = at;
  control.id = idOf(at);
  return control;
}

/** @param {string} at */
const idOf = (at) => `at${at.replaceAll('/', '-')}`;

/** A text. @param {string} at @param {{ lines?: number, read?: (typed: string) => unknown, show?: (value: any) => string }} [how] */
export function textBox(at, { lines = 1, read = (typed) => typed, show = (value) => String(value ?? '') } = {}) {
  const value = show(look(draft.chosen(), at));
  const made = lines > 1 ? element('textarea', { rows: lines, value }) : element('input', { type: 'text', value });
  Object.assign(made, { autocomplete: 'off', spellcheck: lines > 1 });
  made.addEventListener('input', () => enter(at, read(made.value)));
  return placed(made, at);
}

/** A choice. @param {string} at @param {[value: string, words: string][]} options @param {(value: string) => void} [take] */
export function select(at, options, take = (value) => enter(at, value, false)) {
  const made = element('select', {}, ...options.map(([value, words]) => new Option(words, value)));
  const value = look(draft.chosen(), at);
  if (value !== undefined) made.value = String(value);
  made.addEventListener('change', () => take(made.value));
  return placed(made, at);
}

/**
 * A number with its unit: typed, or changed by steps with buttons or arrow keys.
 *
 * @param {string} at
 * @param {string} name
 * @param {Unit} unit
 * @param {{ words?: string, step?: number }} [how] `words` of the unit
 */
export function numberBox(at, name, unit, { words = '', step } = {}) {
  const input = placed(
    element('input', { type: 'text', inputMode: 'decimal', autocomplete: 'off', spellcheck: false }),
    at,
  );
  input.value = shown(look(draft.chosen(), at), unit);
  const set = (/** @type {string} */ typed) => enter(at, read(typed, unit));
  const go = (/** @type {number} */ steps) => {
    input.value = stepped(input.value, unit, steps, step);
    set(input.value);
  };
  input.addEventListener('input', () => set(input.value));
  input.addEventListener('keydown', (event) => {
    const steps = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (steps === undefined) return;
    event.preventDefault();
    go(steps);
  });
  const button = (/** @type {string} */ label, /** @type {string} */ path, /** @type {number} */ steps) => {
    const made = element('button', { type: 'button', className: 'step' }, icon(path));
    made.setAttribute('aria-label', text(label, name));
    // The arrow keys do the same; one stop of the focus is enough.
    made.tabIndex = -1;
    made.addEventListener('click', () => go(steps));
    return made;
  };
  const box = element('span', { className: 'number-box' });
  box.append(button('ruleLess', 'M5 12h14', -1), input, button('ruleMore', 'M12 5v14M5 12h14', 1));
  if (words) box.append(element('span', { className: 'unit', id: `${input.id}-unit`, textContent: words }));
  return { box, input };
}

/** A control with its label, a hint and room for what is wrong. @param {string} label @param {Control} control @param {{ box?: HTMLElement, hint?: string, more?: Node[] }} [how] */
export function field(label, control, { box = control, hint = '', more = [] } = {}) {
  const wrong = errorLine(control);
  const parts = [element('label', { htmlFor: control.id, textContent: label }), box, ...more];
  if (hint) {
    const line = element('p', { id: `${control.id}-hint`, className: 'hint small muted', textContent: hint });
    parts.push(line);
    describe(control, line.id);
  }
  return element('div', { className: 'field' }, ...parts, wrong);
}

/** The line that says what is wrong with a control. @param {HTMLElement} control */
export function errorLine(control) {
  const line = element('p', { id: `${control.id}-error`, className: 'error small', hidden: true });
  describe(control, line.id);
  return line;
}

/** @param {HTMLElement} control @param {string} id */
function describe(control, id) {
  const before = control.getAttribute('aria-describedby');
  control.setAttribute('aria-describedby', before ? `${before} ${id}` : id);
}

/** A switch with its words. @param {string} words @param {boolean} on @param {string} key @param {(on: boolean) => void} take */
export function toggle(words, on, key, take) {
  const box = element('input', { type: 'checkbox', checked: on });
  box.dataset.key = key;
  box.addEventListener('change', () => take(box.checked));
  return element('label', { className: 'toggle' }, box, ' ', words);
}

/** @param {string} words @param {() => void} act @param {{ key?: string, label?: string, className?: string }} [how] */
export function button(words, act, { key = '', label = '', className = '' } = {}) {
  const made = element('button', { type: 'button', className, textContent: words });
  if (label) made.setAttribute('aria-label', label);
  if (key) made.dataset.key = key;
  made.addEventListener('click', act);
  return made;
}
