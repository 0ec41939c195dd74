/** The start of most tests: a server, a fresh browser, saved settings, a stream. */
import { Browser } from './browser.mjs';
import { connection } from './pages/options.mjs';
import { OtherServer } from './peers/other-server.mjs';
import { Simulator } from './peers/simulator.mjs';
import { until } from './wait.mjs';

/** @typedef {import('node:test').TestContext} TestContext */
/** Something at whose end the server and the browser end: a test, or a run of a benchmark. @typedef {Pick<TestContext, 'after'>} Stage */

/**
 * A stage for a run outside the test runner: everything started on it ends with it, the newest first.
 *
 * @template T
 * @param {(stage: Stage) => Promise<T>} run
 */
export async function onStage(run) {
  /** @type {(() => unknown)[]} */
  const ends = [];
  try {
    return await run({ after: (/** @type {any} */ end) => void ends.unshift(end) });
  } finally {
    for (const end of ends) await Promise.resolve(end()).catch(() => {});
  }
}

/**
 * The other server and a browser that streams from it; both end with the test.
 *
 * @param {Stage} t
 * @param {Record<string, string | boolean>} [settings] more settings, by accessible name
 * @param {Partial<OtherServer>} [habits] what the server does otherwise
 */
export async function streamingFromOther(t, settings = {}, habits = {}) {
  const server = Object.assign(await otherServer(t), habits);
  const browser = await connectedBrowser(t, server, settings);
  await server.streaming();
  return { server, browser };
}

/**
 * The simulator and a browser that streams from it; both end with the test.
 *
 * @param {Stage} t
 * @param {string[]} flags
 * @param {{ settings?: Record<string, string | boolean>, paused?: boolean }} [options] more settings, by accessible name;
 *   `paused`: no traffic before it is resumed
 */
export async function streamingFromSimulator(t, flags, { settings = {}, paused = false } = {}) {
  const simulator = await Simulator.start(flags);
  t.after(() => simulator.stop());
  if (paused) await simulator.pause();
  const browser = await connectedBrowser(t, simulator, settings);
  await until('the stream is open', async () => (await simulator.report()).streamsOpen > 0);
  return { simulator, browser };
}

/** @param {Stage} t */
export async function otherServer(t) {
  const server = await OtherServer.start();
  t.after(() => server.stop());
  return server;
}

/**
 * A fresh browser with these settings saved, and at once: what is due may be sent as soon as there is a connection. Where
 * there are no others, the connection is saved in the words of the welcome page but not through its form, which has tests of
 * its own.
 *
 * @param {Stage} t
 * @param {{ url: string, clientId: string, clientSecret: string }} server
 * @param {Record<string, string | boolean>} settings by accessible name
 */
async function connectedBrowser(t, server, settings) {
  if (Object.keys(settings).length > 0) {
    const browser = await freshBrowser(t);
    await browser.configure(connection(server, settings));
    return browser;
  }
  const browser = await freshBrowser(t, { welcome: true });
  const welcome = await browser.welcomePage();
  const { url: serviceAddress, clientId, clientSecret } = server;
  const entered = { organization: 'acme', serviceAddress, clientId, clientSecret };
  const answer = await welcome.evaluate(async (entered) => {
    const { value } = await chrome.runtime.sendMessage({ kind: 'settings' });
    const text = JSON.stringify({ ...value, ...entered });
    return chrome.runtime.sendMessage({ kind: 'save', text, checkOnly: false });
  }, entered);
  if (answer.kind !== 'done') throw new Error(`the settings were not saved: ${JSON.stringify(answer)}`);
  await welcome.close();
  return browser;
}

/** @param {Stage} t @param {Parameters<typeof Browser.launch>[0]} [options] */
export async function freshBrowser(t, options) {
  const browser = await Browser.launch(options);
  t.after(() => browser.close());
  return browser;
}
