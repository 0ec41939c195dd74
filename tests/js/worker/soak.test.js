/** How the soak judges early requests and the time to recover. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { early } from '../../e2e/lib/trials/early.mjs';
import { comebacks } from '../../e2e/lib/trials/killer.mjs';

/** @typedef {import('../../e2e/lib/peers/simulator.mjs').Asked} Asked */

let n = 0;

/** @param {Partial<Asked>} fields @returns {Asked} */
function asked(fields) {
  n += 1;
  const atMs = fields.atMs ?? 0;
  const none = { retryAfter: null, interaction: null, cardId: null, early: false, note: null };
  return { n, kind: 'card', status: 201, answeredAtMs: atMs + 2, ...none, ...fields, atMs };
}

const limited = (/** @type {number} */ atMs, retryAfter = '5') => asked({ atMs, status: 429, retryAfter });
const tooSoon = (/** @type {number} */ atMs) => asked({ atMs, early: true });
/** @param {Asked[]} log @param {number[]} kills */
const counts = (log, kills) => {
  const { excused, atFault } = early(
    log,
    kills.map((at) => ({ victim: 'worker', at })),
    Date.UTC(2026, 0, 1),
  );
  return [excused.length, atFault.length];
};

test('an early request is at fault, unless its client was killed as it was told to wait', () => {
  assert.deepEqual(counts([limited(1_000), tooSoon(2_000)], []), [0, 1]);
  assert.deepEqual(counts([limited(1_000), tooSoon(2_000)], [1_100]), [1, 0], 'killed right after');
  assert.deepEqual(counts([limited(1_000), tooSoon(2_000)], [1_500]), [0, 1], 'it had the time to note it');
  assert.deepEqual(counts([limited(1_000), tooSoon(2_000)], [500]), [0, 1], 'told to the next one');
  assert.deepEqual(counts([limited(1_000), tooSoon(2_000)], [2_500]), [0, 1], 'killed only later');
});

test('one wait that was known is enough to be at fault', () => {
  assert.deepEqual(counts([limited(500), limited(1_000), tooSoon(2_000)], [1_100]), [0, 1]);
});

test('a wait is read in every form', () => {
  const forms = [
    'Thu, 01 Jan 2026 00:00:04 GMT',
    'Thursday, 01-Jan-26 00:00:04 GMT',
    'Thu Jan  1 00:00:04 2026',
    'soon',
  ];
  for (const form of forms) {
    assert.deepEqual(counts([limited(1_000, form), tooSoon(3_500)], [1_100]), [1, 0], form);
    // Beyond the wait as we read it, nothing explains what the simulator flagged.
    assert.deepEqual(counts([limited(1_000, form), tooSoon(6_500)], [1_100]), [0, 1], form);
  }
});

test('a comeback ends with the first stream that opened, and is disturbed by what failed before', () => {
  const stream = (/** @type {number} */ atMs, status = 101) => asked({ kind: 'stream', atMs, status });
  const kills = [100, 1_000, 2_000, 3_000].map((at) => ({ victim: /** @type {const} */ ('worker'), at }));
  const log = [stream(50), stream(160), stream(1_050, 403), stream(1_500), stream(2_010, 503), stream(3_100)];
  assert.deepEqual(
    comebacks(kills, log).map(({ asked, took, disturbed }) => [asked, took, disturbed]),
    [
      [60, 62, false],
      [50, 502, true],
      [10, null, true],
      [100, 102, false],
    ],
  );
});
