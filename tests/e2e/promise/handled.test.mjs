/** A trigger that a person handled: quiet, with who, when and why, in popup, log and outbox; and undone again. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Dashboard } from '../lib/pages/dashboard.mjs';
import { unhappy } from '../lib/events.mjs';
import { streamingFromOther } from '../lib/scene.mjs';
import { until } from '../lib/wait.mjs';

test('the popup marks a card as handled with a note, the log says who and why, and the CSV has it', async (t) => {
  const { server, browser } = await streamingFromOther(t, {
    'Your name': 'Ada',
    'Mask interaction IDs in exports': false,
  });
  const popup = await browser.popup();
  server.send(unhappy('a'));
  const row = popup.page.getByRole('listitem').filter({ hasText: 'delivered' });
  await row.getByRole('button', { name: /^Mark as handled: / }).click();
  const dialog = popup.page.getByRole('dialog', { name: 'Mark as handled' });
  await dialog.getByLabel('Note').fill('called back');
  await popup.page.keyboard.press('Enter');
  await row.getByText(/^Handled at \d\d:\d\d by Ada: called back$/).waitFor();
  assert.equal(await row.getByRole('button', { pressed: true }).count(), 1);

  const dashboard = await Dashboard.open(browser);
  const { page } = dashboard;
  await page.getByRole('option', { name: /delivered, handled/ }).click();
  const details = page.getByRole('region', { name: 'Why' });
  await details.getByText(/^Handled at .* by Ada: called back$/).waitFor();
  const file = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export CSV' }).click();
  const text = await readFile(await (await file).path(), 'utf8');
  assert.match(text, /,trigger,a,.*,Ada,called back\r\n/);

  await details.getByRole('button', { name: 'Undo handled' }).click();
  await details.getByRole('button', { name: 'Mark as handled' }).waitFor();
  await until('the popup follows', async () => (await row.getByRole('button', { pressed: true }).count()) === 0);
});

test('a card that no server took is withdrawn from the outbox, and undo makes it due again', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  server.answerCard = () => ({ status: 503 });
  const dashboard = await Dashboard.open(browser);
  const { page } = dashboard;
  server.send(unhappy('a'));
  await page.getByRole('button', { name: /^Mark as handled: / }).click();
  await page.getByRole('dialog', { name: 'Mark as handled' }).getByRole('button', { name: 'Mark as handled' }).click();
  await dashboard.shows({ waiting: 0 });
  server.send(unhappy('a'));
  const toast = page.locator('.toast');
  await toast.getByText('Marked as handled.').waitFor();
  await toast.getByRole('button', { name: 'Undo' }).click();
  await toast.getByText('No longer marked as handled.').waitFor();
  server.answerCard = () => ({ status: 200 });
  server.send(unhappy('a'));
  await dashboard.shows({ delivered: 1 });
});
