/** The rows: which server, which cards are due when, and what must hold of Cuewire beside the plain client. */
import { Random } from '../../lib/random.mjs';
import { bucket, fixedWindow, shared, slidingWindow } from './limits.mjs';

/** @typedef {import('./subject.mjs').Behaviour} Behaviour */
/** @typedef {import('./limits.mjs').Limit} Limit */
/** @typedef {import('./measure.mjs').Figures} Figures */
/** @typedef {{ name: string, holds: (own: Figures, plain: Figures | undefined) => boolean }} Bound */
/**
 * @typedef {object} Row
 * @property {string} name
 * @property {() => Behaviour} server a fresh one for each client
 * @property {{ at: number, id: string }[]} due
 * @property {(id: string) => boolean} [counts] whose figures are asked for: all
 * @property {number} latency milliseconds that an answer takes
 * @property {number} patience milliseconds after the last event
 * @property {number} [killed] milliseconds from one kill of the worker to the next
 * @property {boolean} [unpaced] a client without any pacing is worth seeing
 * @property {Bound[]} bounds
 */

const LATENCY = 40;

/** What the machine and the browser add, in milliseconds: a bound beside the plain client allows for that. */
const MARGIN = 150;

/** Never later than the plain client beside it. @param {number} [factor] @param {number} [margin] @returns {Bound} */
const asThePlainClient = (factor = 1.2, margin = MARGIN) => ({
  name: `≤ ${factor} × plain + ${margin} ms`,
  holds: (own, plain) =>
    own.late === 0 &&
    plain !== undefined &&
    /** @type {const} */ (['p50', 'p95', 'makespan']).every((figure) => own[figure] <= factor * plain[figure] + margin),
});

/** @param {number} seconds @returns {Bound} */
const within = (seconds) => ({
  name: `all within ${seconds.toFixed(1)} s`,
  holds: ({ late, makespan }) => late === 0 && makespan <= seconds * 1_000,
});

/** @param {number} share @returns {Bound} */
const refusedUnder = (share) => ({
  name: `429 under ${share * 100} %`,
  holds: ({ posts, refused }) => refused < share * posts,
});

/** Events so many a second. @param {number} perSecond @param {number} forSeconds @param {number} [from] @param {string} [name] */
const steadily = (perSecond, forSeconds, from = 0, name = 'i') =>
  Array.from({ length: Math.round(perSecond * forSeconds) }, (_, index) => ({
    at: (from + index / perSecond) * 1_000,
    id: `${name}-${index}`,
  }));

/** @param {number} count */
const atOnce = (count) => Array.from({ length: count }, (_, index) => ({ at: 0, id: `i-${index}` }));

const TAKEN = { status: 200 };

/** The same draws for every client: the first request of each meets the same fate, and so on. */
const draws = () => new Random(7);

/** @param {number} [retryAfter] */
const refusal = (retryAfter = 1) => ({ status: 429, retryAfter });

/** @param {() => Limit} limit @returns {() => Behaviour} */
const limited = (limit) => () => {
  const ask = limit();
  return (_request, now) => {
    const wait = ask(now);
    return wait === undefined ? TAKEN : refusal(wait);
  };
};

/** Refuses some at random, whatever the rate. @param {number} share @returns {Row} */
const randomly = (share, perSecond = 8) => ({
  name: `${share * 100} % refused at random, ${perSecond}/s due`,
  server: () => {
    const random = draws();
    return () => (random.next() < share ? refusal() : TAKEN);
  },
  due: steadily(perSecond, 60),
  latency: LATENCY,
  patience: 120_000,
  unpaced: true,
  // A refusal more or less among the slowest twentieth is chance.
  bounds: [asThePlainClient(1.2, 500)],
});

/** @param {string} kind @param {(rate: number) => Limit} limit @param {number} rate @param {number} needed seconds' worth @returns {Row} */
const burst = (kind, limit, rate, needed) => ({
  name: `${kind} of ${rate}/s, ${rate * needed} at once`,
  server: limited(() => limit(rate)),
  due: atOnce(rate * needed),
  latency: 20,
  patience: needed * 3_000 + 30_000,
  bounds: [asThePlainClient(), within(1.1 * needed), ...(rate < 5 ? [] : [refusedUnder(needed >= 100 ? 0.05 : 0.1)])],
});

const KINDS = /** @type {const} */ ([
  ['bucket', bucket],
  ['fixed window', fixedWindow],
  ['sliding window', slidingWindow],
]);

/** Others leave between a fifth and all of it, and change their mind every five seconds. @param {number} elapsed */
const othersAsk = (elapsed) => [0, 16, 8, 12][Math.floor(elapsed / 5_000) % 4] ?? 0;

/** The interactions with this prefix are the ones in trouble. @param {string} id */
const isWell = (id) => !id.startsWith('bad');

