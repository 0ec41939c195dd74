/** How long a person looks at an empty popup when the worker sleeps. */
import { streamingFromOther } from '../../lib/scene.mjs';
import { until } from '../../lib/wait.mjs';

/** Milliseconds from opening to a state, a time each. @param {import('../../lib/scene.mjs').Stage} stage @param {number} times */
export async function popupOfSleepingWorker(stage, times) {
  const { browser } = await streamingFromOther(stage);
  const popup = await browser.popup();
  // Paused, nothing brings an ended worker back but the popup itself.
  await popup.press('Pause');
  await popup.page.getByText('Paused', { exact: true }).waitFor();
  await popup.page.close();
  const took = [];
  for (let time = 0; time < times; time += 1) {
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
  return took;
}
