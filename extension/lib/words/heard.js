/** How many recent values a threshold triggers on. */
import { text } from './text.js';
import { count } from './words.js';

/** @typedef {import('../../pkg/cuewire.js').Histogram} Histogram */
/** @typedef {'sentiment' | 'wait'} Heard */

const CHANGED = { sentiment: 'dashboard_sentimentEffect', wait: 'dashboard_waitEffect' };
const CURRENT = { sentiment: 'heardSentiment', wait: 'heardWait' };

/**
 * In one sentence; empty where nothing was heard.
 *
 * @param {Heard} what
 * @param {Histogram} histogram with the saved threshold
 * @param {number} after the threshold in its place
 */
export function heard(what, { bins, threshold: before, due: side }, after) {
  const all = bins.reduce((sum, { count }) => sum + count, 0);
  if (all === 0) return '';
  const width = (bins[1]?.from ?? 1) - (bins[0]?.from ?? 0);
  // The bin that holds the threshold counts in part, as if its values were spread evenly.
  const due = (/** @type {number} */ at) =>
    bins.reduce((sum, { from, count }) => {
      const below = Math.min(1, Math.max(0, (at - from) / width));
      return sum + count * (side === 'below' ? below : 1 - below);
    }, 0);
  if (before === after) return text(CURRENT[what], count(Math.round(due(after))), count(all));
  return text(CHANGED[what], count(Math.round(due(after))), count(Math.round(due(before))), count(all));
}
