import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainCore } from '../../e2e/bench/figures/plain-core.mjs';

/** @param {unknown[]} events */
function after(...events) {
  const core = plainCore();
  for (const event of events) core.heard(typeof event === 'string' ? event : JSON.stringify(event));
  return core;
}

const event = (more = {}) => ({
  id: 'i',
  sentiment: { score: 0.4, confidence: 1 },
  routing: { queueName: 'q' },
  ...more,
});

test('the plain core counts events and frames that are none', () => {
  const bad = ['', '[]', 'null', '{}', '{"id":7}', '{"id":"i","sentiment":{"score":2}}', '{"id":"i","routing":[]}'];
  const { counts } = after(event(), ...bad);
  assert.deepEqual([counts.events, counts.rejected], [1, bad.length]);
});

test('the plain core finds what is due, once', () => {
  const sad = { sentiment: { score: -0.7 } };
  const { due } = after(event(sad), event(sad), event({ id: 'j', routing: { queueWaitTimeMs: 120_001 } }), event());
  assert.deepEqual(due, ['i', 'j']);
});

test('the plain core keeps the figures of queues', () => {
  const core = after(event(), event({ id: 'j' }), { id: 'i', type: 'disposition' });
  assert.deepEqual([...core.queues], [['q', { events: 3, interactions: 2, sum: 0.8, count: 2 }]]);
});

test('the plain core reads binary frames', () => {
  const core = plainCore();
  core.heard(new TextEncoder().encode(JSON.stringify(event())).buffer);
  assert.equal(core.counts.events, 1);
});
