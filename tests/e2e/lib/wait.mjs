/** Waiting for something to become true, and saying what was seen instead when it does not. */

/**
 * How long a test waits for what the product does at once, in milliseconds. The machine may be slow and shared, so that a
 * shorter wait would test the machine. Where the product itself takes its time, a test names a longer wait.
 */
export const PATIENCE = 60_000;

/** Where nothing else wakes a worker, an alarm does, in milliseconds: it rings each 30 s, and Chrome may be late. */
export const ALARM = 60_000;

/** @param {number} ms */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Calls `look` until it gives something true, and gives that. An error that `look` throws counts as "not yet".
 *
 * @template T
 * @param {string} what what is waited for, for the message
 * @param {() => T | Promise<T>} look
 * @param {{ within?: number, every?: number, seen?: () => unknown }} [options] milliseconds; `seen` is shown on failure
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, look, { within = PATIENCE, every = 50, seen } = {}) {
  const deadline = performance.now() + within;
  /** @type {unknown} */
  let last;
  for (;;) {
    try {
      const found = await look();
      if (found) return /** @type {NonNullable<T>} */ (found);
      last = found;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= deadline) {
      const instead = seen ? await Promise.resolve(seen()).catch((error) => error) : last;
      throw new Error(`not within ${within} ms: ${what}; instead: ${shown(instead)}`);
    }
    await sleep(every);
  }
}

/**
 * Looks for `ms` milliseconds that `look` stays true.
 *
 * @param {string} what
 * @param {number} ms
 * @param {() => boolean | Promise<boolean>} look
 */
export async function stays(what, ms, look) {
  const deadline = performance.now() + ms;
  while (performance.now() < deadline) {
    if (!(await look())) throw new Error(`it did not stay so for ${ms} ms: ${what}`);
    await sleep(50);
  }
}

/** @param {unknown} value */
const shown = (value) => (value instanceof Error ? value.message : JSON.stringify(value));
