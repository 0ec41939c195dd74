/** Shared by every page: requests to the worker, and its news. */
import * as ext from '../browser/ext.js';
import { link } from '../browser/link.js';

/** @typedef {import('../browser/messages.js').Request} Request */
/** @typedef {import('../browser/messages.js').Answer} Answer */

/** @param {Request} request @returns {Promise<Answer>} */
export async function ask(request) {
  try {
    const answer = await ext.send(request);
    if (answer) return /** @type {Answer} */ (answer);
    return { kind: 'wasmFailed', value: '' };
  } catch (error) {
    return { kind: 'wasmFailed', value: error instanceof Error ? error.message : String(error) };
  }
}

/** Calls `look` now, and whenever the worker says that something changed. @param {() => void} look */
export const follow = (look) => void link('page', { opened: look, message: look });

/**
 * @template {Element} T
 * @param {string} selector
 * @param {new () => T} type
 * @param {ParentNode} [root]
 * @returns {T}
 */
export function find(selector, type, root = document) {
  const found = root.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`the page lacks ${selector}`);
  return found;
}
