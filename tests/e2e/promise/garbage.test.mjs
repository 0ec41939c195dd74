/** Frames that are no event: counted, shown, and harmless to what comes after them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calm, unhappy } from '../lib/events.mjs';
import { garbage } from '../lib/trials/garbage.mjs';
import { streamingFromOther } from '../lib/scene.mjs';
import { until } from '../lib/wait.mjs';

test('garbage of every kind triggers nothing, costs no connection, and is counted', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  for (const [, frame] of garbage) {
    server.sendFrame(frame);
    server.send(calm('in-between'));
  }
  server.send(unhappy('after-it-all'));
  await server.cards(1);
  const shown = await browser.shows({ state: 'Streaming', events: garbage.length + 1, triggers: 1, delivered: 1 });
  assert.equal(shown.rejected, garbage.length, 'the popup says how many frames were no event');
  assert.deepEqual(
    server.cardRequests.map((request) => request.interaction),
    ['after-it-all'],
  );
  assert.equal(server.streamRequests.length, 1, 'the stream was never given up');
});

test('frames that nobody understands are said at once, need attention as they last, and no longer once they are understood', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  const popup = await browser.popup();
  for (let index = 0; index < 10; index += 1) server.sendFrame('{"kind":"ping"}');
  await popup.diagnoses(/Most messages on the stream are not interaction events \(no interaction ID\)/);
  await popup.shows({ state: 'Streaming', rejected: 10 });
  // The worker's clock is put ahead, because nobody waits for minutes here.
  const [worker] = browser.context.serviceWorkers();
  assert.ok(worker, 'the worker runs');
  await worker.evaluate((ahead) => {
    const now = Date.now.bind(Date);
    Date.now = () => now() + ahead;
  }, 180_000);
  server.sendFrame('{"kind":"ping"}');
  await popup.shows({ state: 'Needs attention' });
  assert.equal(await browser.badge(), '!');
  await server.streaming();
  for (let index = 0; index < 10; index += 1) server.send(calm('at-last'));
  await popup.shows({ state: 'Streaming' });
  await until('the badge is calm', async () => (await browser.badge()) === '');
});

test('missing data is no data: null, absent and empty parts never trigger', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  const harmless = [
    { id: 'n1', type: 'connect' },
    { id: 'n2', type: 'connect', sentiment: null, routing: null, participant: null },
    { id: 'n3', type: 'connect', sentiment: {}, routing: {} },
    { id: 'n4', type: 'connect', sentiment: { score: null, confidence: null }, routing: { queueWaitTimeMs: null } },
    { id: 'n5', type: 'connect', sentiment: { score: -0.5 }, routing: { queueWaitTimeMs: 120_000 } },
    { id: 'n6', type: 'somethingNew', surprise: { deep: [1, { er: true }] } },
  ];
  for (const event of harmless) server.send(event);
  server.send(unhappy('last'));
  await browser.shows({ events: harmless.length + 1, triggers: 1, delivered: 1 });
  assert.deepEqual(server.cardIds('last').length, 1);
  assert.equal(server.cardRequests.length, 1);
});

test('invalid UTF-8 in a text frame ends the socket (the browser does that); a new one goes on', async (t) => {
  const { server } = await streamingFromOther(t);
  server.sendBrokenText();
  await until('the stream was asked for again', () => server.streamRequests.length === 2);
  await server.streaming();
  server.send(unhappy('a'));
  await server.cards(1);
});
