/** Random spells of every fault of the simulator: their parameters, and proof that each kind struck. */
import { sleep } from '../wait.mjs';

/** @typedef {import('../random.mjs').Random} Random */
/** @typedef {import('../peers/simulator.mjs').Simulator} Simulator */

/** Parameters of each kind besides its length, and what else it needs to strike. */
/** @type {Record<string, (random: Random) => { fields?: Record<string, unknown>, beside?: string, once?: boolean }>} */
const KINDS = {
  'token-expiry': (random) => ({ fields: { tokenSeconds: Math.round(random.between(1, 4)) }, beside: 'token-revoke' }),
  'token-revoke': () => ({ once: true }),
  'token-reject': (random) => ({ fields: { status: random.pick([400, 401]) }, beside: 'token-revoke' }),
  'token-error': (random) => ({ fields: { status: random.pick([500, 503]) }, beside: 'token-revoke' }),
  'token-answer': (random) => ({
    fields: { fields: { expires_in: random.pick([null, 'soon', -1, 0, 1e300]) } },
    beside: 'token-revoke',
  }),
  429: (random) => ({
    fields: {
      retryAfter: Math.round(random.between(1, 4)),
      form: random.pick(['digits', 'date', 'rfc850', 'asctime', 'absent', 'invalid']),
    },
  }),
  '5xx': (random) => ({ fields: { status: random.pick([500, 502, 503, 504]) } }),
  408: () => ({}),
  401: (random) => ({ fields: { share: random.pick([0.5, 1]) } }),
  403: (random) => ({ fields: { share: random.pick([0.3, 1]) } }),
  '4xx': (random) => ({ fields: { status: random.pick([400, 404, 410, 422]), share: 0.5 } }),
  '3xx': (random) => ({ fields: { status: random.pick([301, 302, 307, 308]), share: 0.5 } }),
  slow: (random) => ({
    fields: {
      ms: Math.round(random.between(200, 4_000)),
      target: random.pick(['cards', 'cards', 'token', 'stream', 'all']),
    },
  }),
  'lost-answer': (random) => ({ fields: { share: random.pick([0.3, 1]) } }),
  'lost-request': (random) => ({ fields: { share: random.pick([0.3, 1]) } }),
  drop: (random) => ({ fields: { code: random.pick([1000, 1001, 1006, 1011, 1012, 4001]) }, once: true }),
  'upgrade-refused': (random) => ({ fields: { status: random.pick([401, 403, 429, 500, 503]) }, beside: 'drop' }),
  silent: () => ({ once: true }),
  garbage: (random) => ({ fields: { perSecond: Math.round(random.between(5, 50)) } }),
  outage: () => ({}),
};

/** Longest time that a kind stays on until it strikes, in milliseconds; the next round tries it again. */
const KEPT_ON = 10_000;

/**
 * Inflicts one spell after another, some over others, until told to stop; every kind comes once before any comes again. A
 * spell may pass while nothing happens that it could strike: the first of each kind is kept on until it has struck, within
 * bounds, and what has not struck when told to stop goes on.
 *
 * @param {Simulator} simulator
 * @param {Random} random
 * @param {() => boolean} goesOn
 * @param {number} grace milliseconds beyond the end for what has not struck
 */
export async function inflict(simulator, random, goesOn, grace) {
  const known = await simulator.faultKinds();
  const strange = known.filter((kind) => !(kind in KINDS));
  if (strange.length > 0) throw new Error(`the soak does not know these faults: ${strange.join(', ')}`);
  const missing = async () => {
    const { faults } = await simulator.report();
    return known.filter((kind) => !faults[kind]);
  };
  while (goesOn()) {
    const unstruck = await missing();
    for (const kind of [...unstruck, ...random.shuffled(known.filter((kind) => !unstruck.includes(kind)))]) {
      if (!goesOn()) break;
      await spell(simulator, random, kind);
      await sleep(random.between(500, 5_000));
      const until = performance.now() + KEPT_ON;
      while (unstruck.includes(kind) && goesOn() && performance.now() < until && (await missing()).includes(kind)) {
        await spell(simulator, random, kind);
        await sleep(2_000);
      }
    }
  }
  const deadline = performance.now() + grace;
  for (let left = await missing(); left.length > 0 && performance.now() < deadline; left = await missing()) {
    await spell(simulator, random, random.pick(left));
    await sleep(2_000);
  }
}

/** @param {Simulator} simulator @param {Random} random @param {string} kind */
async function spell(simulator, random, kind) {
  const { fields, beside, once } = KINDS[kind]?.(random) ?? {};
  const seconds = once ? {} : { seconds: random.between(0.5, 4) };
  await simulator.fault(kind, { ...fields, ...seconds });
  if (beside !== undefined) await simulator.fault(beside);
}
