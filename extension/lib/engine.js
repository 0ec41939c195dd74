/** The one engine of this worker: started once, asked by everyone, replaced from storage if it crashes. */
import init, { abandon, Engine } from '../pkg/cuewire.js';
import * as ext from './browser/ext.js';
import { addressPattern } from './browser/host.js';
import { notification } from './words/notification.js';
import * as recording from './browser/recording.js';
import * as store from './browser/store.js';
import { text } from './words/text.js';
import { zoneOffset } from './browser/zone.js';

/** @typedef {import('../pkg/cuewire.js').Host} Host */
/** @typedef {import('./browser/messages.js').Request} Request */
/** @typedef {import('./browser/messages.js').Answer} Answer */

/** After more crashes the engine stays down until one crash is forgotten; otherwise it would crash in a loop. */
const MOST_CRASHES = 3;
/** Crashes are forgotten, because a worker lives for days and rare crashes would add up. */
const CRASH_FORGOTTEN_MS = 600_000;
const BADGE_COLOURS = { calm: '#5b6472', attention: '#a85b00', danger: '#c62828' };

/** @type {Promise<Engine> | undefined} */
let running;
/** Rejects each pending request when the engine is replaced, because a crashed engine never answers. @type {Set<(why: Error) => void>} */
const waiting = new Set();
let replaced = 0;
let crashes = 0;
/** Open sockets: the stream's, and the connection test's. @type {Set<WebSocket>} */
const sockets = new Set();
/** What brings a dead worker back. Unset until the engine says; then the alarm does. @type {import('../pkg/cuewire.js').Guard | undefined} */
let guard;
/** @type {Promise<unknown>} */
let settingAlarm = Promise.resolve();
/** @type {Promise<unknown>} */
let settingWatch = Promise.resolve();
/** @type {Set<import('./browser/ext.js').Port>} */
const pages = new Set();

/** Every event of the worker calls this: it ensures a running engine, and something that brings the worker back. */
export function wake() {
  ensureGuard();
  withEngine((engine) => engine.wake());
}

/** @param {Request} request @returns {Promise<Answer>} */
export async function answer(request) {
  /** @type {PromiseWithResolvers<Answer>} */
  const { promise, resolve, reject } = Promise.withResolvers();
  waiting.add(reject);
  engine()
    .then((engine) => engine.message(request))
    .then(resolve, reject);
  try {
    return await promise;
  } catch (error) {
    return { kind: 'wasmFailed', value: words(error) };
  } finally {
    waiting.delete(reject);
  }
}

/** @param {boolean} online */
export function goOnline(online) {
  withEngine((engine) => engine.online(online));
}

/** The browser granted or revoked access to a host. */
export function permissionsChanged() {
  withEngine((engine) => engine.permissionsChanged());
}

/** The browser holds an update ready. */
export function update() {
  withEngine((engine) => engine.update());
}

/** Sends news to a page until the page closes. @param {import('./browser/ext.js').Port} port */
export function follow(port) {
  pages.add(port);
  port.onDisconnect.addListener(() => {
    pages.delete(port);
    countPages();
  });
  countPages();
}

/** After the first install: opens the welcome page, unless Cuewire is already set up. */
export async function welcome() {
  wake();
  const settings = await answer({ kind: 'settings' });
  if (settings.kind === 'settings' && !settings.value.complete) await ext.openWelcome().catch(ext.report);
}

/** Handles an uncaught error; only a trap in the engine replaces the engine. @param {unknown} error */
export function crashed(error) {
  if (error instanceof WebAssembly.RuntimeError) fail(words(error));
}

function engine() {
  return running ?? run(start());
}

/** @param {Promise<Engine>} starting */
function run(starting) {
  running = starting;
  starting.catch((error) => failedToStart(starting, error));
  return starting;
}

/** @param {(engine: Engine) => void} use */
function withEngine(use) {
  // `failedToStart` reports a failed start.
  engine().then(use, () => {});
}

async function start() {
  // Nothing is read before the lock is held, because the worker before may still write.
  await Promise.all([init({ module_or_path: ext.url('pkg/cuewire_bg.wasm') }), onlyDispatcher().then(store.readAhead)]);
  const engine = new Engine(host);
  await engine.start();
  engine.pages(pages.size);
  return engine;
}

/** @type {Promise<void> | undefined} */
let lock;

