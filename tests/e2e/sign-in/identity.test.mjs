/** Ids are what the server says they are: they arrive as they came, or never leave the machine. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unhappy, waiting } from '../lib/events.mjs';
import { streamingFromOther } from '../lib/scene.mjs';
import { until } from '../lib/wait.mjs';

const ODD = [
  'plain',
  'a/b',
  '/',
  '//evil.example/x',
  'a?b=c',
  'a#b',
  '100%',
  '%2e%2e',
  '%2F',
  'with spaces ',
  'tab\tand\nnewline',
  '…',
  '...',
  '.hidden',
  '..%2f..',
  'emoji 😀👩‍👩‍👧',
  'Ünïcödé',
  'quote"\'<>&',
  '\\back\\slash',
  ';a=b',
  'e\u0301 is not \u00e9',
  'x'.repeat(1024),
];

test('an odd id arrives as the same id, in one segment', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  for (const id of ODD) server.send(unhappy(id));
  await browser.shows({ triggers: ODD.length, delivered: ODD.length, waiting: 0 });
  assert.deepEqual(server.cardRequests.map((request) => request.interaction).sort(), [...ODD].sort());
  assert.equal(new Set(server.cardRequests.map((request) => request.card.cardId)).size, ODD.length);
  assert.deepEqual(server.strayRequests, []);
});

test('`.` and `..` never leave the machine', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  for (const id of ['.', '..']) server.send(unhappy(id));
  server.send(unhappy('after'));
  await browser.shows({ triggers: 1, delivered: 1, waiting: 0 });
  assert.deepEqual(
    server.cardRequests.map((request) => request.interaction),
    ['after'],
  );
  assert.deepEqual(server.strayRequests, []);
});

test('an interaction gets one card, whichever rule is first and however often it is true', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  for (let round = 0; round < 5; round += 1) {
    server.send(unhappy('a', -0.6 - round / 20));
    server.send(waiting('a', 130_000 + round));
  }
  await browser.shows({ events: 10, triggers: 1, delivered: 1, waiting: 0 });
  assert.equal(server.cardRequests.length, 1);
});

test('once per rule, if the settings say so', async (t) => {
  const { server, browser } = await streamingFromOther(t, { 'Send one card per': 'rule' });
  for (let round = 0; round < 3; round += 1) {
    server.send(unhappy('a'));
    server.send(waiting('a'));
  }
  await browser.shows({ events: 6, triggers: 2, delivered: 2, waiting: 0 });
  assert.deepEqual(server.cardRequests.map((request) => request.card.content).sort(), [
    'Action required: Negative sentiment detected (-0.72)',
    'Action required: Queue wait time exceeded (125000ms)',
  ]);
});

test('when both rules are true at once, both are said', async (t) => {
  const { server } = await streamingFromOther(t);
  server.send({ ...unhappy('a'), ...{ routing: { queueWaitTimeMs: 125_000, queueName: 'billing' } } });
  const [request] = await server.cards(1);
  assert.match(request?.card.content, /Negative sentiment detected \(-0\.72\)/);
  assert.match(request?.card.content, /Queue wait time exceeded \(125000ms\)/);
});

test('a supervisor on another machine sends the same cardId', async (t) => {
  const first = await streamingFromOther(t);
  const second = await streamingFromOther(t);
  for (const { server } of [first, second]) server.send(unhappy('shared'));
  await until('both cards came', () => first.server.cardRequests.length + second.server.cardRequests.length === 2);
  assert.deepEqual(first.server.cardIds('shared'), second.server.cardIds('shared'));
});
