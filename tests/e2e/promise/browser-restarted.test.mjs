/** The whole browser goes, politely or not, and comes back on the same profile with nobody there to open a page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unhappy } from '../lib/events.mjs';
import { streamingFromOther } from '../lib/scene.mjs';
import { ALARM, PATIENCE, sleep, stays, until } from '../lib/wait.mjs';

test('two unattended restarts: it streams again by itself, and what fired before does not fire again', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  server.send(unhappy('before'));
  await browser.shows({ delivered: 1, waiting: 0 });
  for (const [round, leave] of [() => browser.quit(), () => browser.kill()].entries()) {
    await leave();
    await until('the stream is gone', () => server.streams === 0);
    const started = performance.now();
    await browser.start();
    await server.streaming(ALARM + PATIENCE);
    t.diagnostic(`restart ${round + 1}: streaming ${(performance.now() - started).toFixed(0)} ms after the start`);
    server.send(unhappy('before'));
    server.send(unhappy(`after-${round}`));
    await until('the card of the new interaction', () => server.cardIds(`after-${round}`).length === 1);
    // A card whose answer is not yet noted is rightly sent again: only what is settled is left behind.
    await browser.shows({ waiting: 0 });
  }
  await stays('no second card', 1_000, () => server.cardRequests.length === 3);
  assert.equal(server.cardIds('before').length, 1);
});

test('the browser is killed with cards in the outbox: they are sent by the next one', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  server.answerCard = () => ({ status: 503 });
  for (const id of ['a', 'b', 'c']) server.send(unhappy(id));
  await until('each was tried', () => ['a', 'b', 'c'].every((id) => server.cardIds(id).length === 1));
  await sleep(200);
  await browser.kill();
  server.answerCard = () => ({ status: 200 });
  const before = server.cardRequests.length;
  await browser.start();
  await browser.shows({ waiting: 0, givenUp: 0 });
  for (const id of ['a', 'b', 'c']) {
    assert.equal(server.cardIds(id).length, 1);
    assert.ok(server.cardRequests.slice(before).some((request) => request.interaction === id));
  }
});
