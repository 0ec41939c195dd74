/** The saved rules: read from the worker, and saved through it. */
import { ask } from '../lib/parts/page.js';

/** @typedef {import('../pkg/workbench.js').RuleError} RuleError */
/** @typedef {import('./draft.js').Rule} Rule */
/** What became of saving; `words`: why it failed. @typedef {{ is: 'done' } | { is: 'notSetUp' } | { is: 'rejected', errors: RuleError[] } | { is: 'failed', words: string }} Saved */

/** @returns {Promise<Rule[] | undefined>} none where no engine answers */
export async function load() {
  const answer = /** @type {any} */ (await ask(/** @type {any} */ ({ kind: 'rules' })));
  if (answer.kind !== 'rules') return undefined;
  const { text } = answer.value;
  return JSON.parse(text).rules;
}

/** @param {string} text @returns {Promise<Saved>} */
export async function save(text) {
  const answer = /** @type {any} */ (await ask(/** @type {any} */ ({ kind: 'saveRules', text, checkOnly: false })));
  if (answer.kind === 'done') return { is: 'done' };
  if (answer.kind === 'notSetUp') return { is: 'notSetUp' };
  if (answer.kind === 'rulesRejected') return { is: 'rejected', errors: answer.value };
  return { is: 'failed', words: answer.kind === 'failed' || answer.kind === 'wasmFailed' ? answer.value : answer.kind };
}
