/** Numbers, times and states as people read them. */

/** @typedef {import('./text.js').Text} Text */
/** @typedef {import('../../pkg/cuewire.js').State} State */
/** @typedef {import('../../pkg/cuewire.js').CardView} CardView */
/** @typedef {import('../../pkg/cuewire.js').PollView} PollView */
/** @typedef {import('../../pkg/cuewire.js').DiagnosisView} DiagnosisView */

/** @param {number} number @param {string} [language] */
export const count = (number, language) => new Intl.NumberFormat(language).format(number);

/** The time of day today, the date before that. @param {number} at @param {number} now @param {string} [language] */
export function moment(at, now, language) {
  const today = new Date(at).toDateString() === new Date(now).toDateString();
  /** @type {Intl.DateTimeFormatOptions} */
  const shape = today ? { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } : { month: 'short', day: 'numeric' };
  return new Intl.DateTimeFormat(language, shape).format(at);
}

/**
 * The two largest units that matter: `4 s`, `2 min 5 s`, `3 h 12 min`, `2 d 4 h`.
 *
 * @param {number} ms
 * @param {Text} text
 */
export function duration(ms, text) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3600), Math.floor(seconds / 86_400)];
  if (minutes === 0) return text('seconds', seconds);
  if (hours === 0) return seconds % 60 === 0 ? text('minutes', minutes) : text('minutesSeconds', minutes, seconds % 60);
  if (days === 0) return minutes % 60 === 0 ? text('hours', hours) : text('hoursMinutes', hours, minutes % 60);
  return hours % 24 === 0 ? text('days', days) : text('daysHours', days, hours % 24);
}

/** Whole seconds until then, at least one: a state does not say "in 0 s". @param {number} at @param {number} now */
export const secondsUntil = (at, now) => Math.max(1, Math.ceil((at - now) / 1000));

/** @param {State} state @param {number} now @param {Text} text */
export function stateWords(state, now, text) {
  switch (state.word) {
    case 'notSetUp':
      return text('stateNotSetUp');
    case 'paused':
      return text('statePaused');
    case 'needsAttention':
      return text('stateNeedsAttention');
    case 'streaming':
      return text('stateStreaming');
    case 'watching':
      return text('stateWatching');
    case 'reconnecting':
      return text('stateReconnecting', text('seconds', secondsUntil(state.at, now)));
    case 'connecting':
      return text('stateConnecting');
  }
}

/**
 * How much later than a stream's a card may come, because the service is asked again and again; empty with a stream.
 *
 * A poll without a name of its own tells nothing of a customer. The first of a name is what an event waits for; those
 * after it fetch details, and only now and then.
 *
 * @param {Pick<PollView, 'what' | 'every'>[]} polls
 * @param {Text} text
 */
export function pollWords(polls, text) {
  /** @type {Map<string, number>} */
  const cadences = new Map();
  for (const { what, every } of polls) {
    const name = text(`poll_${what}`);
    if (name && !cadences.has(name)) cadences.set(name, every);
  }
  if (cadences.size === 0) return '';
  const parts = [...cadences].map(([name, every]) => text('dashboard_pollEvery', name, duration(every, text)));
  return text('dashboard_polls', new Intl.ListFormat(text('language')).format(parts));
}

/** How a card stands. @param {CardView} card @param {Text} text */
export function cardWords({ state }, text) {
  switch (state.is) {
    case 'accepting':
      return text('cardAccepting');
    case 'waiting':
      return text('cardWaiting');
    case 'sending':
      return text('cardSending');
    case 'delivered':
      return text('cardDelivered');
    case 'withdrawn':
      return text('cardWithdrawn');
    case 'dryRun':
      return text('cardDryRun');
    case 'givenUp':
      return text(
        `cardGivenUp_${state.why.why}`,
        state.why.why === 'refused' ? httpStatus(state.why.status, text) : '',
      );
  }
}

/** A status of 0 is one that the browser hides. @param {number | string} status @param {Text} text */
export const httpStatus = (status, text) => (Number(status) === 0 ? text('noAnswer') : text('httpStatus', status));