/** @type {Row[]} */
const beside = [
  ...[0.01, 0.03, 0.05, 0.1].map((share) => randomly(share, share === 0.1 ? 4 : 8)),
  randomly(0.1, 8),
  ...KINDS.flatMap(([kind, limit]) => [5, 20, 50].map((rate) => burst(kind, limit, rate, 15))),
  burst('bucket', bucket, 5, 100),
  burst('fixed window', fixedWindow, 20, 100),
  ...[5, 20].map((rate) => ({
    ...burst('spacing bucket', (each) => bucket(each, 1), rate, 10),
    bounds: [asThePlainClient(), within(25)],
  })),
  {
    name: 'bucket of 20/s, others ask for 0 to 16/s of it',
    server: limited(() => shared(bucket(20), othersAsk).ask),
    due: atOnce(300),
    latency: 20,
    patience: 90_000,
    // The others leave 11 a second on average, so that 300 cards need 27 s.
    bounds: [asThePlainClient(), within(300 / 11 / 0.8)],
  },
  {
    name: 'limit of 2/s lifted after 20 s, then 8/s due',
    server: () => {
      const ask = bucket(2);
      return (_request, now) => {
        const wait = now > 20_000 ? undefined : ask(now);
        return wait === undefined ? TAKEN : refusal(wait);
      };
    },
    due: [...steadily(4, 20), ...steadily(8, 40, 20, 'j')],
    latency: LATENCY,
    patience: 90_000,
    unpaced: true,
    bounds: [asThePlainClient()],
  },
];

/** @type {Row[]} */
const withKills = [
  {
    name: '3 % 429, 5 % 503, 5 % lost answers, 8/s due, killed every 2 s',
    server: () => {
      const random = draws();
      return () => {
        const fate = random.next();
        if (fate < 0.03) return refusal();
        if (fate < 0.08) return { status: 503 };
        return fate < 0.13 ? 'lost' : TAKEN;
      };
    },
    due: steadily(8, 60),
    latency: LATENCY,
    patience: 180_000,
    killed: 2_000,
    bounds: [asThePlainClient(1.5, 1_000)],
  },
  ...[burst('bucket', bucket, 20, 15), burst('fixed window', fixedWindow, 5, 15)].map((row) => ({
    ...row,
    name: `${row.name}, killed every 2 s`,
    killed: 2_000,
    bounds: [asThePlainClient(1.5, 1_000)],
  })),
  {
    ...randomly(0.05),
    name: '5 % refused at random, 8/s due, killed every 2 s',
    killed: 2_000,
    bounds: [asThePlainClient(1.5, 1_000)],
  },
];

/** @type {Row[]} */
const inTrouble = [
  {
    name: '500 for two cards for good; others 75 s later, 1/s',
    server:
      () =>
      ({ interaction }) =>
        isWell(interaction) ? TAKEN : { status: 500 },
    due: [...steadily(2, 1, 0, 'bad'), ...steadily(1, 20, 75)],
    counts: isWell,
    latency: LATENCY,
    patience: 65_000,
    bounds: [asThePlainClient()],
  },
  {
    name: '500 for a fifth of interactions for good, 2/s due',
    server:
      () =>
      ({ interaction }) =>
        isWell(interaction) ? TAKEN : { status: 500 },
    due: steadily(2, 60).map(({ at, id }, index) => ({ at, id: index % 5 === 0 ? `bad-${index}` : id })),
    counts: isWell,
    latency: LATENCY,
    patience: 60_000,
    bounds: [asThePlainClient()],
  },
  {
    name: 'a fifth of requests never answered, 2/s due',
    server: () => {
      const random = draws();
      return () => (random.next() < 0.2 ? 'hang' : TAKEN);
    },
    due: steadily(2, 45),
    latency: 5,
    patience: 90_000,
    unpaced: true,
    // Each hang costs 15 s, so that chance decides the slow cards. Only the median can be compared.
    bounds: [
      {
        name: 'p50 ≤ 1.2 × plain + 150 ms, p95 within 35 s',
        holds: (own, plain) => own.late === 0 && own.p50 <= 1.2 * (plain?.p50 ?? 0) + MARGIN && own.p95 <= 35_000,
      },
    ],
  },
  {
    name: '`Retry-After: 0` for 20 s, two cards',
    server: () => (_request, now) => (now < 20_000 ? refusal(0) : TAKEN),
    due: atOnce(2),
    latency: 5,
    patience: 60_000,
    bounds: [{ name: 'at most 40 posts, taken', holds: ({ late, posts }) => late === 0 && posts <= 40 }],
  },
  {
    name: '401 for 5 s, 1/s due',
    server: () => (_request, now) => (now < 5_000 ? { status: 401 } : TAKEN),
    due: steadily(1, 40),
    latency: 5,
    patience: 60_000,
    bounds: [within(100)],
  },
  {
    name: 'three foreign interactions with 403, then 1/s due',
    server:
      () =>
      ({ interaction }) =>
        isWell(interaction) ? TAKEN : { status: 403 },
    due: [...steadily(3, 1, 0, 'bad'), ...steadily(1, 39, 2)],
    counts: isWell,
    latency: 5,
    patience: 60_000,
    bounds: [within(100)],
  },
];

/** Every row that is measured beside the plain client. */
export const ROWS = [...beside, ...withKills, ...inTrouble];