/** Waits for the lock that one worker holds: the browser frees the lock when the worker before has ended in any way. */
function onlyDispatcher() {
  lock ??= new Promise((granted, refused) => {
    const held = () => new Promise(() => granted());
    navigator.locks.request('cuewire', held).catch((error) => {
      lock = undefined;
      refused(error);
    });
  });
  return lock;
}

/** @param {string} why */
function fail(why) {
  replace(why, () => {
    crashes += 1;
    setTimeout(forgetCrash, CRASH_FORGOTTEN_MS);
    return crashes > MOST_CRASHES ? Promise.reject(new Error(why)) : start();
  });
}

/** @param {string} why @param {() => Promise<Engine>} next */
function replace(why, next) {
  const before = replaced;
  // A microtask runs after the crashed call has unwound and before any other call reaches the engine.
  queueMicrotask(() => {
    if (before !== replaced) return;
    replaced += 1;
    for (const socket of sockets) socket.close(1000);
    sockets.clear();
    abandon();
    run(next());
    for (const reject of waiting) reject(new Error(why));
    host.publish();
  });
}

function forgetCrash() {
  crashes -= 1;
  if (crashes !== MOST_CRASHES) return;
  running = undefined;
  wake();
}

/** @param {Promise<Engine>} starting @param {unknown} error */
function failedToStart(starting, error) {
  ext.report(error);
  // The next request starts an engine again.
  if (crashes <= MOST_CRASHES && running === starting) running = undefined;
  ext.showBadge('!', BADGE_COLOURS.danger).catch(ext.report);
}

function countPages() {
  withEngine((engine) => engine.pages(pages.size));
}

/** Runs calls in order, because the browser rejects a second watch page. The alarm does not wait for the watch page. */
function ensureGuard() {
  settingAlarm = settingAlarm.then(() => (guard === 'none' ? ext.clearAlarm() : ext.ensureAlarm())).catch(ext.report);
  settingWatch = settingWatch.then(ensureWatch).catch(ext.report);
}

async function ensureWatch() {
  if (guard === 'watch') await ext.ensureWatchPage();
  else if (guard) await ext.closeWatchPage();
}

/** @param {unknown} error */
const words = (error) => (error instanceof Error ? error.message : String(error));

/** Reports a failure instead of passing it on. @param {() => unknown} call */
async function quietly(call) {
  try {
    await call();
  } catch (error) {
    ext.report(error);
  }
}

/**
 * No function here throws except `openStream`, where Rust expects an exception: any other exception that passes through
 * Rust leaves its work half done.
 *
 * @type {Host}
 */
export const host = {
  load: store.load,
  recall: store.recall,
  commit: store.commit,
  record: recording.record,
  forgetRecording: (through) => void quietly(() => recording.forget(through)),
  listRecording: recording.list,
  zoneOffset,
  readHistory: store.readHistory,
  reopenStorage: () => void quietly(store.reopen),
  deleteStorage: () => void quietly(store.deleteAll),
  restart: () => replace('the engine was restarted', start),
  reload: () => void quietly(ext.reload),
  storeSettings: async (settings, secret) => {
    // Arm the alarm before storing settings; otherwise a worker killed in between is never woken.
    await settingAlarm;
    await store.storeSettings(settings, secret);
  },
  storeMarker: () => void quietly(store.storeMarker),
  storeToken: (token) => void quietly(() => store.storeToken(token)),
  keepAlive: (vitals) => void quietly(() => store.storeVitals(vitals)),
  signIn: ext.openSignIn,
  showBadge: ({ text, tone }) => void quietly(() => ext.showBadge(text, BADGE_COLOURS[tone])),
  notify: (notice) =>
    void quietly(() => {
      if (notice.about === 'troubleOver') return ext.clearNotifications('trouble');
      const { kind, about, title, message } = notification(notice, text);
      return ext.showNotification(kind, about, title, message);
    }),
  publish: () => {
    // A port may be closed although its disconnect event has not arrived yet.
    for (const page of pages) void quietly(() => page.postMessage({ kind: 'changed' }));
  },
  guard: (level) => {
    guard = level;
    ensureGuard();
  },
  openStream: (url) => {
    const socket = new WebSocket(url);
    sockets.add(socket);
    socket.addEventListener('close', () => sockets.delete(socket));
    return socket;
  },
  permitted: async (origin) => {
    const pattern = addressPattern(origin);
    return pattern !== undefined && (await ext.isPermitted(pattern));
  },
  failed: fail,
};
