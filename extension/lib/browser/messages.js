/** Which messages the worker accepts, and from whom. Rust judges their content. */
import * as ext from './ext.js';

/** More than the largest settings with their rules, in characters. */
const LIMIT = 4 * 1024 * 1024 + 1024;
/** More than the longest text of rules that Rust reads, in characters. */
const RULES_LIMIT = 1024 * 1024 + 1024;

/** @typedef {import('../../pkg/cuewire.js').Request} Request */
/** @typedef {import('../../pkg/cuewire.js').Reply} Reply */
/** What a page gets: the engine's reply, or that there is no engine. @typedef {Reply | { kind: 'wasmFailed', value: string }} Answer */

/**
 * Checks id and page, because a content script has the extension's id but not its page.
 *
 * @param {import('./ext.js').Sender | undefined} sender
 */
export function isFromOurselves(sender) {
  if (sender?.id !== ext.ownId()) return false;
  const origin = sender.origin ?? originOf(sender.url);
  return origin === originOf(ext.url(''));
}

/**
 * @param {unknown} message
 * @returns {message is Request}
 */
export function isRequest(message) {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return false;
  return typeof message.kind === 'string' && size(message) <= (message.kind === 'saveRules' ? RULES_LIMIT : LIMIT);
}

/** Characters of all text in a value. @param {unknown} value @returns {number} */
function size(value) {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 1;
  return Object.entries(value).reduce((sum, [key, part]) => sum + key.length + size(part), 0);
}

/** As a sender's origin is written; `URL.origin` leaves it to each browser what extensions have. @param {string | undefined} address */
function originOf(address) {
  if (!URL.canParse(address ?? '')) return undefined;
  const { protocol, host } = new URL(address ?? '');
  return `${protocol}//${host}`;
}
