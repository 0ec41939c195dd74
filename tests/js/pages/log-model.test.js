/** The log in a page, against a store of its own: read page by page, kept up to date, filtered. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Log, runs } from '../../../extension/dashboard/log/model.js';

/** @typedef {import('../../../extension/pkg/cuewire.js').Entry} Entry */

/** What is stored, by number. @type {Map<number, Entry | undefined>} */
let stored = new Map();
let removed = 0;
/** What the page asked for. @type {{ before?: number, limit: number }[]} */
let asked = [];
/** Answers in place of the next ones. @type {object[]} */
let instead = [];

// A double of the worker.
Object.assign(globalThis, {
  chrome: {
    runtime: {
      sendMessage: async (/** @type {{ kind: string, before?: number, limit: number }} */ { kind, before, limit }) => {
        assert.equal(kind, 'log');
        asked.push({ ...(before !== undefined && { before }), limit });
        const other = instead.shift();
        if (other) return other;
        const numbers = [...stored.keys()].filter((number) => before === undefined || number < before);
        const entries = numbers
          .sort((a, b) => b - a)
          .slice(0, limit)
          .map((number) => ({ number, entry: stored.get(number) }));
        return { kind: 'log', value: { entries, removed } };
      },
    },
  },
});

/** @param {number} at @param {object} [parts] @returns {any} */
const trigger = (at, parts) => ({
  kind: 'trigger',
  at,
  interaction: `i-${at}`,
  rule: at % 2 === 0 ? 'long-wait' : 'negative-sentiment',
  reason: 'Because',
  queue: at % 4 === 0 ? 'sales' : 'billing',
  evidence: [],
  tries: [],
  end: { is: 'delivered' },
  ...parts,
});

/** @param {number} count */
const fill = (count) => {
  for (let number = 1; number <= count; number += 1) stored.set(number, trigger(number));
};

/** Until the page has done all that it does in the background. @param {() => boolean} done */
async function until(done) {
  for (let turn = 0; !done(); turn += 1) {
    assert.ok(turn < 10_000, 'it never ends');
    await new Promise((resolve) => setTimeout(resolve));
  }
}

/** A log that was read whole, and how often it said that so many were added. */
async function whole() {
  const log = new Log();
  /** @type {number[]} */
  const added = [];
  /** @type {unknown[]} */
  const failures = [];
  await log.start(
    (count) => added.push(count),
    (error) => failures.push(error),
  );
  await until(() => log.complete || failures.length > 0);
  return { log, added, failures };
}

beforeEach(() => {
  [stored, removed, asked, instead] = [new Map(), 0, [], []];
});

test('the newest page is shown first, the others follow one by one, and an empty one is the end', async () => {
  fill(1_200);
  const log = new Log();
  let shown = 0;
  await log.start(
    () => {
      shown ||= log.length;
    },
    () => {},
  );
  assert.equal(shown, 60);
  await until(() => log.complete);
  assert.deepEqual(asked, [
    { limit: 60 },
    { before: 1_141, limit: 500 },
    { before: 641, limit: 500 },
    { before: 141, limit: 500 },
    { before: 1, limit: 500 },
  ]);
  assert.equal(log.total, 1_200);
  assert.deepEqual([log.numbers[0], log.numbers.at(-1)], [1_200, 1]);
  assert.deepEqual([...log.queues].sort(), ['billing', 'sales']);
  assert.deepEqual([...log.rules].sort(), ['long-wait', 'negative-sentiment']);
});

test('an empty log is complete', async () => {
  const { log } = await whole();
  assert.deepEqual([log.total, log.complete, log.searched], [0, true, 1]);
});

test('an entry that cannot be read keeps its place, and no filter finds it', async () => {
  fill(3);
  stored.set(2, undefined);
  const { log } = await whole();
  assert.deepEqual([...log.numbers], [3, 2, 1]);
  assert.deepEqual([log.has(2), log.entry(2), log.has(4)], [true, undefined, false]);
  await log.filter({ kind: 'cards' });
  assert.deepEqual([...log.numbers], [3, 1]);
});

test('gaps of the stream are told apart for the picture of the connection', async () => {
  fill(100);
  const gap = /** @type {Entry} */ ({ kind: 'gap', from: 5, until: 9, cause: { by: 'silent' } });
  stored.set(20, gap);
  const { log } = await whole();
  await log.refresh([]);
  assert.deepEqual(log.gaps, [gap]);
});

test('what is new comes on top, and of a gap in the numbers nothing is missed', async () => {
  fill(100);
  const { log, added } = await whole();
  for (const number of [101, 102, 90_000]) stored.set(number, trigger(number));
  await log.refresh([]);
  assert.deepEqual(log.numbers.slice(0, 4), [90_000, 102, 101, 100]);
  assert.equal(added.at(-1), 3);
  for (let number = 90_001; number <= 90_800; number += 1) stored.set(number, trigger(number));
  await log.refresh([]);
  assert.equal(log.total, 903);
  assert.equal(new Set(log.numbers).size, 903, 'none twice');
});

