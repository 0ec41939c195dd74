/** Calls of the page's worker: each is answered by Rust, in the order in which it was made. */

/** @typedef {import('../pkg/workbench.js').Checked} Checked */
/** @typedef {import('../pkg/workbench.js').Vocabulary} Vocabulary */

/** @type {Worker | undefined} */
let worker;
/** @type {Map<number, { resolve: (value: any) => void, reject: (why: Error) => void }>} */
const waiting = new Map();
let calls = 0;

/** @param {string} call @param {unknown[]} args @returns {Promise<any>} */
function ask(call, ...args) {
  worker ??= start();
  const id = ++calls;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    worker?.postMessage({ id, call, args });
  });
}

function start() {
  const started = new Worker(new URL('worker.js', import.meta.url), { type: 'module' });
  started.addEventListener('message', ({ data: { id, value, wrong } }) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (wrong === undefined) asked?.resolve(value);
    else fail(started, wrong, asked);
  });
  started.addEventListener('error', ({ message }) => fail(started, message));
  return started;
}

/** A WebAssembly that has trapped is of no use any more: the next call gets a fresh one. @param {Worker} failed @param {string} why @param {{ reject: (why: Error) => void }} [asked] */
function fail(failed, why, asked) {
  asked?.reject(new Error(why));
  for (const { reject } of waiting.values()) reject(new Error(why));
  waiting.clear();
  failed.terminate();
  if (worker === failed) worker = undefined;
}

/** Reads a rule set, reads each rule back and runs its examples. @param {string} text @returns {Promise<Checked>} */
export const check = (text) => ask('check', text);

/** What a rule may name. @returns {Promise<Vocabulary>} */
export const vocabulary = () => ask('vocabulary');
