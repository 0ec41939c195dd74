/** Desktop notifications in words. */
import { diagnosisWords } from './diagnosis.js';
import { whyWords } from './evidence.js';

/** @typedef {Exclude<import('../../pkg/cuewire.js').Notice, { about: 'troubleOver' }>} Notice */

/**
 * A newer notification replaces the older one of its kind. `about` is the log's entry, where there is one.
 *
 * @param {Notice} notice
 * @param {import('./text.js').Text} text
 */
export function notification(notice, text) {
  if (notice.about === 'trouble') {
    const { what, next } = diagnosisWords(notice.diagnosis, Date.now(), text);
    return { kind: 'trouble', about: '', title: what, message: next };
  }
  const { card, rule } = notice;
  const why = whyWords(card, text, [rule]);
  const title = notice.count === 1 ? text('noticeOne') : text('noticeMany', notice.count);
  const message = card.queue ? text('noticeReasonInQueue', why, card.queue) : why;
  return { kind: 'triggers', about: String(card.entry), title, message };
}
