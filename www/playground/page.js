/** The playground: orders to the worker, and its answers on the page. */
import { byId } from '../lib/dom.js';
import { Result } from './result.js';
import { loadWords } from './words.js';

/** @typedef {import('./worker.js').Order} Order */
/** @typedef {import('./worker.js').Said} Said */

const rules = /** @type {HTMLTextAreaElement} */ (byId('rules'));
const file = /** @type {HTMLInputElement} */ (byId('file'));
const result = new Result();

let worker = start();
let orders = 0;
let [newestRules, newestFile] = [0, 0];
/** The recording, for a worker that has to begin again. @type {Blob | undefined} */
let recording;

function start() {
  const started = new Worker(new URL('worker.js', import.meta.url), { type: 'module' });
  started.addEventListener('message', ({ data }) => hear(data));
  started.addEventListener('error', () => result.fail('The code did not load. Has `cargo xtask build` run?'));
  return started;
}

/** @param {Order} order */
const send = (order) => worker.postMessage(order);

function tryRules() {
  newestRules = ++orders;
  send({ kind: 'rules', id: newestRules, text: rules.value });
}

/** @param {Blob} chosen @param {string} name */
function load(chosen, name) {
  newestFile = ++orders;
  recording = chosen;
  result.loading(name);
  send({ kind: 'file', id: newestFile, file: chosen });
}

/** @param {Said} said */
function hear(said) {
  if (said.kind === 'failed') return restart(said.id, said.why);
  if (said.id !== newestRules && said.id !== newestFile) return;
  switch (said.kind) {
    case 'checked':
      return result.check(said.checked);
    case 'running':
      return result.running(said.share);
    case 'done':
      return result.done(said.total, said.together);
    case 'unread':
      recording = undefined;
      return result.unread(said.why);
    case 'loaded':
      result.loaded(said.about, said.unreadable);
      return tryRules();
  }
}

/**
 * A WebAssembly that has trapped is of no use any more. The fresh one gets the recording, unless that was what failed,
 * and the rules once they have changed: the same ones would fail again.
 *
 * @param {number} id @param {string} why
 */
function restart(id, why) {
  result.fail(why);
  worker.terminate();
  worker = start();
  if (id === newestFile) recording = undefined;
  if (recording) send({ kind: 'file', id: ++orders, file: recording });
}

/** @param {string} path beside this script */
async function fetched(path) {
  const answer = await fetch(new URL(path, import.meta.url));
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer;
}

rules.addEventListener('input', tryRules);
byId('open').addEventListener('click', () => file.click());
file.addEventListener('change', () => {
  const [chosen] = file.files ?? [];
  if (chosen) load(chosen, chosen.name);
  file.value = '';
});
byId('sample').addEventListener('click', async () => {
  try {
    load(await (await fetched('sample.ndjson')).blob(), 'sample.ndjson');
  } catch (error) {
    result.unread(String(error));
  }
});
document.addEventListener('dragover', (event) => event.preventDefault());
document.addEventListener('drop', (event) => {
  event.preventDefault();
  const [dropped] = event.dataTransfer?.files ?? [];
  if (dropped) load(dropped, dropped.name);
});

try {
  result.text = await loadWords();
  // Text that a reload kept in the field stays.
  if (rules.value === '') rules.value = await (await fetched('rules.json')).text();
  tryRules();
} catch (error) {
  result.fail(String(error));
}
