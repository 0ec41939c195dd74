/**
 * Every figure that Cuewire aims at, side by side in one run. `cargo xtask bench` builds everything and starts this. It prints
 * a table and writes all runs as JSON. An aim that is missed fails nothing: the machine may be busy, and `BENCHMARKS.md` says
 * what each missed aim consists of.
 */
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { chromiumProgram, root } from '../lib/environment.mjs';
import { onStage } from '../lib/scene.mjs';
import { measureHot } from './figures/hot.mjs';
import { measureIdle } from './figures/idle.mjs';
import { longLog } from './figures/log.mjs';
import { popupOfSleepingWorker } from './figures/popup.mjs';
import { measureReady, measureSize } from './figures/ready.mjs';
import { cells, HEAD, isReached, ratio, spread, table } from './row.mjs';
import { measureRules } from './figures/rules.mjs';
import { measureStart } from './figures/start.mjs';
import { measureThroughput } from './figures/throughput.mjs';

/** @typedef {import('./row.mjs').Row} Row */

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    json: { type: 'string' },
  },
});
const { quick } = values;
const RUNS = quick ? 5 : 9;

/** Of plain JavaScript's time, by message: text and binary, the shortest first. */
const HOT_AIMS = { text: [1.0, 0.8, 0.8], binary: [0.5, 0.3, 0.2] };

/** Each part in words, and what measures it. @type {[string, () => Promise<Row[]>][]} */
const PARTS = [
  ['size', measureSize],
  ['ready', () => measureReady(RUNS)],
  ['hot path', hot],
  ['throughput', () => measureThroughput(1_000, quick ? 24 : 80)],
  ['rules', () => measureRules(quick ? 5 : 15, 4)],
  ['start', () => start(quick ? [1_000, 20_000] : [1_000, 20_000, 100_000, 250_000])],
  ['popup', popup],
  ['log', log],
  ['idle', () => measureIdle(quick ? 20 : 600)],
];

const machine = {
  processor: `${cpus().length} × ${cpus()[0]?.model}`,
  browser: said(chromiumProgram, '--version'),
  commit: said('git', '-C', root, 'rev-parse', '--short', 'HEAD'),
  loadBefore: loadavg(),
};
/** @type {Row[]} */
const rows = [];
/** @type {string[]} */
const failed = [];
for (const [name, measure] of PARTS.filter(([name]) => name.includes(values.only))) {
  try {
    rows.push(...(await measure()));
    console.log(`measured ${name}`);
  } catch (error) {
    failed.push(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}
console.log(table(HEAD, rows.map(cells)));
console.log(`${machine.processor}; ${machine.browser}; ${machine.commit}; load ${loadavg()[0]?.toFixed(1)}`);
if (values.json) {
  const judged = rows.map((row) => ({ ...row, ...spread(row.own), ratio: ratio(row), reached: isReached(row) }));
  const figures = { ...machine, loadAfter: loadavg(), rows: judged };
  await writeFile(values.json, `${JSON.stringify(figures, null, 1)}\n`);
}
for (const line of failed) console.log(`not measured: ${line}`);
if (failed.length > 0) process.exitCode = 1;

/** @returns {Promise<Row[]>} */
async function hot() {
  const costs = await measureHot(quick ? RUNS : 21);
  const order = [...new Set(costs.map(({ bytes }) => bytes))].sort((one, other) => one - other);
  return costs.map(({ bytes, form, own, plain }) => {
    const most = HOT_AIMS[form][order.indexOf(bytes)] ?? 1;
    return {
      name: `one event that is due nothing, ${bytes} bytes, ${form}`,
      unit: 'µs',
      own,
      beside: plain,
      besideIs: 'plain JavaScript',
      aim: `≤ ${most.toFixed(1)} ×`,
      holds: (/** @type {number} */ figure) => figure <= most,
    };
  });
}

/** @param {number[]} sizes @returns {Promise<Row[]>} */
async function start(sizes) {
  /** @type {Row[]} */
  const rows = [];
  for (const remembered of sizes) {
    const { open, megabytes } = await measureStart({ remembered, form: 'buckets' });
    const of = `${remembered.toLocaleString('en')} remembered`;
    rows.push(
      { name: `wasm at hand → stream open, ${of}`, unit: 'ms', own: open, aim: '≤ 100 ms', holds: (ms) => ms <= 100 },
      { name: `memory of the wasm, ${of}`, unit: 'MB', own: [megabytes], aim: '≤ 10 MB', holds: (mb) => mb <= 10 },
    );
  }
  return rows;
}

/** @returns {Promise<Row[]>} */
async function popup() {
  const own = await onStage((stage) => popupOfSleepingWorker(stage, RUNS));
  return [{ name: 'popup with the worker asleep', unit: 'ms', own, aim: '≤ 100 ms', holds: (ms) => ms <= 100 }];
}

/** @returns {Promise<Row[]>} */
async function log() {
  const entries = 20_000;
  const { cost } = await onStage((stage) => longLog(stage, { entries, rounds: 5 }));
  const of = `${entries.toLocaleString('en')} log entries`;
  const frames = cost.frames.map(({ p95 }) => p95);
  const searched = cost.searched.map(({ tookMs }) => tookMs);
  return [
    { name: `${of}: first one shown`, unit: 'ms', own: cost.opened, aim: '≤ 100 ms', holds: (ms) => ms <= 100 },
    { name: `${of}: searched`, unit: 'ms', own: searched, aim: '≤ 150 ms', holds: (ms) => ms <= 150 },
    { name: `${of}: scrolling, frame p95`, unit: 'ms', own: frames, aim: '≤ 34 ms', holds: (ms) => ms <= 34 },
  ];
}

/** @param {string} program @param {string[]} words */
function said(program, ...words) {
  return execFileSync(program, words, { encoding: 'utf8' }).trim();
}
