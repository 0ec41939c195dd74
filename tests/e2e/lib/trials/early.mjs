/**
 * Which of the requests that came before a Retry-After allowed are the client's fault.
 *
 * A client that is killed as an answer tells it to wait cannot have noted that: the answer was still on its way, or its
 * record not yet on disk. What the next worker then sends is early by the server's book. It is excused only if *every* wait
 * that forbade it was told to a request that was under way, or had been answered a moment before, when its client was killed.
 */

/** @typedef {import('./killer.mjs').Kill} Kill */
/** @typedef {import('../peers/simulator.mjs').Asked} Asked */

/** Milliseconds from a 429 until its wait is surely durable. */
const NOTED_WITHIN = 250;

/** How far this machine's clock and the simulator's may be apart, in milliseconds. */
const CLOCKS = 10;

/** A wait that was not said, or not readably, in milliseconds. */
const UNSAID = 5_000;

/**
 * @param {Asked[]} asked every request, oldest first
 * @param {Kill[]} kills
 * @param {number} startedAt when the simulator started, as `Date.now()` has it
 * @returns {{ excused: Asked[], atFault: Asked[] }}
 */
export function early(asked, kills, startedAt) {
  const cards = asked.filter(({ kind }) => kind === 'card');
  const waits = cards.flatMap(({ status, atMs, answeredAtMs, retryAfter }) =>
    status === 429 && answeredAtMs !== null
      ? [{ askedAt: atMs, told: answeredAtMs, until: answeredAtMs + lasts(retryAfter, answeredAtMs + startedAt) }]
      : [],
  );
  /** @param {{ askedAt: number, told: number }} wait @param {number} at */
  const isUnknown = ({ askedAt, told }, at) =>
    kills.some((kill) => kill.at <= at && askedAt <= kill.at + CLOCKS && told >= kill.at - NOTED_WITHIN);
  /** @param {Asked} request */
  const isExcused = ({ atMs }) => {
    const forbidding = waits.filter(({ told, until }) => told <= atMs && atMs < until);
    return forbidding.length > 0 && forbidding.every((wait) => isUnknown(wait, atMs));
  };
  const flagged = cards.filter((request) => request.early);
  return { excused: flagged.filter(isExcused), atFault: flagged.filter((request) => !isExcused(request)) };
}

/** @param {string | null} retryAfter @param {number} at */
function lasts(retryAfter, at) {
  if (retryAfter === null) return UNSAID;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1_000;
  // All three date forms are in GMT; one of them does not say so.
  const date = /\d:\d/.test(retryAfter) ? Date.parse(retryAfter.replace(/( GMT)?$/, ' GMT')) : Number.NaN;
  return Number.isNaN(date) ? UNSAID : Math.max(0, date - at);
}
