/**
 * The core in a plain tab: the WebAssembly of the extension, without an engine. The newest question counts: an older one
 * that is under way is given up between two slices.
 */
import init, { Backtest, Workbench } from '../../extension/pkg/workbench.js';
import { readLines } from '../../extension/rules/effect/lines.js';

/** @typedef {import('../../extension/pkg/workbench.js').Checked} Checked */
/** @typedef {import('../../extension/pkg/workbench.js').Count} Count */
/** @typedef {import('../../extension/pkg/workbench.js').TapeView} TapeView */
/** @typedef {import('../../extension/pkg/workbench.js').Together} Together */
/** @typedef {{ kind: 'rules', id: number, text: string } | { kind: 'file', id: number, file: Blob }} Order */
/**
 * @typedef {{ kind: 'checked', id: number, checked: Checked }
 *   | { kind: 'running', id: number, share: number }
 *   | { kind: 'done', id: number, total: Count, together: Together | undefined }
 *   | { kind: 'loaded', id: number, about: TapeView | undefined, unreadable: number }
 *   | { kind: 'unread', id: number, why: string }
 *   | { kind: 'failed', id: number, why: string }} Said
 */

const ready = init({ module_or_path: new URL('../../extension/pkg/workbench_bg.wasm', import.meta.url) });
const bench = ready.then(() => new Workbench());
/** @type {Backtest | undefined} */
let backtest;
/** The recording. @type {Blob | undefined} */
let recording;
let [newest, newestFile] = [0, 0];

/** @param {Said} said */
const say = (said) => self.postMessage(said);

/** @param {unknown} error */
const words = (error) => (error instanceof Error ? error.message : String(error));

/** Lets newer messages in. */
const breathe = () => new Promise((resolve) => setTimeout(resolve, 0));

/** @param {number} id @param {string} text */
async function tryRules(id, text) {
  newest = id;
  const checked = (await bench).check(text);
  if (newest !== id) return;
  say({ kind: 'checked', id, checked });
  if (recording && backtest && !backtest.isReadFor(text)) {
    const { loaded } = await read(recording, text);
    if (newest !== id) return loaded.free();
    backtest.free();
    backtest = loaded;
  }
  if (!backtest?.begin(text)) return;
  for (;;) {
    await breathe();
    if (newest !== id) return;
    const progress = backtest.step();
    if (progress.kind === 'done') {
      return say({ kind: 'done', id, total: progress.value, together: backtest.together() });
    }
    say({ kind: 'running', id, share: progress.value });
  }
}

/** Reads a file where rules point. @param {Blob} file @param {string} text */
async function read(file, text) {
  const loaded = new Backtest();
  loaded.readFor(text);
  let unreadable = 0;
  await readLines(file, (lines) => {
    unreadable += loaded.addLines(lines);
  });
  return { loaded, unreadable };
}

/** A file that cannot be read leaves the recording before it in place. @param {number} id @param {Blob} file */
async function load(id, file) {
  newestFile = id;
  await ready;
  let done;
  try {
    done = await read(file, '');
  } catch (error) {
    if (newestFile === id) say({ kind: 'unread', id, why: words(error) });
    return;
  }
  const { loaded, unreadable } = done;
  if (newestFile !== id) return loaded.free();
  // Ends the trial under way, because it was about the recording before.
  newest = 0;
  backtest?.free();
  backtest = loaded;
  recording = file;
  say({ kind: 'loaded', id, about: loaded.about(), unreadable });
}

self.addEventListener('message', async ({ data }) => {
  const order = /** @type {Order} */ (data);
  try {
    await (order.kind === 'rules' ? tryRules(order.id, order.text) : load(order.id, order.file));
  } catch (error) {
    say({ kind: 'failed', id: order.id, why: words(error) });
  }
});
