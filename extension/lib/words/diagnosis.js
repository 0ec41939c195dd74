/** What is wrong, in words: what happened, why it usually does, and the one thing to do next. */
import { duration, httpStatus, moment } from './words.js';

/** @typedef {import('../../pkg/cuewire.js').DiagnosisView} DiagnosisView */
/** @typedef {import('./text.js').Text} Text */
/** @typedef {{ what: string, why: string, next: string, detail: string }} Words `detail` is what the server or the browser says itself */

/** How to show a value of each kind; other values are shown unchanged. */
const SHOWN = {
  /** @param {string} value @param {Text} text */
  status: (value, text) => httpStatus(value, text),
  /** @param {string} value @param {Text} text */
  span: (value, text) => duration(Number(value), text),
  /** @param {string} value @param {Text} text */
  seconds: (value, text) => duration(Number(value) * 1000, text),
  /** @param {string} value @param {Text} text @param {number} now */
  until: (value, text, now) => duration(Number(value) - now, text),
  /** @param {string} value @param {Text} text */
  rejection: (value, text) => text(`rejection_${value}`) || value,
  /** @param {string} value @param {Text} text */
  tokenFault: (value, text) => text(`tokenFault_${value}`) || value,
  /** @param {string} value @param {Text} text */
  read: (value, text) => text(`test_${value}`) || value,
  /** @param {string} value @param {Text} text */
  discoveryFault: (value, text) => text(`discoveryFault_${value}`) || value,
};

/** The values of each code, in their order. @type {Record<string, (keyof typeof SHOWN | 'detail' | 'plain')[]>} */
const VALUES = {
  credentialsRejected: ['status', 'detail'],
  tokenUnavailable: ['status', 'detail'],
  tokenUnusable: ['tokenFault'],
  accessKeyRefused: ['status', 'detail'],
  signInSoon: ['until'],
  signInRefused: ['detail'],
  signInDenied: ['detail'],
  signInClosed: ['detail'],
  discoveryFailing: ['plain', 'status'],
  discoveryUnusable: ['plain', 'discoveryFault', 'plain'],
  readForbidden: ['read'],
  readRefused: ['read', 'status', 'detail'],
  readFailing: ['read', 'status'],
  readStale: ['read', 'plain'],
  readBehind: ['read', 'plain', 'plain'],
  rateLimited: ['until'],
  serverFailing: ['status'],
  cardRefused: ['status', 'detail'],
  streamSilent: ['seconds'],
  eventsNotUnderstood: ['rejection'],
  storageFailing: ['detail'],
  storageSlow: ['seconds'],
  engineRestarted: ['seconds'],
  workerRestarted: ['span'],
};

/** Where the browser has the last word, and no server. */
const BROWSERS = ['signInClosed', 'storageFailing'];

/** Why the worker refused a page's request; empty where it did not. @param {import('../browser/messages.js').Answer} answer @param {Text} text */
export function refusal(answer, text) {
  if (answer.kind === 'failed' || answer.kind === 'wasmFailed') return answer.value;
  if (answer.kind !== 'notStored') return text(`reply_${answer.kind}`);
  const { what, next } = diagnosisWords(answer.value, Date.now(), text);
  return text('notStored', what, next);
}

/**
 * @param {Pick<DiagnosisView, 'code' | 'values'>} diagnosis
 * @param {number} now wall-clock milliseconds
 * @param {Text} text
 * @returns {Words}
 */
export function diagnosisWords({ code, values }, now, text) {
  let detail = '';
  const shown = values.map((value, index) => {
    const kind = VALUES[code]?.[index] ?? 'plain';
    if (kind === 'detail' && value) {
      detail = `${text(BROWSERS.includes(code) ? 'diagnosisBrowserSays' : 'diagnosisServerSays')} ${value}`;
    }
    return kind === 'detail' || kind === 'plain' ? value : SHOWN[kind](value, text, now);
  });
  // A refused card names its interaction, and has a second text for that.
  const variant = code === 'scopeMissing' && values[1] ? 'scopeMissing_card' : code;
  const [what, why, next] = ['what', 'why', 'next'].map((part) => text(`diagnosis_${variant}_${part}`, ...shown));
  return { what: what || code, why: why ?? '', next: next ?? '', detail };
}

/**
 * Since when trouble lasts that needs attention; empty while it is new.
 *
 * @param {Pick<DiagnosisView, 'tone'> & { since?: number }} diagnosis
 * @param {number} now wall-clock milliseconds
 * @param {Text} text
 */
export function lasting({ tone, since }, now, text) {
  if (tone !== 'danger' || !since || now - since < NEW_MS) return '';
  return text('diagnosisSince', moment(since, now));
}

const NEW_MS = 60_000;
