/** The browser itself must not repeat an agent message: NICE takes a repeat for a second message. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { freshBrowser } from '../lib/scene.mjs';
import { until } from '../lib/wait.mjs';

const SERVICES = '/api/inContactAPI/services/v31.0';

/** A server that answers reads, and breaks the connection of each message once it has read it. @param {import('node:test').TestContext} t */
async function breaking(t) {
  let messages = 0;
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      if (request.method === 'GET') return void response.end('{}');
      messages += 1;
      response.destroy();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  t.after(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server is not listening');
  return { url: `http://127.0.0.1:${address.port}`, messages: () => messages };
}

/** Reads, so that there is a connection to use again, and then sends a message. @param {{ read: string, send: string }} addresses */
async function readAndSend({ read, send }) {
  await (await fetch(read)).text();
  return fetch(send, { method: 'POST', body: '{}' }).then(
    () => 'answered',
    () => 'no answer',
  );
}

test('a message whose connection breaks without an answer is sent once', async (t) => {
  const server = await breaking(t);
  const browser = await freshBrowser(t);
  const worker = await until('the worker runs', () => browser.context.serviceWorkers()[0]);
  const ours = { read: `${server.url}${SERVICES}/server-time`, send: `${server.url}${SERVICES}/agents/messages` };
  assert.equal(await worker.evaluate(readAndSend, ours), 'no answer');
  assert.equal(server.messages(), 1);
  const others = { read: `${server.url}/any`, send: `${server.url}/other` };
  assert.equal(await worker.evaluate(readAndSend, others), 'no answer');
  assert.ok(server.messages() > 2, 'elsewhere the browser repeats, so this test would notice a repeat');
});
