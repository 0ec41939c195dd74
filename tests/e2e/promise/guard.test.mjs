/** What brings a dead worker back is there before it is needed, however slow the browser is with the rest. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshBrowser } from '../lib/scene.mjs';
import { until } from '../lib/wait.mjs';

/** A name that never resolves (RFC 6761). */
const SETTINGS = { serviceAddress: 'https://cuewire.invalid', clientId: 'supervisor', clientSecret: 'correct horse' };

/**
 * A browser whose worker is slow to set alarms and never done with its watch page, and that notes whether an alarm is set
 * whenever something is stored.
 *
 * @param {import('node:test').TestContext} t
 */
async function slowToGuard(t) {
  const browser = await freshBrowser(t);
  const worker = await until('the worker runs', () => browser.context.serviceWorkers()[0]);
  await worker.evaluate(() => {
    const create = /** @type {any} */ (chrome.alarms.create).bind(chrome.alarms);
    chrome.alarms.create = /** @type {any} */ (
      async (/** @type {string} */ name, /** @type {chrome.alarms.AlarmCreateInfo} */ when) => {
        await new Promise((done) => setTimeout(done, 300));
        await create(name, when);
      }
    );
    chrome.offscreen.createDocument = /** @type {any} */ (() => new Promise(() => {}));
    const area = chrome.storage.local;
    const set = /** @type {any} */ (area.set).bind(area);
    area.set = /** @type {any} */ (
      async (/** @type {Record<string, string>} */ items) => {
        if (items.settings) await set({ alarmBefore: Boolean(await chrome.alarms.get('wake')) });
        await set(items);
      }
    );
  });
  const page = await browser.open('manifest.json');
  return {
    page,
    save: (/** @type {Record<string, string>} */ entered) =>
      page.evaluate(async (entered) => {
        await chrome.storage.local.remove('alarmBefore');
        const { value } = await chrome.runtime.sendMessage({ kind: 'settings' });
        const text = JSON.stringify({ ...value, ...entered });
        const answer = await chrome.runtime.sendMessage({ kind: 'save', text, checkOnly: false });
        if (answer.kind !== 'done') throw new Error(`the settings were not saved: ${JSON.stringify(answer)}`);
        return (await chrome.storage.local.get('alarmBefore')).alarmBefore;
      }, entered),
  };
}

test('an alarm is set before settings are stored, and again although the watch page never opens', async (t) => {
  const { page, save } = await slowToGuard(t);
  assert.equal(await page.evaluate(() => chrome.alarms.get('wake')), undefined, 'nothing is due yet');
  assert.equal(await save(SETTINGS), true);
  await page.evaluate(() => chrome.alarms.clear('wake'));
  await page.evaluate(() => void chrome.runtime.connect({ name: 'page' }));
  await until('the alarm is set again', () => page.evaluate(async () => Boolean(await chrome.alarms.get('wake'))));
});

test('an alarm that was set before the clock was set back is set anew', async (t) => {
  const { page, save } = await slowToGuard(t);
  await save(SETTINGS);
  await until('the alarm is set', () => page.evaluate(async () => Boolean(await chrome.alarms.get('wake'))));
  const inAnHour = Date.now() + 3_600_000;
  await page.evaluate((when) => chrome.alarms.create('wake', { when, periodInMinutes: 0.5 }), inAnHour);
  await page.evaluate(() => void chrome.runtime.connect({ name: 'page' }));
  await until('it rings within a minute', () =>
    page.evaluate(async () => {
      const alarm = await chrome.alarms.get('wake');
      return alarm && alarm.scheduledTime - Date.now() < 60_000;
    }),
  );
});
