/**
 * The page's own worker: the same WebAssembly as in the service worker, of which it makes a workbench and no engine. A
 * check runs here, so that typing never waits for it.
 */
import init, { Workbench } from '../pkg/cuewire.js';

/** @type {Promise<Workbench>} */
const ready = init({ module_or_path: new URL('../pkg/cuewire_bg.wasm', import.meta.url) }).then(() => new Workbench());

self.addEventListener('message', async ({ data: { id, call, args } }) => {
  try {
    const bench = /** @type {any} */ (await ready);
    self.postMessage({ id, value: bench[call](...args) });
  } catch (error) {
    self.postMessage({ id, wrong: error instanceof Error ? error.message : String(error) });
  }
});
