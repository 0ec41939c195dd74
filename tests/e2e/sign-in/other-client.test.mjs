/** The simulator, used by a client that is not the extension: it leans on no habit of ours. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OtherClient, card } from '../lib/peers/other-client.mjs';
import { Simulator } from '../lib/peers/simulator.mjs';
import { until } from '../lib/wait.mjs';

/**
 * @param {import('node:test').TestContext} t
 * @param {string[]} flags
 */
async function scene(t, flags = []) {
  const simulator = await Simulator.start(flags);
  t.after(() => simulator.stop());
  const client = new OtherClient(simulator.url);
  t.after(() => client.close());
  return { simulator, client };
}

test('it listens, decides for itself, and the oracle agrees with every card', async (t) => {
  const { simulator, client } = await scene(t, ['--rate', '200', '--seconds', '5', '--frames', 'mixed']);
  assert.equal((await client.signIn('supervisor', 'correct horse')).status, 200);
  const fired = new Set();
  const status = await client.listen((event) => {
    const due = event.sentiment?.score < -0.5 || event.routing?.queueWaitTimeMs > 120_000;
    if (!due || fired.has(event.id)) return;
    fired.add(event.id);
    void client.post(event.id, card(`trigger-${event.id}-any-1`));
  });
  assert.equal(status, 101);
  const report = await simulator.settled();
  assert.equal(report.delivered, fired.size);
  assert.deepEqual(
    [report.missed, report.duplicated, report.notDue, report.eventsSent],
    [0, 0, 0, client.events.length],
  );
  assert.equal(client.rejected, 0);
});

test('a wrong secret, a missing token and a made-up one are refused', async (t) => {
  const { client } = await scene(t);
  assert.equal((await client.signIn('supervisor', 'wrong')).status, 401);
  assert.equal(await client.listen(), 401);
  assert.equal((await client.post('a', card('trigger-a-x-1'), { token: 'made up' })).status, 401);
});

test('a card is kept by its cardId: the second time it is a repeat, not a second card', async (t) => {
  const { simulator, client } = await scene(t);
  await client.signIn('supervisor', 'correct horse');
  assert.equal((await client.post('odd / id ? # % 😀', card('trigger-odd-x-1'))).status, 201);
  assert.equal((await client.post('odd / id ? # % 😀', card('trigger-odd-x-1'))).status, 409);
  assert.equal((await simulator.report()).repeats, 1);
});

test('what is no card is refused', async (t) => {
  const { client } = await scene(t);
  await client.signIn('supervisor', 'correct horse');
  for (const wrong of [{}, { ...card('x'), type: 'loud' }, { ...card('x'), title: 7 }, []]) {
    const { status } = await client.post('a', wrong);
    assert.ok(status === 400 || status === 422, `${JSON.stringify(wrong)}: ${status}`);
  }
});

test('over the rate limit it says how long to wait', async (t) => {
  const { simulator, client } = await scene(t, ['--rate-limit', '2']);
  await client.signIn('supervisor', 'correct horse');
  const answers = [];
  for (let index = 0; index < 8; index += 1)
    answers.push(await client.post(`r${index}`, card(`trigger-r${index}-x-1`)));
  const limited = answers.filter(({ status }) => status === 429);
  assert.ok(limited.length > 0);
  for (const { headers } of limited) assert.match(headers.get('retry-after') ?? '', /^\d+$/);
  await until('the oracle counts them', async () => (await simulator.report()).cardAnswers['429'] === limited.length);
});
