/** Fields of a form: an empty control for each kind, what it holds, and what is wrong with it. */
import { element } from './dom.js';
import { kindOf, spec, specs } from '../words/specs.js';
import { text } from '../words/text.js';
import { belongs, hintKeys } from '../words/way.js';

/** @typedef {import('../../pkg/cuewire.js').FieldError} FieldError */
/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control */

/** An empty control for a setting. @param {string} name @returns {Control} */
export function control(name) {
  const kind = kindOf(name);
  if (kind === 'choice') {
    const choices = spec(name).enum ?? [];
    return element('select', {}, ...choices.map((choice) => new Option(text(`choice_${name}_${choice}`), choice)));
  }
  if (kind === 'lines' || kind === 'paragraph') {
    return element('textarea', { rows: 3, spellcheck: kind === 'paragraph' });
  }
  return element('input', {
    type: { secret: 'password', switch: 'checkbox', time: 'time' }[/** @type {string} */ (kind)] ?? 'text',
    // `type=number` hides text that is no number; a text box lets the page say what is wrong.
    inputMode: { number: 'decimal', address: 'url' }[/** @type {string} */ (kind)] ?? '',
    autocomplete: kind === 'secret' ? 'new-password' : 'off',
    spellcheck: false,
  });
}

/** A field with its label, a sentence, and room for what is wrong. @param {string} name @param {Control} made @param {string} [facts] */
export function row(name, made, facts = '') {
  const kind = kindOf(name);
  made.id = name;
  made.setAttribute('aria-describedby', `${name}-hint ${name}-error`);
  const label = element('label', { htmlFor: name, textContent: text(`field_${name}`) });
  const hint = element('p', { id: `${name}-hint`, className: 'hint small muted' });
  hint.append(element('span', { textContent: text(`field_${name}_hint`) }));
  if (facts) hint.append(' ', element('span', { className: 'facts', textContent: facts }));
  const error = element('p', { id: `${name}-error`, className: 'error small', hidden: true });
  const parts = kind === 'switch' ? [made, label] : [label, made];
  return element('div', { className: `field ${kind}` }, ...parts, hint, error);
}

/**
 * Shows the fields of one way to connect, and hides those of the others. A hidden field with an error stays to be seen.
 *
 * @param {Map<string, Control>} controls
 * @param {import('../words/way.js').Way} way
 */
export function showWay(controls, way) {
  for (const [name, control] of controls) {
    const field = control.closest('.field');
    if (!(field instanceof HTMLElement)) continue;
    field.hidden = !belongs(name, way) && !control.hasAttribute('aria-invalid');
    const words = hintKeys(name, way)
      .map((key) => text(key))
      .find(Boolean);
    const hint = field.querySelector('.hint span');
    if (hint && words && hint.textContent !== words) hint.textContent = words;
  }
}

/** The control's value as it is sent. @param {Control} control @returns {string | boolean} */
export const valueIn = (control) =>
  control instanceof HTMLInputElement && control.type === 'checkbox' ? control.checked : control.value;

/** @param {Control} control @param {unknown} value */
export function showValue(control, value) {
  if (control instanceof HTMLInputElement && control.type === 'checkbox') control.checked = value === true;
  else control.value = asEntered(value);
}

/** A value as a control holds it. @param {unknown} value */
export const asEntered = (value) => (Array.isArray(value) ? value.join('\n') : String(value ?? ''));

/** Shows or clears the error of a field. @param {Control} control @param {FieldError | undefined} wrong */
export function blame(control, wrong) {
  const line = document.getElementById(`${control.id}-error`);
  if (!line) return;
  const words = wrong ? fieldWrong(wrong) : '';
  if (line.textContent !== words) line.textContent = words;
  line.hidden = !wrong;
  if (wrong) control.setAttribute('aria-invalid', 'true');
  else control.removeAttribute('aria-invalid');
}

/** @param {FieldError} error */
export function fieldWrong({ field, code, values }) {
  const reason = text(`wrong_${code}`, ...values);
  if (field === '') return reason;
  return text('optionsFieldWrong', field in specs || field === 'rules' ? text(`field_${field}`) : `“${field}”`, reason);
}
