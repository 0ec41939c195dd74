/** The dashboard tells the truth, as the simulator knows it, and what a person does there takes effect. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Dashboard, number } from '../lib/pages/dashboard.mjs';
import { calm, unhappy, waiting } from '../lib/events.mjs';
import { streamingFromOther, streamingFromSimulator } from '../lib/scene.mjs';
import { stays, until } from '../lib/wait.mjs';

test('every figure equals what the simulator sent', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'cuewire-recorded-'));
  t.after(() => rm(folder, { recursive: true }));
  const record = join(folder, 'sent.ndjson');
  const flags = ['--rate', '100', '--seconds', '15', '--seed', '11', '--due-share', '0.1', '--record', record];
  const { simulator, browser } = await streamingFromSimulator(t, flags);
  const dashboard = await Dashboard.open(browser);
  const report = await simulator.settled();
  await dashboard.shows({
    events: report.eventsSent,
    'triggers-today': report.due,
    delivered: report.delivered,
    waiting: 0,
    'given-up': 0,
  });
  const queues = (await dashboard.table('queues')).map(([name, seen, , , mean, triggers]) => ({
    name,
    seen: number(seen ?? ''),
    mean: Number((mean ?? '').replace('−', '-')),
    triggers: number(triggers ?? ''),
  }));
  assert.match(await dashboard.found(), new RegExp(`^${report.due + 1} entries`), 'each trigger, and the settings');
  const p95 = await dashboard.page.locator('[data-field="p95"]').textContent();
  // The recording is written as it ends.
  await simulator.stop();
  const sent = (await readFile(record, 'utf8')).trim().split('\n');
  assert.equal(sent.length, report.eventsSent);
  const truth = tally(sent.map((line) => JSON.parse(line).event));
  assert.deepEqual(queues, truth.queues);
  const heard = async (/** @type {string} */ id) =>
    (await dashboard.table(id)).reduce((sum, [, times]) => sum + number(times ?? ''), 0);
  assert.equal(await heard('sentiment'), truth.scores);
  assert.equal(await heard('wait'), truth.waits);
  const activity = await dashboard.table('activity');
  const column = (/** @type {number} */ at) => activity.reduce((sum, row) => sum + number(row[at] ?? ''), 0);
  assert.deepEqual([column(1), column(2), column(3)], [report.eventsSent, report.due, report.delivered]);
  t.diagnostic(
    `${report.eventsSent} events, ${report.due} triggers, ${queues.length} queues equal; p95 shown ${p95}, measured ${report.latencyMs.p95} ms`,
  );
  assert.deepEqual(browser.errors, []);
});

test('why this card: what was seen against what was asked for, each try and the answer', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  server.answerCard = ({ attempt }) => ({ status: attempt === 1 ? 503 : 200 });
  const dashboard = await Dashboard.open(browser);
  server.send(unhappy('why-1'));
  await until('it is delivered', async () => (await dashboard.entries())[0]?.includes('delivered'));
  const words = (await dashboard.details('Negative sentiment · Sentiment −0.72')).replaceAll('\u00a0', ' ');
  for (const part of ['why-1', 'billing', 'Negative sentiment detected (-0.72)', 'below −0.5', 'above 2 min']) {
    assert.ok(words.includes(part), `${part} in ${words}`);
  }
  assert.match(words, /Try 1: HTTP\s503, took \d+\sms/);
  assert.match(words, /Try 2: HTTP\s200, took \d+\sms/);
  assert.match(words, /Ended: delivered/);
});

test('a given-up card says why; it can be tried again, or dropped', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  let status = 422;
  server.answerCard = () => ({ status, body: 'no such desktop' });
  const dashboard = await Dashboard.open(browser);
  for (const id of ['a', 'b']) server.send(unhappy(id));
  await dashboard.shows({ 'given-up': 2 });
  const rows = await dashboard.table('outbox');
  assert.match(rows[0]?.[2] ?? '', /given up: HTTP\s422/);
  status = 200;
  await dashboard
    .panel('outbox')
    .getByRole('button', { name: /^Try again/ })
    .first()
    .click();
  await dashboard.shows({ 'given-up': 1, delivered: 1 });
  await dashboard
    .panel('outbox')
    .getByRole('button', { name: /^Drop:/ })
    .click();
  await dashboard.page.getByRole('dialog').getByRole('button', { name: 'Drop', exact: true }).click();
  await dashboard.shows({ 'given-up': 0, delivered: 1 });
  await until('the log says so', async () => (await dashboard.entries()).some((line) => line.includes('dropped')));
});

