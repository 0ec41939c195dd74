/** A rule read back: Rust gives the parts of the sentence, the language gives the words. */

/** @typedef {import('../../lib/words/text.js').Text} Text */
/** @typedef {import('../../pkg/workbench.js').Sentence} Sentence */
/** @typedef {import('../../pkg/workbench.js').Phrase} Phrase */
/** @typedef {import('../../pkg/workbench.js').Said} Said */
/** @typedef {import('../../pkg/workbench.js').Hours} Hours */

/** The whole rule. @param {Sentence} said @param {Text} text */
export function sentence(said, text) {
  const language = text('language');
  const any = (/** @type {string[]} */ words) => list(words, 'disjunction', language);
  let when = phrase(said.when, said.holdMs !== undefined, true, text);
  if (said.holdMs !== undefined) when = text('say_hold', when, span(said.holdMs, text));
  if (said.inQueues.length > 0) when = text('say_in', when, any(said.inQueues));
  if (said.notInQueues.length > 0) when = text('say_notIn', when, any(said.notInQueues));
  if (said.hours) when = text('say_hours', when, hours(said.hours, text));
  const card = text(said.mode === 'shadow' ? 'say_card_shadow' : `say_card_${said.severity}`);
  const all = [text('say_rule', when, card, text(`say_once_${said.once}`))];
  if (said.clears) all.push(text('say_clears', phrase(said.clears, false, true, text)));
  if (said.keepFiringMs !== undefined) all.push(text('say_keepFiring', span(said.keepFiringMs, text)));
  if (said.cooldownMs !== undefined) all.push(text('say_cooldown', span(said.cooldownMs, text)));
  return all.join(language === 'ja' ? '' : ' ');
}

/**
 * @param {Phrase} part
 * @param {boolean} stays it must last
 * @param {boolean} outermost a group inside another stands in brackets
 * @param {Text} text
 * @returns {string}
 */
function phrase(part, stays, outermost, text) {
  switch (part.is) {
    case 'compare':
      return compare(part.of, stays, text);
    case 'not':
      return text('say_not', phrase(part.of, stays, false, text));
    default: {
      const words = part.of
        .map((inner) => phrase(inner, stays, false, text))
        .reduce((before, next) => text(`say_${part.is}`, before, next));
      return outermost ? words : `(${words})`;
    }
  }
}

/**
 * A comparison that must last has words of its own where a message has them.
 *
 * @param {Said} said
 * @param {boolean} stays
 * @param {Text} text
 */
function compare({ field, window, operator, value, unit }, stays, text) {
  const name = field.startsWith('/') ? field : text(`say_field_${field}`);
  const subject = window ? text(`say_figure_${window.figure}`, name, over(window, text)) : name;
  const wanted = value === undefined ? '' : object(value, unit, text);
  return (stays && text(`say_stays_${operator}`, subject, wanted)) || text(`say_is_${operator}`, subject, wanted);
}

/** @param {{ values?: number | undefined, seconds?: number | undefined }} window @param {Text} text */
function over({ values, seconds }, text) {
  if (values === 1) return text('say_lastValue');
  return values ? text('say_lastValues', values) : text('say_lastSeconds', span((seconds ?? 0) * 1_000, text));
}

/** @param {unknown} value @param {Said['unit']} unit @param {Text} text */
function object(value, unit, text) {
  const language = text('language');
  if (Array.isArray(value))
    return list(
      value.map((one) => text('say_quoted', one)),
      'disjunction',
      language,
    );
  if (typeof value !== 'number') return text('say_quoted', String(value));
  if (unit === 'duration') return value < 0 ? `−${span(-value, text)}` : span(value, text);
  return unit === 'percent' ? text('say_percent', number(value * 100, language)) : number(value, language);
}

/** @param {Hours} hours @param {Text} text */
function hours({ days, from, to, zone }, text) {
  const language = text('language');
  const on =
    days.length > 0
      ? text(
          'say_days',
          list(
            days.map((day) => dayName(day, language)),
            'conjunction',
            language,
          ),
        )
      : text('say_everyDay');
  const words = from === to && from === 0 ? on : text('say_times', on, clock(from), clock(to));
  return zone ? text('say_zone', words, zone) : words;
}

/** As `mon`. 5 January 1970 was a Monday. @param {string} day @param {string} language @param {'short' | 'long'} [length] */
export function dayName(day, language, length = 'short') {
  const date = new Date(Date.UTC(1970, 0, 5 + DAYS.indexOf(day)));
  return new Intl.DateTimeFormat(language, { weekday: length, timeZone: 'UTC' }).format(date);
}

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** Minutes since midnight as a time. @param {number} minutes */
const clock = (minutes) => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;

/** A span with all its units: `1 h 2 min 3 s`. @param {number} ms @param {Text} text */
export function span(ms, text) {
  const [hours, minutes, rest] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, ms % 60_000];
  const said = [];
  if (hours > 0) said.push(text('hours', hours));
  if (minutes > 0) said.push(text('minutes', minutes));
  if (rest > 0 || said.length === 0) said.push(text('seconds', number(rest / 1_000, text('language'))));
  return said.join(' ');
}

/** With a true minus. @param {number} value @param {string} language */
const number = (value, language) =>
  new Intl.NumberFormat(language, { maximumFractionDigits: 6 }).format(value).replace('-', '−');

/** @param {string[]} words @param {'conjunction' | 'disjunction'} type @param {string} language */
const list = (words, type, language) => new Intl.ListFormat(language, { type }).format(words);
