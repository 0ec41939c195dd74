/** What the core says about the draft: always about the newest one, whatever is typed meanwhile. */
import * as bench from './bench.js';
import * as draft from './draft.js';

/** @typedef {import('../pkg/workbench.js').RuleError} RuleError */
/** @typedef {import('../pkg/workbench.js').Sentence} Sentence */
/** @typedef {import('../pkg/workbench.js').Difference} Difference */
/**
 * @typedef {object} Verdict
 * @property {RuleError[]} errors
 * @property {Sentence | undefined} sentence of the rule that is being edited; none while it has errors
 * @property {Difference[] | undefined} examples what differs in its examples
 * @property {string} failed why nobody could check; empty where somebody has
 */

/** @type {Verdict} */
let verdict = { errors: [], sentence: undefined, examples: undefined, failed: '' };
/** @type {Set<(verdict: Verdict) => void>} */
const listeners = new Set();
let busy = false;
let again = false;

/** @param {(verdict: Verdict) => void} listener */
export const subscribe = (listener) => void listeners.add(listener);

export const get = () => verdict;

/** Checks from now on whatever is edited. */
export function follow() {
  draft.subscribe(() => void look());
  void look();
}

async function look() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  do {
    again = false;
    verdict = await judge();
  } while (again);
  busy = false;
  for (const listener of listeners) listener(verdict);
}

/** @returns {Promise<Verdict>} */
async function judge() {
  const { rules, chosen } = draft.get();
  try {
    const all = await bench.check(draft.text(rules));
    if (all.kind === 'rules') {
      const { sentences, examples } = all.value;
      return { errors: [], sentence: sentences[chosen], examples: examples[chosen], failed: '' };
    }
    // Another rule's mistake does not silence this one.
    const rule = rules[chosen];
    const one = rule ? await bench.check(draft.text([rule])) : undefined;
    const own = one?.kind === 'rules' ? one.value : undefined;
    return { errors: all.value, sentence: own?.sentences[0], examples: own?.examples[0], failed: '' };
  } catch (error) {
    const failed = error instanceof Error ? error.message : String(error);
    return { errors: [], sentence: undefined, examples: undefined, failed };
  }
}
