/** The one engine of this worker: started once, asked by everyone, replaced from storage if it crashes. */
import init, { abandon, Engine } from '../pkg/cuewire.js';
import * as ext from './ext.js';
import { addressPattern } from './host.js';
import { notification } from './notification.js';
import * as store from './store.js';
import { text } from './text.js';

/** @typedef {import('../pkg/cuewire.js').Host} Host */
/** @typedef {import('./messages.js').Request} Request */
/** @typedef {import('./messages.js').Answer} Answer */

/** More crashes than this are no accident; once one of them is forgotten, it is tried again. */
const MOST_CRASHES = 3;
/** A worker lives for days. */
const CRASH_FORGOTTEN_MS = 600_000;
const BADGE_COLOURS = { calm: '#5b6472', attention: '#a85b00', danger: '#c62828' };

/** @type {Promise<Engine> | undefined} */
let running;
/** Ends the requests of those who wait for an answer: a crashed engine's never comes. @type {Set<(why: Error) => void>} */
const waiting = new Set();
/** How often an engine was replaced by the next one. */
let replaced = 0;
let crashes = 0;
/** Open ones: the stream's, and that of a connection test. @type {Set<WebSocket>} */
const sockets = new Set();
/** What must bring a dead worker back; until the engine says, the alarm. @type {import('../pkg/cuewire.js').Guard | undefined} */
let guard;
/** @type {Promise<unknown>} */
let settingAlarm = Promise.resolve();
/** @type {Promise<unknown>} */
let settingWatch = Promise.resolve();
/** @type {Set<import('./ext.js').Port>} */
const pages = new Set();

/** Every entry of the worker ends here: it makes sure that there is an engine, and that something brings the worker back. */
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

/** The browser lets the extension reach more than before, or less. */
export function permissionsChanged() {
  withEngine((engine) => engine.permissionsChanged());
}

/** The browser holds an update ready. */
export function update() {
  withEngine((engine) => engine.update());
}

/** A page that wants to hear of news, until it closes. @param {import('./ext.js').Port} port */
export function follow(port) {
  pages.add(port);
  port.onDisconnect.addListener(() => {
    pages.delete(port);
    countPages();
  });
  countPages();
}

/** Installed for the first time: whoever has not set it up is shown how. */
export async function welcome() {
  wake();
  const settings = await answer({ kind: 'settings' });
  if (settings.kind === 'settings' && !settings.value.complete) await ext.openWelcome().catch(ext.report);
}

/** An error that nothing caught: a trap in the engine, unless it is something else. @param {unknown} error */
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
  // That it does not start is reported where it is started.
  engine().then(use, () => {});
}

async function start() {
  await init({ module_or_path: ext.url('pkg/cuewire_bg.wasm') });
  await onlyDispatcher();
  const engine = new Engine(host);
  await engine.start();
  engine.pages(pages.size);
  return engine;
}

/** @type {Promise<void> | undefined} */
let lock;

/** There is never a second worker at work: the lock is free once the one before is gone, however it went. */
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
  // Once what crashed has unwound, and before anything else can call into it.
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
  // Whoever asks next tries again.
  if (crashes <= MOST_CRASHES && running === starting) running = undefined;
  ext.showBadge('!', BADGE_COLOURS.danger).catch(ext.report);
}

function countPages() {
  withEngine((engine) => engine.pages(pages.size));
}

/** One after another: two watch pages at once are an error. The alarm does not wait for a page that is slow to open. */
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

/** What fails is told, and ends here. @param {() => unknown} call */
async function quietly(call) {
  try {
    await call();
  } catch (error) {
    ext.report(error);
  }
}

/**
 * No function here throws, but `openStream`, of which Rust expects it: an exception that passes through Rust leaves it half
 * done.
 *
 * @type {Host}
 */
export const host = {
  load: store.load,
  commit: store.commit,
  reopenStorage: () => void quietly(store.reopen),
  deleteStorage: () => void quietly(store.deleteAll),
  restart: () => replace('the engine was restarted', start),
  reload: () => void quietly(ext.reload),
  storeSettings: async (settings, secret) => {
    // Killed as soon as they are stored, it must be woken for them.
    await settingAlarm;
    await store.storeSettings(settings, secret);
  },
  storeMarker: () => void quietly(store.storeMarker),
  storeToken: (token) => void quietly(() => store.storeToken(token)),
  keepAlive: (vitals) => void quietly(() => store.storeVitals(vitals)),
  showBadge: ({ text, tone }) => void quietly(() => ext.showBadge(text, BADGE_COLOURS[tone])),
  notify: (notice) =>
    void quietly(() => {
      if (notice.about === 'troubleOver') return ext.clearNotifications('trouble');
      const { kind, about, title, message } = notification(notice, text);
      return ext.showNotification(kind, about, title, message);
    }),
  publish: () => {
    // A port may have closed before its page is heard to be gone.
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
