/** The token step against a real OAuth server: right and wrong secret, its scopes, its errors, its expiry. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unhappy } from '../lib/events.mjs';
import { OAuthProvider } from '../lib/peers/oauth-provider.mjs';
import { connection } from '../lib/pages/options.mjs';
import { freshBrowser, otherServer } from '../lib/scene.mjs';
import { sleep, until } from '../lib/wait.mjs';

const BOTH = 'interactions:read agentassist:write';

/**
 * The other server, with the provider as its token endpoint and as the judge of its tokens.
 *
 * @param {import('node:test').TestContext} t
 * @param {{ scope?: string, asked?: string, lifetime?: number }} [options]
 */
async function behindProvider(t, { scope = BOTH, asked, lifetime } = {}) {
  const server = await otherServer(t);
  // Characters that only arrive if the form is encoded as it must be.
  const [id, secret] = ['super visor+1', 'p&ss=w%rd +/?#'];
  const provider = await OAuthProvider.start({ id, secret, scope, ...(lifetime === undefined ? {} : { lifetime }) });
  t.after(() => provider.stop());
  server.answerToken = (request) => provider.answer(request, asked);
  server.accepts = (token) => provider.knows(token);
  return { server, provider, settings: connection({ url: server.url, clientId: id, clientSecret: secret }) };
}

test('the right secret streams and delivers, whatever characters it has', async (t) => {
  const { server, provider, settings } = await behindProvider(t);
  const browser = await freshBrowser(t);
  await browser.configure(settings);
  await server.streaming();
  server.send(unhappy('a'));
  await browser.shows({ state: 'Streaming', delivered: 1 });
  assert.deepEqual(
    provider.answers.map(({ status }) => status),
    [200],
  );
});

test('a wrong secret is said in words, with what the server said', async (t) => {
  const { server, provider, settings } = await behindProvider(t);
  const browser = await freshBrowser(t);
  await browser.configure({ ...settings, 'Client secret': 'not it' });
  const shown = await browser.shows({ state: 'Needs attention' });
  assert.match(shown.diagnosis, /invalid_client|client authentication failed|401/);
  assert.equal(provider.answers[0]?.status, 401);
  assert.equal(server.streamRequests.length, 0);
  await browser.configure({ 'Client secret': String(settings['Client secret']) });
  await server.streaming();
});

test('an unknown client is a credentials problem, too', async (t) => {
  const { provider, settings } = await behindProvider(t);
  const browser = await freshBrowser(t);
  await browser.configure({ ...settings, 'Client ID': 'somebody' });
  await browser.shows({ state: 'Needs attention' });
  assert.equal(provider.answers[0]?.status, 401);
});

test('both scopes granted: no warning', async (t) => {
  const { server, settings } = await behindProvider(t, { asked: BOTH });
  const browser = await freshBrowser(t);
  await browser.configure(settings);
  await server.streaming();
  assert.equal((await browser.shows({ state: 'Streaming' })).diagnosis, '');
});

for (const [granted, missing] of /** @type {[string, string][]} */ ([
  ['interactions:read', 'agentassist:write'],
  ['agentassist:write', 'interactions:read'],
])) {
  test(`only ${granted} granted: the popup names ${missing}`, async (t) => {
    const { settings } = await behindProvider(t, { scope: granted, asked: granted });
    const browser = await freshBrowser(t);
    await browser.configure(settings);
    await until('the scope is named', async () => (await browser.status()).diagnosis.includes(missing), {
      seen: () => browser.status(),
    });
  });
}

test('a scope that the client may not have: the provider refuses, and what it says is shown', async (t) => {
  const { provider, settings } = await behindProvider(t, { scope: 'interactions:read', asked: BOTH });
  const browser = await freshBrowser(t);
  await browser.configure(settings);
  const shown = await browser.shows({ state: 'Needs attention' });
  assert.equal(provider.answers[0]?.status, 400);
  assert.match(shown.diagnosis, /invalid_scope|scope|400/);
});

test('a token that expires is replaced, and cards go on', async (t) => {
  const { server, provider, settings } = await behindProvider(t, { lifetime: 34 });
  const browser = await freshBrowser(t);
  await browser.configure(settings);
  await server.streaming();
  server.send(unhappy('a'));
  await server.cards(1);
  // Used until 30 s before its end: at 34 s of life, that is four seconds.
  await sleep(5_000);
  const before = provider.answers.length;
  server.send(unhappy('b'));
  await server.cards(2);
  assert.equal(provider.answers.length, before + 1);
  await browser.shows({ delivered: 2 });
  assert.notEqual(server.cardRequests[0]?.token, server.cardRequests[1]?.token);
});
