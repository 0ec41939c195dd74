/** From an empty profile to cards on the agents' desktops, as a person would: options, popup, badge. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Browser } from '../lib/browser.mjs';
import { connection } from '../lib/pages/options.mjs';
import { freshBrowser, otherServer, streamingFromSimulator } from '../lib/scene.mjs';
import { stays, until } from '../lib/wait.mjs';
import { onceEach, summary } from '../lib/trials/verdict.mjs';

test('token → stream → evaluate → dispatch: what is due is delivered, once each', async (t) => {
  const { simulator, browser } = await streamingFromSimulator(t, [
    '--rate',
    '100',
    '--seconds',
    '10',
    '--due-per-minute',
    '600',
  ]);
  const report = await simulator.settled();
  t.diagnostic(summary(report));
  onceEach(report);
  const shown = await browser.shows({ state: 'Streaming', delivered: report.due, waiting: 0, givenUp: 0 });
  assert.equal(shown.events, report.eventsSent);
  assert.equal(shown.triggers, report.due);
  assert.deepEqual(browser.errors, []);
});

test('a fresh profile is not set up, and says so', async (t) => {
  const browser = await freshBrowser(t);
  const shown = await browser.status();
  assert.equal(shown.state, 'Not set up');
  assert.equal(shown.events, 0);
});

test('the secret is never shown again, and an empty field keeps it', async (t) => {
  const server = await otherServer(t);
  const browser = await freshBrowser(t);
  await browser.configure(connection(server));
  await server.streaming();
  const options = await browser.options();
  await until('the stored settings are shown', async () => (await options.field('Client ID').inputValue()) !== '');
  assert.equal(await options.field('Client secret').inputValue(), '');
  assert.doesNotMatch(await options.page.content(), /correct horse/);
  await options.page.close();
  await browser.configure({ 'Card title': 'A new title' });
  await server.streaming();
  assert.equal(server.tokenRequests.at(-1)?.form.get('client_secret'), 'correct horse');
});

/** @type {Browser | undefined} */
let unused;
after(() => unused?.close());

for (const [field, wrong] of /** @type {[string, string][]} */ ([
  ['Organization ID', 'two labels.example'],
  ['Service address', 'http://example.com'],
  ['Service address', 'ftp://127.0.0.1'],
  ['Sentiment threshold', '2'],
  ['Queue wait threshold (seconds)', '-1'],
  ['Minimum confidence', '1.5'],
  ['Remember for (hours)', '0'],
  ['Card time to live (minutes)', '0'],
])) {
  test(`${field} ${JSON.stringify(wrong)} is refused by name, and nothing is saved`, async (t) => {
    const server = await otherServer(t);
    // Nothing is saved: it is as fresh for the next.
    unused ??= await Browser.launch();
    const browser = unused;
    const options = await browser.options();
    await options.fill({ ...connection(server), 'Card title': 'Saved by halves', [field]: wrong });
    await options.save();
    const name = field.replace(/ \(.*\)$/, '');
    await until(`the status names ${name}`, async () => (await options.status()).includes(name), {
      seen: () => options.status(),
    });
    assert.doesNotMatch(await options.status(), /\bSaved\b/);
    await options.page.reload();
    await until('the page is filled', async () => (await options.field('Card title').inputValue()) !== '');
    assert.equal(await options.field('Card title').inputValue(), 'Customer Engagement Alert');
    assert.equal(await options.field('Organization ID').inputValue(), '');
    await stays('no request', 500, () => server.tokenRequests.length === 0);
    await options.page.close();
  });
}

test('dry run evaluates and posts nothing', async (t) => {
  const { simulator, browser } = await streamingFromSimulator(t, ['--rate', '100', '--seconds', '4'], {
    settings: { 'Dry run': true },
  });
  const report = await until('the traffic has ended', async () => {
    const { state, events } = await browser.status();
    const now = await simulator.report();
    return state === 'Streaming' && events === now.eventsSent && events > 350 ? now : null;
  });
  assert.ok((await browser.status()).triggers > 0);
  assert.equal(report.requests.card ?? 0, 0);
});

test('the settings decide: thresholds, filters, confidence, words on the card', async (t) => {
  const server = await otherServer(t);
  const browser = await freshBrowser(t);
  await browser.configure(
    connection(server, {
      'Sentiment threshold': '-0.2',
      'Queue wait threshold (seconds)': '10',
      'Minimum confidence': '0.5',
      'Exclude queues': 'spam*',
      'Card title': 'Look here',
      'Card content': '{reason} in {queue} for {interaction}',
    }),
  );
  await server.streaming();
  const event = (/** @type {string} */ id, /** @type {object} */ parts) => ({ id, type: 'connect', ...parts });
  server.send(event('unsure', { sentiment: { score: -0.9, confidence: 0.4 }, routing: { queueName: 'sales' } }));
  server.send(event('spam', { sentiment: { score: -0.9, confidence: 0.9 }, routing: { queueName: 'spam-1' } }));
  server.send(event('mild', { sentiment: { score: -0.21, confidence: 0.9 }, routing: { queueName: 'sales' } }));
  server.send(event('edge', { sentiment: { score: -0.2, confidence: 0.9 }, routing: { queueName: 'sales' } }));
  server.send(event('slow', { routing: { queueName: 'sales', queueWaitTimeMs: 10_001 } }));
  await browser.shows({ events: 5, triggers: 2, delivered: 2 });
  const cards = server.cardRequests.map(({ interaction, card }) => [interaction, card.title, card.content]).sort();
  assert.deepEqual(cards, [
    ['mild', 'Look here', 'Negative sentiment detected (-0.21) in sales for mild'],
    ['slow', 'Look here', 'Queue wait time exceeded (10001ms) in sales for slow'],
  ]);
});
