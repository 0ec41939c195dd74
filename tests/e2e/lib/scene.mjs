/** What most tests start from: a server, a fresh browser, the options filled in, a stream. */
import { Browser } from './browser.mjs';
import { connection } from './options.mjs';
import { OtherServer } from './other-server.mjs';
import { Simulator } from './simulator.mjs';
import { until } from './wait.mjs';

/** @typedef {import('node:test').TestContext} TestContext */

/**
 * The other server and a browser that streams from it; both end with the test.
 *
 * @param {TestContext} t
 * @param {Record<string, string | boolean>} [settings] more settings, by accessible name
 * @param {Partial<OtherServer>} [habits] what the server does otherwise
 */
export async function streamingFromOther(t, settings = {}, habits = {}) {
  const server = Object.assign(await otherServer(t), habits);
  const browser = await freshBrowser(t);
  await browser.configure(connection(server, settings));
  await server.streaming();
  return { server, browser };
}

/**
 * The simulator and a browser that streams from it; both end with the test.
 *
 * @param {TestContext} t
 * @param {string[]} flags
 * @param {{ settings?: Record<string, string | boolean>, paused?: boolean }} [options] more settings, by accessible name;
 *   `paused`: it makes no traffic before it is resumed
 */
export async function streamingFromSimulator(t, flags, { settings = {}, paused = false } = {}) {
  const simulator = await Simulator.start(flags);
  t.after(() => simulator.stop());
  if (paused) await simulator.pause();
  const browser = await freshBrowser(t);
  await browser.configure(connection(simulator, settings));
  await until('the stream is open', async () => (await simulator.report()).streamsOpen > 0);
  return { simulator, browser };
}

/** @param {TestContext} t */
export async function otherServer(t) {
  const server = await OtherServer.start();
  t.after(() => server.stop());
  return server;
}

/** @param {TestContext} t @param {Parameters<typeof Browser.launch>[0]} [options] */
export async function freshBrowser(t, options) {
  const browser = await Browser.launch(options);
  t.after(() => browser.close());
  return browser;
}
