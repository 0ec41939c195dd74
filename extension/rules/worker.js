/**
 * The page's own worker. It loads the workbench, a WebAssembly module without the engine of the service worker. A
 * check runs here, so that typing never waits for it.
 */
import init, { Workbench } from '../pkg/workbench.js';

/** @type {Promise<Workbench>} */
const ready = init({ module_or_path: new URL('../pkg/workbench_bg.wasm', import.meta.url) }).then(
  () => new Workbench(),
);

self.addEventListener('message', async ({ data: { id, call, args } }) => {
  try {
    const bench = /** @type {any} */ (await ready);
    self.postMessage({ id, value: bench[call](...args) });
  } catch (error) {
    self.postMessage({ id, wrong: error instanceof Error ? error.message : String(error) });
  }
});