test('a queue is snoozed with a note: its triggers are counted and get no card, until it is resumed', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  const dashboard = await Dashboard.open(browser);
  for (const id of ['a', 'b']) server.send(calm(id));
  server.send(waiting('first'));
  await dashboard.shows({ delivered: 1 });
  await dashboard.page.getByRole('button', { name: 'Snooze queue billing' }).click();
  await dashboard.page.getByLabel('Note for colleagues').fill('Training');
  await dashboard.page.getByRole('dialog').getByRole('button', { name: 'Snooze' }).click();
  await dashboard.tells(/Paused: Queue billing/);
  assert.match(
    await dashboard.panel('pauses').innerText(),
    /Queue billing\s+until .*, for (?:1\sh|59\smin.*) more\s+Training/,
  );
  server.send(unhappy('kept'));
  await until('it is not sent', async () => (await dashboard.entries())[0]?.includes('not sent: snoozed'));
  await dashboard.shows({ delivered: 1, waiting: 0 });
  assert.match(await dashboard.page.locator('[data-show="triggers"]').innerText(), /1 not sent/);
  await dashboard.panel('pauses').getByRole('button', { name: 'Resume: Queue billing' }).click();
  server.send(unhappy('sent'));
  await dashboard.shows({ delivered: 2 });
});

test('the threshold is moved by keys and by the pointer, saved on purpose, and taken back', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  const dashboard = await Dashboard.open(browser);
  for (const [id, score] of /** @type {[string, number][]} */ ([
    ['a', -0.41],
    ['b', -0.2],
    ['c', 0.3],
  ])) {
    server.send(unhappy(id, score));
  }
  await dashboard.shows({ events: 3 });
  const panel = dashboard.panel('sentiment');
  const line = panel.getByRole('slider', { name: 'Sentiment threshold' });
  const save = panel.getByRole('button', { name: 'Save threshold' });
  await line.focus();
  for (let press = 0; press < 3; press += 1) await line.press('PageUp');
  assert.equal(await line.getAttribute('aria-valuetext'), '−0.20');
  assert.match(await panel.innerText(), /Would trigger on 1 of 3 scores; now on 0/);
  await line.press('Escape');
  assert.equal(await line.getAttribute('aria-valuetext'), '−0.50');
  assert.equal(await save.isVisible(), false);
  const box = await panel.locator('.field').boundingBox();
  assert.ok(box);
  await dashboard.page.mouse.move(box.x + box.width * 0.25, box.y + 80);
  await dashboard.page.mouse.down();
  await dashboard.page.mouse.move(box.x + box.width * 0.35, box.y + 80, { steps: 4 });
  await dashboard.page.mouse.up();
  assert.equal(await line.getAttribute('aria-valuetext'), '−0.30');
  assert.equal((await dashboard.figures())['triggers-today'], 0);
  await save.click();
  await dashboard.tells(/Saved: the threshold is −0.30/);
  server.send(unhappy('d', -0.31));
  await dashboard.shows({ delivered: 1 });
  await dashboard.page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
  await until('it is as before', async () => (await line.getAttribute('aria-valuetext')) === '−0.50');
  server.send(unhappy('e', -0.4));
  await dashboard.shows({ events: 5, delivered: 1 });
});

test('gaps are told with their length and cause', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  const dashboard = await Dashboard.open(browser);
  server.send(calm('a'));
  await dashboard.shows({ events: 1 });
  server.refuseUpgrade = () => 503;
  server.closeStreams(1011);
  await until('it says so', async () => (await dashboard.state()).startsWith('Reconnecting'));
  server.refuseUpgrade = () => undefined;
  await server.streaming();
  const [gap] = await until('the gap is over', async () => {
    const rows = await dashboard.table('connection');
    return rows[0]?.[1] !== 'still' ? rows : null;
  });
  assert.match(gap?.[2] ?? '', /^\d+\ss$/);
  assert.equal(gap?.[3], 'closed (1011)');
  await until('the log tells it', async () =>
    (await dashboard.entries()).some((line) => /Not heard for \d+\ss/.test(line)),
  );
});

test('a folded panel stays folded, and nothing is asked while nobody looks', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  const dashboard = await Dashboard.open(browser);
  await dashboard.page.getByRole('button', { name: 'Outbox', exact: true }).click();
  await dashboard.page.reload();
  const fold = dashboard.page.getByRole('button', { name: 'Outbox', exact: true });
  assert.equal(await fold.getAttribute('aria-expanded'), 'false');
  await dashboard.page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  server.send(calm('unseen'));
  await stays('nothing new is shown', 3_000, async () => (await dashboard.figures()).events === 0);
  await dashboard.page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: false, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await dashboard.shows({ events: 1 });
});

test('an address that names an entry shows it, in the tab that is there', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  const dashboard = await Dashboard.open(browser);
  for (const id of ['a', 'b', 'c']) {
    server.send(unhappy(id));
    await until('it is logged', async () => (await dashboard.entries())[0]?.includes('delivered'));
  }
  await until('all are there', async () => (await dashboard.entries()).length === 4);
  const popup = await browser.popup();
  const pages = browser.context.pages().length;
  // As a click on a notification does.
  await popup.page.evaluate(async () => {
    const path = '/lib/browser/ext.js';
    const { openDashboard } = await import(path);
    await openDashboard('0000000000000003');
  });
  const words = await until('the entry is shown', async () => {
    const words = await dashboard.page.locator('#log-details').innerText();
    return words.includes('Interaction') ? words : null;
  });
  assert.match(words, /Interaction ID\s+b\b/);
  assert.equal(browser.context.pages().length, pages);
});

