/** How long a person looks at an empty popup when the worker sleeps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { popupOfSleepingWorker } from '../bench/figures/popup.mjs';

const TIMES = 7;

test('it shows the state while the worker is still asleep', async (t) => {
  const took = (await popupOfSleepingWorker(t, TIMES)).sort((one, other) => one - other);
  t.diagnostic(`state shown after ${took.map((ms) => Math.round(ms)).join(', ')} ms`);
  assert.equal(took.length, TIMES);
});
