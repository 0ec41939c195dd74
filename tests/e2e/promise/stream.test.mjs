/** The token and the stream: what is asked for, what a refusal leads to, and how it comes back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unhappy } from '../lib/events.mjs';
import { connection } from '../lib/pages/options.mjs';
import { freshBrowser, otherServer, streamingFromOther } from '../lib/scene.mjs';
import { PATIENCE, stays, until } from '../lib/wait.mjs';

/** A stream on which traffic had been flowing is replaced after this silence at the latest, in milliseconds. */
const LONGEST_SILENCE = 45_000;

test('one token serves the stream and every card', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  for (const id of ['a', 'b', 'c']) server.send(unhappy(id));
  await browser.shows({ delivered: 3 });
  assert.equal(server.tokenRequests.length, 1);
  const [{ form, headers }] = /** @type {[import('../lib/peers/other-server.mjs').TokenRequest]} */ (
    server.tokenRequests
  );
  assert.equal(headers['content-type']?.split(';')[0], 'application/x-www-form-urlencoded');
  assert.deepEqual(Object.fromEntries(form), {
    grant_type: 'client_credentials',
    client_id: server.clientId,
    client_secret: server.clientSecret,
  });
  assert.equal(headers.cookie, undefined);
  assert.equal(headers.referer, undefined);
});

test('a token that lives for 0 seconds, or says nonsense, leads to no storm', async (t) => {
  for (const expiresIn of [0, -5, 'soon', 1e300]) {
    await t.test(`expires_in ${expiresIn}`, async (inner) => {
      const server = await otherServer(inner);
      server.expiresIn = expiresIn;
      const browser = await freshBrowser(inner);
      await browser.configure(connection(server));
      await server.streaming();
      server.send(unhappy('a'));
      await server.cards(1);
      await stays('few token requests', 3_000, () => server.tokenRequests.length <= 5);
    });
  }
});

test('a dropped stream is opened again after the backoff, and later events still trigger', async (t) => {
  for (const code of [1000, 1011, 4001]) {
    await t.test(`close code ${code}`, async (inner) => {
      const { server, browser } = await streamingFromOther(inner);
      const dropped = Date.now();
      server.closeStreams(code);
      await until('the stream was asked for again', () => server.streamRequests.length === 2);
      const pause = (server.streamRequests[1]?.at ?? 0) - dropped;
      assert.ok(pause >= 950 && pause < 4_000, `it came back after ${pause} ms`);
      await server.streaming();
      server.send(unhappy('a'));
      await browser.shows({ state: 'Streaming', delivered: 1 });
      assert.equal(server.streamRequests.length, 2, 'one socket at a time');
    });
  }
});

test('two refused upgrades in a row: the token is dropped and a fresh one asked for', async (t) => {
  const server = await otherServer(t);
  /** @type {string | null} */
  let stale = null;
  server.refuseUpgrade = (token) => {
    stale ??= token;
    return token === stale ? 401 : undefined;
  };
  const browser = await freshBrowser(t);
  await browser.configure(connection(server));
  await server.streaming();
  assert.deepEqual(
    server.streamRequests.map(({ token }) => token === stale),
    [true, true, false],
  );
  assert.equal(server.tokenRequests.length, 2);
});

test('a wrong secret: credentials rejected, said so, and no storm; the right one heals it', async (t) => {
  const server = await otherServer(t);
  const browser = await freshBrowser(t);
  await browser.configure(connection(server, { 'Client secret': 'wrong' }));
  const shown = await browser.shows({ state: 'Needs attention' });
  assert.match(shown.diagnosis, /client|secret|credentials/i);
  assert.doesNotMatch(shown.diagnosis, /wrong/, 'the secret is not shown');
  await stays('few token requests', 3_000, () => server.tokenRequests.length <= 3);
  await browser.configure({ 'Client secret': server.clientSecret });
  await server.streaming();
  await browser.shows({ state: 'Streaming' });
});

test('a scope that the token lacks is named', async (t) => {
  const server = await otherServer(t);
  server.answerToken = () => ({
    status: 200,
    body: JSON.stringify({ access_token: 'x', expires_in: 300, scope: 'interactions:read' }),
  });
  server.accepts = () => true;
  const browser = await freshBrowser(t);
  await browser.configure(connection(server));
  await until('the popup names the scope', async () => /agentassist:write/.test((await browser.status()).diagnosis));
});

test('pausing closes the stream, resuming opens it', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  const popup = await browser.popup();
  await popup.press(/^Pause/);
  await until('no stream is open', () => server.streams === 0);
  await browser.shows({ state: 'Paused' });
  await popup.press(/^Resume/);
  await server.streaming();
  await browser.shows({ state: 'Streaming' });
});

test('a silent stream is noticed where traffic had been flowing, and replaced', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  const flowing = setInterval(() => server.send({ id: 'flow', type: 'update' }), 100);
  t.after(() => clearInterval(flowing));
  await browser.shows({ state: 'Streaming' });
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  clearInterval(flowing);
  const silent = Date.now();
  await until('the stream was asked for again', () => server.streamRequests.length >= 2, {
    within: LONGEST_SILENCE + PATIENCE,
  });
  const noticed = ((server.streamRequests[1]?.at ?? 0) - silent) / 1000;
  t.diagnostic(`a silent stream was replaced after ${noticed.toFixed(1)} s`);
  await until('the new stream is open', () =>
    server.streamRequests.some(({ at, openedAt }) => at > silent && openedAt),
  );
  server.send(unhappy('after'));
  const [card] = await server.cards(1);
  assert.equal(card?.interaction, 'after');
});
