/**
 * Tries rules on the recording, apart from the worker that checks what is typed. The newest question counts: an older one
 * that is under way is given up between two slices.
 */
import * as recording from '../../lib/recording.js';
import init, { Backtest } from '../../pkg/workbench.js';
import { readLines } from './lines.js';

/** @typedef {{ id: number, text: string, index: number, inForce: string }} Question */

const ready = init({ module_or_path: new URL('../../pkg/workbench_bg.wasm', import.meta.url) });
/** @type {Backtest | undefined} */
let backtest;
let newest = 0;

/** Lets newer messages in. */
const breathe = () => new Promise((resolve) => setTimeout(resolve, 0));

async function loadRecording() {
  await ready;
  backtest = new Backtest();
  let unreadable = 0;
  for (const key of await recording.list()) {
    const bytes = await recording.read(key);
    if (bytes && !backtest.add(bytes)) unreadable += 1;
  }
  self.postMessage({ kind: 'loaded', about: backtest.about(), unreadable });
}

/** @param {Blob} file */
async function loadFile(file) {
  await ready;
  const loaded = new Backtest();
  let unreadable = 0;
  await readLines(file, (lines) => {
    unreadable += loaded.addLines(lines);
  });
  backtest = loaded;
  self.postMessage({ kind: 'loaded', about: loaded.about(), unreadable });
}

/** @param {Question} question */
async function tryRules({ id, text, index, inForce }) {
  newest = id;
  await ready;
  if (!backtest || newest !== id) return;
  self.postMessage({ kind: 'tried', id, tried: backtest.alone(text, index, inForce) });
  if (!backtest.begin(text)) return;
  for (;;) {
    await breathe();
    if (newest !== id) return;
    const progress = backtest.step();
    const together = progress.kind === 'done' ? backtest.together() : undefined;
    self.postMessage({ kind: 'all', id, progress, together });
    if (progress.kind === 'done') return;
  }
}

self.addEventListener('message', async ({ data }) => {
  try {
    if (data.kind === 'recording') await loadRecording();
    else if (data.kind === 'file') await loadFile(data.file);
    else await tryRules(data);
  } catch (error) {
    self.postMessage({ kind: 'failed', why: error instanceof Error ? error.message : String(error) });
  }
});
