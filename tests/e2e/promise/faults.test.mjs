/**
 * Each kind of fault that the simulator knows, in the real browser, one after another in the same run: switched on for a
 * while, then it has to heal by itself. At the end every due card has come once, but for those that the server's own
 * answers ended.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { streamingFromSimulator } from '../lib/scene.mjs';
import { PATIENCE, sleep, until } from '../lib/wait.mjs';
import { onceEach, summary } from '../lib/trials/verdict.mjs';

/** A card that failed again and again is tried after so long, in milliseconds: 30 s and half as much again. */
const LONGEST_BACKOFF = 45_000;

/** @typedef {[kind: string, fields?: Record<string, unknown>]} Fault */

/** What is switched on, and after how many milliseconds it has struck. @type {[name: string, faults: Fault[]][]} */
const SPELLS = [
  ['429 with seconds', [['429', { seconds: 3, retryAfter: 2 }]]],
  ['429 with a date', [['429', { seconds: 3, retryAfter: 2, form: 'date' }]]],
  ['the stream dropped', [['drop', { code: 1011 }]]],
  ['429 without a Retry-After', [['429', { seconds: 2, form: 'absent' }]]],
  ['5xx', [['5xx', { seconds: 4 }]]],
  ['408', [['408', { seconds: 3 }]]],
  ['the stream cut without a word', [['drop', { code: 1006 }]]],
  ['one 401', [['401', { count: 1 }]]],
  ['tokens revoked', [['token-revoke']]],
  ['tokens that live for three seconds', [['token-expiry', { seconds: 6, tokenSeconds: 3 }], ['token-revoke']]],
  ['a token endpoint that fails', [['token-error', { seconds: 3 }], ['token-revoke']]],
  ['credentials refused for a while', [['token-reject', { seconds: 3 }], ['token-revoke']]],
  [
    'a token answer without expires_in',
    [['token-answer', { seconds: 4, fields: { expires_in: null } }], ['token-revoke']],
  ],
  ['slow answers', [['slow', { seconds: 4, ms: 1_500 }]]],
  ['answers lost after acceptance', [['lost-answer', { seconds: 4, share: 0.3 }]]],
  ['requests lost', [['lost-request', { seconds: 4, share: 0.3 }]]],
  [
    'upgrades refused',
    [
      ['upgrade-refused', { seconds: 4 }],
      ['drop', { code: 1001 }],
    ],
  ],
  ['garbage', [['garbage', { seconds: 3, perSecond: 20 }]]],
  ['redirects', [['3xx', { seconds: 3 }]]],
  ['everything down', [['outage', { seconds: 3 }]]],
  ['a silent stream', [['silent']]],
];

/** Answers that end a card: the contract gives it up. @type {[name: string, faults: Fault[]][]} */
const LOSSES = [
  ['one 403', [['403', { count: 1 }]]],
  ['one 422', [['4xx', { count: 1 }]]],
];

test('every kind of fault, one after another: it heals, and nothing is missed or doubled', async (t) => {
  const flags = ['--rate', '60', '--due-per-minute', '300', '--seed', '11', '--missed-after-seconds', '600'];
  const { simulator, browser } = await streamingFromSimulator(t, flags);
  const kinds = new Set();
  for (const [name, faults] of [...SPELLS, ...LOSSES]) {
    const before = await simulator.report();
    const started = performance.now();
    for (const [kind, fields] of faults) {
      kinds.add(kind);
      await simulator.fault(kind, fields);
    }
    const struck = () => faults.every(([kind]) => (report.faults[kind] ?? 0) > (before.faults[kind] ?? 0));
    let report = before;
    await until(
      `${name}: it struck`,
      async () => {
        report = await simulator.report();
        return struck();
      },
      { seen: async () => [await simulator.report(), await browser.status()] },
    );
    await sleep(Math.max(0, ...faults.map(([, fields]) => Number(fields?.seconds ?? 0) * 1_000)));
    const healed = simulator.report();
    await until(
      `${name}: it healed`,
      async () => {
        const now = await simulator.report();
        const then = await healed;
        const heard = now.eventsSent > then.eventsSent && now.delivered > then.delivered;
        return heard && (await oldestArrived(simulator, report));
      },
      {
        within: LONGEST_BACKOFF + PATIENCE,
        every: 200,
        seen: async () => [await simulator.report(), await browser.status()],
      },
    );
    t.diagnostic(`${name}: over after ${((performance.now() - started) / 1000).toFixed(1)} s`);
  }
  await simulator.pause();
  const report = await simulator.settled({ givenUp: LOSSES.length, within: LONGEST_BACKOFF + PATIENCE });
  t.diagnostic(summary(report));
  t.diagnostic(`faults injected: ${JSON.stringify(report.faults)}`);
  onceEach(report, { givenUp: LOSSES.length });
  await browser.shows({ state: 'Streaming', delivered: report.delivered, waiting: 0, givenUp: LOSSES.length });

  const catalogue = await simulator.faultKinds();
  assert.deepEqual([...kinds].sort(), [...catalogue].sort(), 'every kind that the simulator knows was tried');
});

/**
 * Whether everything due at the time of an earlier report has come.
 *
 * @param {import('../lib/peers/simulator.mjs').Simulator} simulator
 * @param {import('../lib/peers/simulator.mjs').Report} earlier
 */
async function oldestArrived(simulator, earlier) {
  const now = await simulator.report();
  return now.delivered + now.missed >= earlier.due;
}
