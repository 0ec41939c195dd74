/** The words as the browser would find them: the real messages, filled in as `chrome.i18n` does. */
import { readFileSync } from 'node:fs';

/** @type {Record<string, { message: string }>} */
export const messages = JSON.parse(
  readFileSync(new URL('../../../extension/_locales/en/messages.json', import.meta.url), 'utf8'),
);

/** @param {string} key @param {(string | number)[]} values */
export const text = (key, ...values) =>
  (messages[key]?.message ?? '').replace(/\$(\d)/g, (_, index) => String(values[Number(index) - 1] ?? ''));
