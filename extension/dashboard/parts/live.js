/** The dashboard's data while the page is seen: asked for when the worker says that something changed, four times a second at most. */
import * as ext from '../../lib/browser/ext.js';
import { ask } from '../../lib/parts/page.js';

/** @typedef {import('../../pkg/cuewire.js').Dashboard} Dashboard */

const SHORTEST_MS = 250;
/** How often the page refreshes without news, because rates fall and times pass. */
const LONGEST_MS = 2_000;
const LONGEST_WAIT_MS = 30_000;

/**
 * @param {(dashboard: Dashboard) => void} show
 * @param {(why: string) => void} fail there is no engine to ask
 * @returns {() => Promise<void>} looks at once, for what a person did
 */
export function live(show, fail) {
  /** @type {import('../../lib/browser/ext.js').Port | undefined} */
  let port;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let heartbeat;
  /** Never yet, so that the first look waits for nothing. */
  let asked = Number.NEGATIVE_INFINITY;
  let busy = false;
  let wanted = false;
  let wait = 0;

  const open = () => {
    if (port || document.hidden) return;
    const opened = ext.connect('page');
    port = opened;
    opened.onMessage.addListener((said) => {
      if (said?.kind === 'hello') wait = 0;
      want();
    });
    opened.onDisconnect.addListener(() => {
      if (port !== opened) return;
      port = undefined;
      setTimeout(open, wait);
      wait = Math.min(LONGEST_WAIT_MS, wait * 2 || SHORTEST_MS);
    });
    want();
  };

  const want = () => {
    wanted = true;
    if (busy || timer !== undefined || document.hidden) return;
    timer = setTimeout(look, Math.max(0, asked + SHORTEST_MS - performance.now()));
  };

  const look = async () => {
    clearTimeout(timer);
    timer = undefined;
    wanted = false;
    busy = true;
    asked = performance.now();
    const answer = await ask({ kind: 'dashboard' });
    busy = false;
    if (answer.kind === 'dashboard') show(answer.value);
    else if (answer.kind === 'wasmFailed') fail(answer.value);
    if (wanted) want();
  };

  const seen = () => {
    if (document.hidden) {
      clearInterval(heartbeat);
      clearTimeout(timer);
      timer = undefined;
      const left = port;
      port = undefined;
      left?.disconnect();
      return;
    }
    clearInterval(heartbeat);
    heartbeat = setInterval(() => {
      if (performance.now() - asked >= LONGEST_MS) want();
    }, 1_000);
    open();
  };

  document.addEventListener('visibilitychange', seen);
  seen();
  return async () => {
    if (!busy) await look();
    else want();
  };
}
