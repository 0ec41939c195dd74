/** A port to the worker that reconnects after each loss; connecting starts a stopped worker. */
import * as ext from './ext.js';

const SHORTEST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;

/**
 * @param {'page' | 'watch'} name
 * @param {{ opened?: () => void, message?: () => void }} listener
 * @returns {(message: unknown) => void} sends, if there is someone to send to
 */
export function link(name, { opened, message } = {}) {
  /** @type {import('./ext.js').Port | undefined} */
  let port;
  let wait = 0;
  const open = () => {
    port = ext.connect(name);
    port.onMessage.addListener((said) => {
      // The worker greets every port. Without a greeting the worker failed to start, so the next try waits longer.
      if (said?.kind === 'hello') wait = 0;
      else message?.();
    });
    port.onDisconnect.addListener(() => {
      port = undefined;
      if (wait === 0) open();
      else setTimeout(open, wait);
    });
    wait = Math.min(LONGEST_WAIT_MS, wait * 2 || SHORTEST_WAIT_MS);
    opened?.();
  };
  open();
  return (message) => port?.postMessage(message);
}
