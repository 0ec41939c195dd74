/** The entries of the log in words. */
import { text } from '../../lib/words/text.js';
import { cardWords, duration, httpStatus } from '../../lib/words/words.js';
import { cause, end, rule, scope, why } from '../words.js';

/** @typedef {import('../../pkg/cuewire.js').Entry} Entry */
/** @typedef {import('../../pkg/cuewire.js').End} End */
/** @typedef {Extract<Entry, { kind: 'trigger' }>} TriggerEntry */
/** `tone` finds the look of the state. @typedef {{ at: number, what: string, state: string, tone: string, queue: string }} Line */

/** @param {Entry} entry @returns {Line} */
export function line(entry) {
  switch (entry.kind) {
    case 'trigger':
      return {
        at: entry.at,
        what: why(entry),
        state: state(entry),
        tone: entry.end?.is ?? 'waiting',
        queue: entry.queue ?? '',
      };
    case 'gap': {
      const what = text('log_gap', duration(entry.until - entry.from, text));
      return { at: entry.from, what, state: cause(entry.cause), tone: 'stream', queue: '' };
    }
    case 'started':
      return { at: entry.at, what: text('log_started'), state: '', tone: 'stream', queue: '' };
    case 'settings':
      return { at: entry.at, what: text('log_settings', fields(entry.changed)), state: '', tone: 'change', queue: '' };
    case 'paused': {
      const what = entry.until ? text('log_pausedUntil', end(entry.until)) : text('statePaused');
      return {
        at: entry.at,
        what: [what, entry.note].filter(Boolean).join(': '),
        state: about(entry),
        tone: 'change',
        queue: '',
      };
    }
    case 'resumed':
      return { at: entry.at, what: text('log_resumed'), state: about(entry), tone: 'change', queue: '' };
    case 'handled': {
      const what = text('log_handled', rule(entry.trigger.rule));
      return {
        at: entry.at,
        what: [what, entry.note].filter(Boolean).join(': '),
        state: entry.by ?? '',
        tone: 'change',
        queue: '',
      };
    }
    case 'unhandled':
      return { at: entry.at, what: text('log_unhandled'), state: '', tone: 'change', queue: '' };
  }
}

/** What kept a card back. @type {Record<string, string>} */
const KEPT_BACK = {
  snooze: 'log_keptSnooze',
  handled: 'log_keptHandled',
  inhibition: 'log_keptInhibition',
  group: 'log_keptGroup',
  quietHours: 'log_keptQuietHours',
  interactionBudget: 'log_keptInteractionBudget',
  queueBudget: 'log_keptQueueBudget',
};

/** How a trigger stands, or ended. @param {TriggerEntry} entry */
function state({ end: ended, tries }) {
  if (ended) return endWords(ended);
  return tries.length === 0 ? text('cardWaiting') : text('log_waitingAfter', tries.length);
}

/** @param {End} ended */
export function endWords(ended) {
  switch (ended.is) {
    case 'delivered':
      return text('cardDelivered');
    case 'dryRun':
      return text('cardDryRun');
    case 'shadow':
      return text('log_stateShadow');
    case 'dropped':
      return text('log_dropped');
    case 'suppressed':
      return text(KEPT_BACK[ended.by] ?? 'log_stateSuppressed');
    case 'givenUp':
      return cardWords(
        /** @type {import('../../pkg/cuewire.js').CardView} */ ({ state: { is: 'givenUp', why: ended.why } }),
        text,
      );
  }
}

/** Statuses of a refused signal that a person can do something about. @type {Record<number, string>} */
const SIGNAL_NEXT = { 403: 'log_signalNext403', 404: 'log_signalNext404' };

/** What became of a signal, and the next step where it failed. @param {number} status 0 where no answer is known */
export function signalWords(status) {
  const answer = status === 0 ? text('noAnswer') : httpStatus(status, text);
  if (status >= 200 && status < 300) return { what: text('log_signalSent', answer), next: '' };
  const what = text(status >= 400 && status < 500 ? 'log_signalRefused' : 'log_signalUnknown', answer);
  return { what, next: text(SIGNAL_NEXT[status] ?? 'log_signalNext') };
}

/** What a pause was about. @param {Extract<Entry, { kind: 'paused' | 'resumed' }>} entry */
function about(entry) {
  return scope(entry.scope);
}

/** The names of settings, as the settings page has them. @param {string[]} names */
export const fields = (names) => names.map((name) => text(`field_${name}`) || name).join(', ') || '–';
