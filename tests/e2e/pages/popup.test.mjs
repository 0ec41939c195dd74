/** The popup: one glance, one state word, the newest cards, and a pause. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unhappy, waiting } from '../lib/events.mjs';
import { freshBrowser, streamingFromOther } from '../lib/scene.mjs';
import { until } from '../lib/wait.mjs';

test('the state word is there once, and is what is read out', async (t) => {
  const { browser } = await streamingFromOther(t);
  const { page } = await browser.popup();
  await page.getByText('Streaming').waitFor();
  assert.equal(await page.getByText('Streaming').count(), 1);
  assert.equal(await page.getByRole('status').innerText(), 'Streaming');
  for (const name of ['Pause', 'Dashboard', 'Settings']) {
    assert.equal(await page.getByRole('button', { name }).count(), 1, name);
  }
});

test('the last cards: reason, queue, age and state; one click leads to why', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  server.answerCard = ({ interaction }) => ({ status: interaction === 'b' ? 422 : 200 });
  const popup = await browser.popup();
  server.send(unhappy('a'));
  server.send(waiting('b'));
  const row = popup.page.getByRole('button', { name: /^Long wait/ });
  await until('it is given up', async () => (await row.innerText()).includes('given up: HTTP 422'));
  assert.match((await row.innerText()).replace(/\s+/g, ' '), /^Long wait · Queue wait 2 min 5 s sales \d+ s ago given/);
  const [dashboard] = await Promise.all([browser.context.waitForEvent('page'), row.click()]);
  await dashboard.getByText('Why this card').waitFor();
  assert.match(await dashboard.locator('#log .details').innerText(), /125000ms/);
});

test('a pause for a set time ends by itself, and Resume ends it before', async (t) => {
  const { browser } = await streamingFromOther(t);
  const popup = await browser.popup();
  await popup.page.getByRole('button', { name: 'For a set time' }).click();
  await popup.page.getByRole('button', { name: '15 minutes' }).click();
  await popup.page.getByText('Paused', { exact: true }).waitFor();
  assert.match(await popup.page.locator('[data-show="since"]').innerText(), /^until \d\d:\d\d$/);
  assert.equal(await popup.page.getByRole('button', { name: 'Pause' }).count(), 0);
  await popup.press('Resume');
  await popup.page.getByText('Streaming', { exact: true }).waitFor();
  await popup.press('Pause');
  await popup.page.getByText('Paused', { exact: true }).waitFor();
  assert.equal(await popup.page.locator('[data-show="since"]').innerText(), '');
});

test('a newcomer is led to the first run', async (t) => {
  const browser = await freshBrowser(t);
  const popup = await browser.popup();
  await popup.page.getByText('Not set up').waitFor();
  await popup.press('Set up');
  await browser.welcomePage();
});
