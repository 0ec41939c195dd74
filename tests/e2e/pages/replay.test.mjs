/** A recorded week of real arrivals and real scores, fast, through the whole chain. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quick, recordedTraffic } from '../lib/environment.mjs';
import { streamingFromSimulator } from '../lib/scene.mjs';
import { onceEach, summary } from '../lib/trials/verdict.mjs';

/** What the recording's own notes say is due with the default settings. */
const DUE = 826;

const skip =
  recordedTraffic === null
    ? 'the recorded traffic is not here (it is not part of this repository)'
    : quick && 'left out of a quick run';

test(`the recorded week at 5000 ×: the ${DUE} due, each once, and no other`, { skip }, async (t) => {
  const flags = ['--replay', String(recordedTraffic), '--speed', '5000'];
  const { simulator, browser } = await streamingFromSimulator(t, flags);
  const report = await simulator.settled({ within: 300_000 });
  t.diagnostic(summary(report));
  onceEach(report);
  assert.equal(report.due, DUE);
  await browser.shows({ state: 'Streaming', triggers: DUE, delivered: DUE, waiting: 0, givenUp: 0 });
});
