/** The words as the browser would find them: the real messages, filled in as `chrome.i18n` does. */
import { readFileSync } from 'node:fs';

/** @param {string} language @returns {Record<string, { message: string }>} */
const read = (language) =>
  JSON.parse(readFileSync(new URL(`../../../extension/_locales/${language}/messages.json`, import.meta.url), 'utf8'));

/** @param {Record<string, { message: string }>} messages */
const sayer =
  (messages) =>
  (/** @type {string} */ key, /** @type {(string | number)[]} */ ...values) =>
    (messages[key]?.message ?? '').replace(/\$(\d)/g, (_, index) => String(values[Number(index) - 1] ?? ''));

export const messages = read('en');

export const text = sayer(messages);

/** The words of another language. @param {string} language */
export const textIn = (language) => sayer(read(language));
