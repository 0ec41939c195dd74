/**
 * Tries rules on the recording, apart from the worker that checks what is typed. The newest question counts: an older one
 * that is under way is given up between two slices.
 */
import * as recording from '../../lib/browser/recording.js';
import { offsetsBetween, zoneOffset } from '../../lib/browser/zone.js';
import init, { Backtest } from '../../pkg/workbench.js';
import { readLines } from './lines.js';

/** @typedef {{ id: number, text: string, index: number, inForce: string }} Question */

const ready = init({ module_or_path: new URL('../../pkg/workbench_bg.wasm', import.meta.url) });
/** @type {Backtest | undefined} */
let backtest;
/** The file in place of the recording. @type {Blob | undefined} */
let file;
let newest = 0;
/** Zones whose offsets the recording knows. @type {Set<string>} */
let told = new Set();

/** Milliseconds after which newer questions are let in. */
const TURN = 12;

/** Lets newer messages in. */
const breathe = () => new Promise((resolve) => setTimeout(resolve, 0));

async function loadRecording() {
  await ready;
  backtest = new Backtest();
  told = new Set();
  file = undefined;
  let unreadable = 0;
  for (const key of await recording.list()) {
    const bytes = await recording.read(key);
    if (bytes && !backtest.add(bytes)) unreadable += 1;
  }
  self.postMessage({ kind: 'loaded', about: backtest.about(), unreadable });
}

/**
 * A file is read where rules point, and read again when rules point elsewhere.
 *
 * @param {Blob} chosen
 * @param {string[]} texts rules
 */
async function readFile(chosen, texts) {
  await ready;
  const loaded = new Backtest();
  for (const text of texts) loaded.readFor(text);
  let unreadable = 0;
  await readLines(chosen, (lines) => {
    unreadable += loaded.addLines(lines);
  });
  return { loaded, unreadable };
}

/** @param {Blob} chosen */
async function loadFile(chosen) {
  const { loaded, unreadable } = await readFile(chosen, []);
  backtest = loaded;
  file = chosen;
  self.postMessage({ kind: 'loaded', about: loaded.about(), unreadable });
}

/** Local time as it was, for schedules. A file has no time of day. @param {string} text */
function tellZones(text) {
  const zones = file ? [] : (backtest?.zones(text) ?? []).filter((zone) => !told.has(zone));
  if (zones.length === 0) return;
  const about = backtest?.about();
  for (const zone of zones) {
    told.add(zone);
    const offset = (/** @type {Date} */ at) => (zone ? zoneOffset(zone, at) : -at.getTimezoneOffset());
    const offsets = offsetsBetween(about?.from ?? 0, about?.until ?? 0, offset);
    for (const [since, minutes] of offsets) backtest?.setOffset(zone, since, minutes);
  }
}

/**
 * Goes on until something is done, and lets newer questions in now and then. None where a newer one counts.
 *
 * @template T
 * @param {number} id
 * @param {() => T | undefined} step
 * @param {(value: T) => boolean} look whether that was the last one
 */
async function inTurns(id, step, look) {
  let since = performance.now();
  for (;;) {
    const value = step();
    if (value === undefined || look(value)) return;
    if (performance.now() - since < TURN) continue;
    await breathe();
    if (newest !== id) return;
    since = performance.now();
  }
}

/** @param {Question} question */
async function tryRules({ id, text, index, inForce }) {
  newest = id;
  await ready;
  // A slider that moves on asks again before this: only its newest place counts.
  await breathe();
  if (!backtest || newest !== id) return;
  if (file && ![text, inForce].every((rules) => backtest?.isReadFor(rules))) {
    const chosen = file;
    const { loaded } = await readFile(chosen, [text, inForce]);
    if (newest !== id || file !== chosen) return;
    backtest = loaded;
  }
  const asked = backtest;
  tellZones(text);
  self.postMessage({ kind: 'unrecorded', id, rules: asked.unrecorded(text).rules });
  if (asked.ask(text, index, inForce)) {
    await inTurns(
      id,
      () => asked.stepAlone(),
      (said) => {
        if (said.kind === 'done') self.postMessage({ kind: 'tried', id, tried: said.value });
        return said.kind === 'done';
      },
    );
  } else self.postMessage({ kind: 'tried', id });
  await breathe();
  if (newest !== id || !asked.begin(text)) return;
  let told = 0;
  await inTurns(
    id,
    () => asked.step(),
    (progress) => {
      const isDone = progress.kind === 'done';
      if (!isDone && performance.now() - told < TURN) return false;
      told = performance.now();
      self.postMessage({ kind: 'all', id, progress, together: isDone ? asked.together() : undefined });
      return isDone;
    },
  );
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
