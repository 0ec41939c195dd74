/** The words of the interface: every one of them is in `_locales`. */
import * as ext from '../browser/ext.js';

/**
 * @param {string} key
 * @param {(string | number)[]} values stand where the message has $1, $2 …
 */
export const text = (key, ...values) => ext.message(key, values.map(String));

/** @typedef {typeof text} Text */

/**
 * Fills in what a page leaves open: `data-text` names the message of the content, `data-label`, `data-title` and
 * `data-placeholder` those of attributes.
 *
 * @param {ParentNode} root
 */
export function fillIn(root) {
  for (const element of root.querySelectorAll('[data-text]')) element.textContent = text(key(element, 'data-text'));
  for (const [mark, attribute] of ATTRIBUTES) {
    for (const element of root.querySelectorAll(`[${mark}]`)) element.setAttribute(attribute, text(key(element, mark)));
  }
  document.documentElement.lang = text('language');
}

/** @type {[mark: string, attribute: string][]} */
const ATTRIBUTES = [
  ['data-label', 'aria-label'],
  ['data-title', 'title'],
  ['data-placeholder', 'placeholder'],
];

/** @param {Element} element @param {string} mark */
const key = (element, mark) => element.getAttribute(mark) ?? '';
