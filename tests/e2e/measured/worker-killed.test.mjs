/**
 * The worker is killed on purpose: while streaming, between a trigger and its answer, while it waits for a Retry-After.
 * Nothing is missed, no trigger gets a second `cardId`, and it streams again by itself. How long that takes is printed;
 * the median of all kills is what must be under two seconds.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calm, unhappy } from '../lib/events.mjs';
import { streamingFromOther } from '../lib/scene.mjs';
import { ALARM, PATIENCE, sleep, until } from '../lib/wait.mjs';

/** @param {{ openedAt: number | null }} request */
const isOpen = ({ openedAt }) => openedAt !== null;

/** Milliseconds from each kill to the next open stream. @type {number[]} */
const comebacks = [];

/**
 * Stops the worker and waits for the next stream, with no page of the extension open and nothing asked of it.
 *
 * @param {import('../lib/scene.mjs').TestContext} t
 * @param {import('../lib/browser.mjs').Browser} browser
 * @param {import('../lib/peers/other-server.mjs').OtherServer} server
 */
async function killed(t, browser, server) {
  const before = server.streamRequests.length;
  const at = await browser.stopWorkers();
  const opened = await until('it streams again', () => server.streamRequests.slice(before).find(isOpen)?.openedAt, {
    within: ALARM + PATIENCE,
    every: 5,
  });
  const took = opened - at;
  comebacks.push(took);
  t.diagnostic(`killed; streaming again after ${took.toFixed(0)} ms`);
}

test('killed while streaming, ten times: every interaction gets its one card', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  let sent = 0;
  // Only what was heard can be due: each is sent to an open stream, and again after the kill if its card did not come.
  for (let round = 0; round < 10; round += 1) {
    for (let index = 0; index < 5; index += 1) server.send(calm(`calm-${round}-${index}`));
    const id = `kill-${round}`;
    server.send(unhappy(id));
    sent += 1;
    await until(`the card of ${id}`, () => server.cardIds(id).length > 0);
    await killed(t, browser, server);
    server.send(unhappy(id));
  }
  await browser.shows({ state: 'Streaming', waiting: 0, givenUp: 0 });
  assert.equal(new Set(server.cardRequests.map((request) => request.card.cardId)).size, sent);
  for (let round = 0; round < 10; round += 1) {
    assert.equal(server.cardIds(`kill-${round}`).length, 1);
  }
});

test('killed between a trigger and its answer: asked again as the same card', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  server.answerCard = ({ attempt }) => (attempt === 1 ? 'hang' : { status: 409 });
  for (const id of ['a', 'b', 'c']) server.send(unhappy(id));
  await server.cards(1);
  server.answerCard = ({ interaction }) => ({ status: interaction === 'a' ? 409 : 200 });
  await killed(t, browser, server);
  await browser.shows({ delivered: 3, waiting: 0 });
  for (const id of ['a', 'b', 'c']) assert.equal(server.cardIds(id).length, 1);
  // How many of the others were in flight is the pace's business; the first surely was.
  const attempts = server.cardRequests.filter(({ interaction }) => interaction === 'a').map(({ attempt }) => attempt);
  assert.deepEqual(attempts, [1, 2]);
});

test('killed while waiting for a Retry-After: it still waits as long as it was asked to', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  server.answerCard = () =>
    server.cardRequests.length === 1 ? { status: 429, headers: { 'retry-after': '6' } } : { status: 200 };
  server.send(unhappy('a'));
  await server.cards(1);
  server.send(unhappy('b'));
  await browser.shows({ waiting: 2 });
  await killed(t, browser, server);
  await server.cards(3);
  const asked = (server.cardRequests[1]?.at ?? 0) - (server.cardRequests[0]?.at ?? 0);
  assert.ok(asked >= 5_990, `it waited ${asked} ms of the 6000 asked`);
  for (const id of ['a', 'b']) assert.equal(server.cardIds(id).length, 1);
  await browser.shows({ delivered: 2, waiting: 0 });
});

test('killed right after an event, again and again: a trigger that was accepted is never forgotten', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  for (let round = 0; round < 6; round += 1) {
    const id = `race-${round}`;
    server.send(unhappy(id));
    await sleep(round * 3);
    await killed(t, browser, server);
    // A trigger that was not yet durable is heard again with the interaction's next event.
    server.send(unhappy(id));
    await until(`the card of ${id}`, () => server.cardIds(id).length > 0);
  }
  await browser.shows({ waiting: 0, givenUp: 0 });
  for (let round = 0; round < 6; round += 1) assert.equal(server.cardIds(`race-${round}`).length, 1);
});

test('an alarm that is set is not put off by the workers that come and go meanwhile', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  const rings = async () => {
    const page = await browser.open('manifest.json');
    const alarm = await page.evaluate(() => chrome.alarms.get('wake'));
    await page.close();
    assert.ok(alarm?.periodInMinutes, 'an alarm is set');
    return { at: alarm.scheduledTime, period: alarm.periodInMinutes * 60_000 };
  };
  const { at: first, period } = await rings();
  for (let kill = 0; kill < 4; kill += 1) {
    await killed(t, browser, server);
    await sleep(2_000); // An alarm that was set again would ring 2 s later.
  }
  // The alarm may have rung meanwhile, which puts it off by whole periods.
  const later = ((await rings()).at - first) % period;
  assert.ok(Math.min(later, period - later) < 1_000, `it rings ${later} ms later`);
});

test('how long each comeback took', (t) => {
  const sorted = [...comebacks].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.POSITIVE_INFINITY;
  t.diagnostic(`${sorted.length} kills; streaming again after ${median} ms (median), ${sorted.at(-1)} ms (worst)`);
  assert.ok(sorted.length > 0 && Number.isFinite(median));
});
