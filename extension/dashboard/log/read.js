/** Pages of the log, as the worker reads them. */
import { ask } from '../../lib/parts/page.js';

/** @typedef {import('../../pkg/cuewire.js').LogPage} LogPage */

/** Entries of the newest page, which is shown at once. */
export const FIRST_PAGE = 60;

/** A page of the log. @param {number | undefined} before @param {number} limit @returns {Promise<LogPage>} */
export async function read(before, limit) {
  const answer = await ask({ kind: 'log', before, limit });
  if (answer.kind === 'log') return answer.value;
  throw new Error(answer.kind === 'failed' || answer.kind === 'wasmFailed' ? answer.value : answer.kind);
}