test('it opens beside the page, where the browser has a side panel', async (t) => {
  const { browser } = await streamingFromOther(t);
  const { page } = await Dashboard.open(browser);
  await page.getByRole('button', { name: 'Open beside the page' }).click();
  await until('there is a side panel', () =>
    page.evaluate(async () => (await chrome.runtime.getContexts({ contextTypes: ['SIDE_PANEL'] })).length === 1),
  );
});

test('nothing moves when data comes', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  const page = await browser.context.newPage();
  await page.addInitScript(() => {
    /** @type {{ value: number, where: string[] }[]} */
    const shifts = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of /** @type {any[]} */ (list.getEntries())) {
        const where = entry.sources.map((/** @type {any} */ { node }) => node?.id || node?.className || node?.nodeName);
        shifts.push({ value: entry.value, where });
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto(`chrome-extension://${browser.extensionId}/dashboard/dashboard.html`);
  for (let index = 0; index < 20; index += 1) {
    server.send(index % 3 === 0 ? unhappy(`u-${index}`) : calm(`c-${index}`));
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  const shifts = await page.evaluate(
    () => /** @type {{ value: number, where: string[] }[]} */ (Reflect.get(window, 'shifts')),
  );
  const sum = shifts.reduce((sum, { value }) => sum + value, 0);
  t.diagnostic(`cumulative layout shift ${sum.toFixed(4)}`);
  assert.ok(sum < 0.02, JSON.stringify(shifts));
});

test('clear all data names what goes, clears it, and says what it cleared', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  const dashboard = await Dashboard.open(browser);
  server.answerCard = () => ({ status: 422 });
  for (const id of ['a', 'b', 'c']) server.send(unhappy(id));
  await dashboard.shows({ 'given-up': 3 });
  await dashboard.page.locator('main > footer').getByRole('button', { name: 'Clear all data' }).click();
  const dialog = dashboard.page.getByRole('dialog');
  assert.match(await dialog.innerText(), /0 waiting and 3 given-up cards/);
  assert.match(await dialog.innerText(), /4 entries of the activity log/);
  await dialog.getByRole('button', { name: 'Clear all data' }).click();
  await dashboard.tells(/Cleared: settings, secret and token, 3 cards, 3 remembered interactions, 4 log entries/);
  await until('it is not set up', async () => (await dashboard.state()) === 'Not set up');
  await until('the log is empty', async () => /^0 entries/.test(await dashboard.found()));
  const left = await dashboard.page.evaluate(async () => {
    const request = indexedDB.open('cuewire');
    const database = await new Promise((resolve) => {
      request.onsuccess = () => resolve(request.result);
    });
    const count = (/** @type {string} */ name) =>
      new Promise((resolve) => {
        const counted = database.transaction(name).objectStore(name).count();
        counted.onsuccess = () => resolve(counted.result);
      });
    const [local, session] = await Promise.all([chrome.storage.local.get(), chrome.storage.session.get()]);
    return {
      history: await count('history'),
      settings: local.settings,
      secret: local.secret || Object.keys(session).find((key) => key.startsWith('secret')),
      token: session.token,
    };
  });
  assert.deepEqual(left, { history: 0, settings: undefined, secret: undefined, token: undefined });
});

/**
 * The figures that the product's contract makes of the events: a queue is an interaction's from the first event that
 * names it on; an interaction triggers once.
 *
 * @param {any[]} events
 */
function tally(events) {
  /** @type {Map<string, { seen: number, scores: number[], triggers: number }>} */
  const queues = new Map();
  /** @type {Map<string, string>} */
  const queueOf = new Map();
  const fired = new Set();
  let [scores, waits] = [0, 0];
  for (const { id, sentiment, routing } of events) {
    const score = sentiment?.score;
    const waited = routing?.queueWaitTimeMs;
    if (typeof score === 'number') scores += 1;
    if (typeof waited === 'number') waits += 1;
    const due = (typeof score === 'number' && score < -0.5) || (typeof waited === 'number' && waited > 120_000);
    const fires = due && !fired.has(id);
    if (fires) fired.add(id);
    const named = routing?.queueName;
    const name = named ?? queueOf.get(id);
    if (name === undefined) continue;
    const row = queues.get(name) ?? { seen: 0, scores: [], triggers: 0 };
    queues.set(name, row);
    if (!queueOf.has(id)) row.seen += 1;
    queueOf.set(id, name);
    if (typeof score === 'number') row.scores.push(score);
    if (fires && named !== undefined && named !== null) row.triggers += 1;
  }
  const mean = (/** @type {number[]} */ list) => list.reduce((sum, score) => sum + score, 0) / list.length;
  const rows = [...queues].map(([name, { seen, scores, triggers }]) => ({
    name,
    seen,
    mean: Math.round(mean(scores) * 100) / 100 || 0,
    triggers,
  }));
  return { scores, waits, queues: rows.sort((a, b) => a.name.localeCompare(b.name)) };
}