test('an open entry in view is read again, however far down, and a settled one is not', async () => {
  fill(2_000);
  stored.set(7, trigger(7, { end: undefined }));
  const { log } = await whole();
  stored.set(7, trigger(7));
  asked = [];
  await log.refresh([8, 7, 6]);
  assert.deepEqual(log.entry(7), trigger(7));
  await log.refresh([8, 7, 6]);
  assert.deepEqual(asked, [{ limit: 60 }, { before: 8, limit: 1 }, { limit: 60 }]);
});

test('what was removed goes from the far end', async () => {
  fill(100);
  const { log } = await whole();
  await log.filter({ queue: 'sales' });
  removed = 40;
  for (let number = 1; number <= 40; number += 1) stored.delete(number);
  await log.refresh([]);
  assert.deepEqual([log.total, log.has(40), log.numbers.at(-1)], [60, false, 44]);
});

test('a log that was cleared is read anew', async () => {
  fill(700);
  const { log } = await whole();
  stored = new Map([[1, trigger(1)]]);
  await log.refresh([]);
  await until(() => log.complete);
  assert.deepEqual([...log.numbers], [1]);
});

test('a filter finds what is read, what comes from below, and what comes on top', async () => {
  fill(3_000);
  const log = new Log();
  await log.start(
    () => {},
    () => {},
  );
  const filtering = log.filter({ queue: 'sales' });
  assert.ok(log.searched < 1);
  await filtering;
  await until(() => log.complete && log.searched === 1);
  assert.equal(log.length, 750);
  stored.set(3_004, trigger(3_004));
  stored.set(3_005, trigger(3_005));
  await log.refresh([]);
  assert.deepEqual([log.length, log.numbers[0], log.total], [751, 3_004, 3_002]);
  await log.filter({});
  assert.equal(log.length, 3_002);
});

test('only the newest search goes on', async () => {
  fill(5_000);
  const { log } = await whole();
  await Promise.all([log.filter({ words: 'nothing like it' }), log.filter({ words: 'i-4321' })]);
  assert.deepEqual([...log.numbers], [4_321]);
});

test('a page that fails is told, and the next news goes on from there', async () => {
  fill(200);
  instead = [
    { kind: 'log', value: { entries: [{ number: 200, entry: trigger(200) }], removed: 0 } },
    { kind: 'failed', value: 'no disk' },
  ];
  const log = new Log();
  /** @type {unknown[]} */
  const failures = [];
  await log.start(
    () => {},
    (error) => failures.push(error),
  );
  await until(() => failures.length > 0);
  assert.match(String(failures[0]), /no disk/);
  await log.refresh([]);
  await until(() => log.complete);
  assert.equal(log.total, 200);
});

test('an entry that is pointed at is waited for, and one that is gone is not', async () => {
  fill(2_000);
  const log = new Log();
  await log.start(
    () => {},
    () => {},
  );
  assert.equal(log.has(3), false);
  await log.reach(3);
  assert.equal(log.has(3), true);
  await log.reach(9_999);
  assert.equal(log.has(9_999), false);
});

test('numbers that are near are read in one page, and no page is longer than its bound', () => {
  assert.deepEqual(runs([]), []);
  assert.deepEqual(runs([5, 40, 7]), [{ from: 40, count: 36 }]);
  assert.deepEqual(runs([5, 4_000]), [
    { from: 4_000, count: 1 },
    { from: 5, count: 1 },
  ]);
  const long = runs(Array.from({ length: 1_200 }, (_, index) => index + 1));
  assert.deepEqual(
    long.map(({ count }) => count),
    [500, 500, 200],
  );
});

test('the newest entry about a trigger says whether it is handled, in whatever order they are read', async () => {
  fill(90);
  const trigger = (/** @type {number} */ entry) => ({ entry, interaction: 'i', rule: 'long-wait' });
  const handled = (/** @type {number} */ entry, /** @type {string} */ note) =>
    /** @type {Entry} */ ({ kind: 'handled', at: 5, trigger: trigger(entry), by: 'Ada', note });
  const undone = (/** @type {number} */ entry) => /** @type {Entry} */ ({ kind: 'unhandled', at: 6, entry });
  stored.set(10, handled(3, 'first'));
  stored.set(85, handled(3, 'again'));
  stored.set(11, handled(4, 'a mistake'));
  stored.set(86, undone(4));
  const { log } = await whole();
  assert.deepEqual([log.handled(3)?.note, log.handled(4), log.handled(5)], ['again', undefined, undefined]);
  stored.set(91, undone(3));
  stored.set(92, handled(5, 'new'));
  await log.refresh([]);
  assert.deepEqual([log.handled(3), log.handled(5)?.note], [undefined, 'new']);
});
