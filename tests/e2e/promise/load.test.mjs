/** As much as a large organisation says: 500 events a second for a minute. */
import { test } from 'node:test';
import { quick } from '../lib/environment.mjs';
import { streamingFromSimulator } from '../lib/scene.mjs';
import { onceEach, summary } from '../lib/trials/verdict.mjs';

const SECONDS = quick ? 10 : 60;

test(`500 events a second for ${SECONDS} s: due = delivered, none twice, none missed`, async (t) => {
  const { simulator, browser } = await streamingFromSimulator(t, ['--rate', '500', '--seconds', String(SECONDS)]);
  const report = await simulator.settled({ within: SECONDS * 1_000 + 60_000 });
  t.diagnostic(summary(report));
  onceEach(report);
  await browser.shows({ state: 'Streaming', events: report.eventsSent, delivered: report.due, waiting: 0, givenUp: 0 });
});
