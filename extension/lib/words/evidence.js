/** Evidence in words: what a rule saw, and what it asked for. Any rule, field and operator: without a text, its own name. */
import { duration } from './words.js';

/** @typedef {import('./text.js').Text} Text */
/** @typedef {import('../../pkg/cuewire.js').Evidence} Evidence */
/** @typedef {import('../../pkg/cuewire.js').RuleView} RuleView */
/** @typedef {import('../../pkg/cuewire.js').Value} Value */

const numbers = new Intl.NumberFormat(undefined, { maximumFractionDigits: 4 });

/** A rule's name: its own, else the pages' name for its id, else the id. @param {string} id @param {Text} text @param {RuleView[]} [rules] */
export const ruleWords = (id, text, rules) => rules?.find((one) => one.id === id)?.name || text(key('rule', id)) || id;

/** @param {Evidence} evidence @param {Text} text */
export const fieldWords = ({ field }, text) => text(key('value', field)) || field;

/** @param {Evidence} evidence @param {Text} text */
export const seenWords = ({ field, seen }, text) => (isGiven(seen) ? valueWords(field, seen, text) : text('noData'));

/** What the rule asked for, such as `below −0.5`. @param {Evidence} evidence @param {Text} text */
export function askedWords({ field, operator, threshold }, text) {
  const value = isGiven(threshold) ? valueWords(field, threshold, text) : '';
  return text(key('operator', operator), value) || [operator, value].filter(Boolean).join(' ');
}

/**
 * Why a card is due, in few words: the rule, and what it saw that was as asked for.
 *
 * @param {{ rule: string, reason: string, evidence: Evidence[] }} trigger
 * @param {Text} text
 * @param {RuleView[]} [rules]
 */
export function whyWords({ rule, reason, evidence }, text, rules) {
  const own = evidence.filter((one) => one.rule === rule && one.verdict);
  const seen = new Set(own.map((one) => `${fieldWords(one, text)} ${seenWords(one, text)}`));
  return seen.size > 0 ? [ruleWords(rule, text, rules), ...seen].join(' · ') : reason;
}

/**
 * For files: each comparison as `field seen operator threshold (verdict)`, joined by `; `. Texts are quoted as in JSON,
 * and what is missing is `none`.
 *
 * @param {Evidence[]} evidence
 */
export const evidenceLine = (evidence) => evidence.map(comparison).join('; ');

/** @param {Evidence} evidence */
function comparison({ field, seen, operator, threshold, verdict }) {
  const parts = [field, isGiven(seen) ? JSON.stringify(seen) : 'none', operator];
  if (isGiven(threshold)) parts.push(JSON.stringify(threshold));
  return `${parts.join(' ')} (${verdict ?? 'none'})`;
}

/** @param {string} field @param {Value} value @param {Text} text @returns {string} */
function valueWords(field, value, text) {
  if (Array.isArray(value)) return value.map((one) => valueWords(field, one, text)).join(', ');
  if (typeof value !== 'number') return String(value);
  return field.endsWith('Ms') ? duration(value, text) : numbers.format(value).replace('-', '−');
}

/** @template T @param {T | null | undefined} value @returns {value is T} */
const isGiven = (value) => value !== undefined && value !== null;

/** A name in a key of `_locales`, which may hold letters, digits and `_` alone. @param {string} kind @param {string} name */
const key = (kind, name) => `${kind}_${name.replace(/\W/g, '_')}`;
