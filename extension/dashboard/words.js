/** Figures, times and names as the dashboard says them. */
import { ruleWords, whyWords } from '../lib/words/evidence.js';
import { text } from '../lib/words/text.js';
import { duration } from '../lib/words/words.js';

/** @typedef {import('../pkg/cuewire.js').GapCause} GapCause */
/** @typedef {import('../pkg/cuewire.js').RuleView} RuleView */
/** @typedef {import('../pkg/cuewire.js').Scope} Scope */

const whole = new Intl.NumberFormat();
const tenths = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const hundredths = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const percentage = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });
const seconds = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const minutes = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });

/** @param {number} number */
export const count = (number) => whole.format(number);

/** Per second: small ones to a tenth. @param {number} number */
export const rate = (number) => (number >= 100 || number === 0 ? whole : tenths).format(number);

/** To two decimals, with a minus as people write it. @param {number} number */
export const score = (number) => minus(hundredths.format(Math.round(number * 100) / 100 || 0));

/** All of it: never rounded up to a hundred. @param {number} share 0 … 1 */
export const percent = (share) => percentage.format(share < 1 ? Math.min(share, 0.999) : 1);

/** `84 ms`, `1.2 s`, and from ten seconds on as every other time. @param {number} ms */
export function span(ms) {
  if (ms < 1_000) return text('dashboard_ms', count(Math.round(ms)));
  return ms < 10_000 ? text('seconds', tenths.format(ms / 1_000)) : duration(ms, text);
}

/** The time with seconds today, the date and the time before that. @param {number} at @param {number} [now] */
export const moment = (at, now = Date.now()) => (isSameDay(at, now) ? seconds : day).format(at);

/** Hours and minutes. @param {number} at */
export const hour = (at) => minutes.format(at);

/** When something ends: the time today, the date and the time otherwise. @param {number} at @param {number} [now] */
export const end = (at, now = Date.now()) => (isSameDay(at, now) ? minutes : day).format(at);

/** @param {number} at */
export const instant = (at) => seconds.format(at);

/** The active rules, as the core sent them last. @type {RuleView[]} */
let rules = [];

/** @param {RuleView[]} told */
export function knowRules(told) {
  rules = told;
}

export const ruleIds = () => rules.map(({ id }) => id);

/** @param {string} id */
export const rule = (id) => ruleWords(id, text, rules);

/** Why a card is due, in few words. @param {Parameters<typeof whyWords>[0]} trigger */
export const why = (trigger) => whyWords(trigger, text, rules);

/** @param {string} name empty for all those beyond the ones told apart */
export const queue = (name) => name || text('dashboard_otherQueues');

/** @param {Scope | null | undefined} scope */
export function scope(scope) {
  if (!scope) return text('dashboard_everything');
  return scope.by === 'queue'
    ? text('dashboard_queueNamed', scope.name)
    : text('dashboard_ruleNamed', rule(scope.name));
}

/** @param {GapCause} cause */
export function cause(cause) {
  switch (cause.by) {
    case 'closed':
      return text('dashboard_gapClosed', cause.code);
    case 'silent':
      return text('dashboard_gapSilent');
    case 'restart':
      return text('dashboard_gapRestart');
    case 'person':
      return text('pausedByPerson');
  }
}

/** @param {string} words */
const minus = (words) => words.replace('-', '−');

/** @param {number} a @param {number} b */
const isSameDay = (a, b) => new Date(a).toDateString() === new Date(b).toDateString();
