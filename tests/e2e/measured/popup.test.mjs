/** How long a person looks at an empty popup when the worker sleeps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { streamingFromOther } from '../lib/scene.mjs';
import { until } from '../lib/wait.mjs';

const TIMES = 7;

test('it shows the state while the worker is still asleep', async (t) => {
  const { browser } = await streamingFromOther(t);
  const popup = await browser.popup();
  // Paused, nothing brings an ended worker back but the popup itself.
  await popup.press('Pause');
  await popup.page.getByText('Paused', { exact: true }).waitFor();
  await popup.page.close();
  const took = [];
  for (let time = 0; time < TIMES; time += 1) {
    await browser.stopWorkers();
    const page = await browser.context.newPage();
    await page.addInitScript(() => {
      const look = () => {
        const state = document.querySelector('[data-field="state"]');
        if (state?.textContent) Object.assign(window, { shownAt: performance.now() });
        else requestAnimationFrame(look);
      };
      look();
    });
    await page.goto(`chrome-extension://${browser.extensionId}/popup/popup.html`);
    took.push(await until('it shows a state', () => page.evaluate(() => Number(Reflect.get(window, 'shownAt')))));
    await page.close();
  }
  took.sort((one, other) => one - other);
  t.diagnostic(`state shown after ${took.map((ms) => Math.round(ms)).join(', ')} ms`);
  assert.equal(took.length, TIMES);
});
