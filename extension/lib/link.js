/** A port to the worker that is opened again whenever it is lost; opening it starts a worker that was ended. */
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
      // The worker greets every port. One that never did has failed to start, and is not asked at once again.
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
