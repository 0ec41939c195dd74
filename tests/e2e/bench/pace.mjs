/**
 * Cuewire in Chromium beside the plain client, each in front of a server of its own that behaves alike, fed the same due
 * cards. `cargo xtask pace` builds everything and starts this. It prints tables, writes all figures as JSON, and fails if a
 * bound does not hold. The bounds compare two clients on the same machine at the same time; those in milliseconds mean an
 * otherwise idle machine, which is why no test suite runs this.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { measureBurst } from './clients/burst.mjs';
import { measureHot } from './figures/hot.mjs';
import { measureLatency } from './clients/latency.mjs';
import { measure, quantile } from './clients/measure.mjs';
import { spread, table } from './row.mjs';
import { ROWS } from './clients/rows.mjs';
import { measureStart } from './figures/start.mjs';

/** @typedef {import('./clients/measure.mjs').Result} Result */

const { values } = parseArgs({
  options: {
    part: { type: 'string', multiple: true, default: ['hot', 'start', 'latency', 'burst', 'server'] },
    only: { type: 'string', default: '' },
    'at-once': { type: 'string', default: '3' },
    runs: { type: 'string', default: '1' },
    json: { type: 'string' },
  },
});
/** @param {string} part @param {string} name */
const isWanted = (part, name) => values.part.includes(part) && name.toLowerCase().includes(values.only.toLowerCase());

const BURSTS = [1_000, 3_000, 9_000];
const RATES = [50, 500];
const REMEMBERED = [1_000, 20_000, 100_000, 250_000];
/** Of the hot path, each client in turn. */
const RUNS = 9;

/** @type {string[]} */
const missed = [];

const costs = isWanted('hot', 'hot path') ? await measureHot(RUNS) : [];
if (costs.length > 0) {
  print(
    ['one event that is due nothing', 'Cuewire', 'min', 'max', 'plain JavaScript', 'min', 'max', 'ratio'],
    costs.map(({ bytes, form, own, plain }) => [
      `${bytes} bytes, ${form}`,
      ...[own, plain].flatMap((runs) => {
        const { median, least, most } = spread(runs);
        return [median, least, most].map((microseconds) => `${microseconds.toFixed(2)} µs`);
      }),
      `× ${(spread(own).least / spread(plain).least).toFixed(2)}`,
    ]),
  );
}

const starts = await inTurn(
  'start',
  /** @type {const} */ (['buckets', 'singles']).flatMap((form) =>
    REMEMBERED.map((remembered) => ({ remembered, form })),
  ),
  ({ remembered, form }) => `start with ${remembered} remembered, ${form}`,
  measureStart,
);
if (starts.length > 0) {
  table(
    ['worker begins →', 'stream open', 'min', 'max', 'card of the first event', 'min', 'max'],
    starts.map(({ remembered, form, open, card }) => [
      `${remembered} remembered, ${form}`,
      ...[open, card].flatMap((runs) => [0.5, 0, 1].map((share) => span(quantile(runs, runs.length, share)))),
    ]),
  );
}

// Latencies and bursts run alone, because they are judged in milliseconds.
const latencies = await inTurn(
  'latency',
  RATES,
  (rate) => `events heard to cards on the wire, ${rate}/s`,
  measureLatency,
);
if (latencies.length > 0) {
  print(
    ['event heard → card on the wire', 'cards', 'p50', 'p95', 'p99', 'max'],
    latencies.flatMap(({ rate, own, byHand }) =>
      Object.entries({ Cuewire: own, 'by hand': byHand }).map(([who, { cards, p50, p95, p99, max }]) => [
        `${rate} events/s, ${who}`,
        String(cards),
        ...[p50, p95, p99, max].map((span) => `${span.toFixed(1)} ms`),
      ]),
    ),
  );
}
const everyBurst = Array.from({ length: Number(values.runs) }, () => BURSTS).flat();
const bursts = await inTurn('burst', everyBurst, (cards) => `burst of ${cards}`, measureBurst);
if (bursts.length > 0) {
  print(
    ['due at once, taken in 5 ms', 'first', 'tenth', 'last', 'a second', 'bare loop', 'durable p50', 'max', 'all'],
    bursts.flatMap(({ cards, own, byHand, bare }) =>
      Object.entries({ Cuewire: own, 'by hand': byHand }).map(([who, figures]) => [
        `${cards}, ${who}`,
        ...[figures.first, figures.tenth, figures.last].map(span),
        figures.perSecond.toFixed(0),
        bare.toFixed(0),
        ...[figures.durableP50, figures.durableMax, figures.allDurable].map(span),
      ]),
    ),
  );
}
const results = await atOnce(Number(values['at-once']));
if (results.length > 0) {
  print(
    ['server', 'client', 'due', 'not taken', 'p50', 'p95', 'max', 'makespan', '429', 'posts', 'killed'],
    results.flatMap(rowsOf),
  );
}
if (values.json)
  await writeFile(values.json, `${JSON.stringify({ costs, starts, latencies, bursts, results }, null, 1)}\n`);
for (const miss of missed) console.log(`does not hold: ${miss}`);
if (missed.length > 0) process.exitCode = 1;

/**
 * @template T
 * @template {{ missed: string[] }} R
 * @param {string} part
 * @param {T[]} items
 * @param {(item: T) => string} name
 * @param {(item: T) => Promise<R>} run
 */
async function inTurn(part, items, name, run) {
  const done = [];
  for (const item of items.filter((each) => isWanted(part, name(each)))) {
    const result = await run(item);
    done.push(result);
    missed.push(...result.missed.map((bound) => `${name(item)}: ${bound}`));
    console.log(`measured ${name(item)}`);
  }
  return done;
}

/** Rows wait nearly all of the time: several are measured at once, each with a browser of its own. @param {number} most */
async function atOnce(most) {
  const wanted = ROWS.filter(({ name }) => isWanted('server', name));
  /** @type {Result[]} */
  const done = [];
  let next = 0;
  const work = async () => {
    for (let row = wanted[next++]; row !== undefined; row = wanted[next++]) {
      const result = await measure(row);
      done.push(result);
      missed.push(...result.missed.map((bound) => `${result.row}: ${bound}`));
      console.log(`measured ${result.row}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, wanted.length) }, work));
  const order = wanted.map(({ name }) => name);
  return done.sort((one, other) => order.indexOf(one.row) - order.indexOf(other.row));
}

/** @param {Result} result */
function rowsOf({ row, figures }) {
  const lines = figures.map((each) => [
    each.client === 'Cuewire' ? row : '',
    each.client,
    String(each.due),
    String(each.late),
    ...[each.p50, each.p95, each.max, each.makespan].map(span),
    `${((each.refused / Math.max(1, each.posts)) * 100).toFixed(1)} %`,
    String(each.posts),
    each.kills > 0 ? String(each.kills) : '',
  ]);
  const [own, plain] = ['Cuewire', 'plain'].map((kind) => figures.find(({ client }) => client === kind));
  if (own === undefined || plain === undefined) return lines;
  const ratios = /** @type {const} */ (['p50', 'p95', 'max', 'makespan']).map(
    (figure) => `× ${(own[figure] / plain[figure]).toFixed(2)}`,
  );
  return [...lines, ['', 'ratio', '', '', ...ratios, '', `× ${(own.posts / plain.posts).toFixed(2)}`, '']];
}

/** @param {number} ms */
function span(ms) {
  if (ms === Number.POSITIVE_INFINITY) return 'never';
  return ms < 1_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** @param {string[]} head @param {string[][]} rows */
function print(head, rows) {
  console.log(table(head, rows));
}
