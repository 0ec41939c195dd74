/**
 * How the measured servers count. A limit is asked at an instant (milliseconds): it takes the card and gives nothing, or
 * gives the seconds of a `Retry-After`.
 */

/** @typedef {(now: number) => number | undefined} Limit */

/** `Retry-After` knows whole seconds only. @param {number} ms */
const seconds = (ms) => Math.max(1, Math.ceil(ms / 1_000));

/** Tokens come back one by one; at most `most` are saved up. @param {number} rate a second @param {number} [most] @returns {Limit} */
export function bucket(rate, most = rate) {
  let tokens = most;
  let since = 0;
  return (now) => {
    tokens = Math.min(most, tokens + ((now - since) / 1_000) * rate);
    since = now;
    if (tokens < 1) return seconds(((1 - tokens) / rate) * 1_000);
    tokens -= 1;
    return undefined;
  };
}

/** So many in each second of the clock. @param {number} rate @returns {Limit} */
export function fixedWindow(rate) {
  let window = -1;
  let taken = 0;
  return (now) => {
    const current = Math.floor(now / 1_000);
    if (current !== window) [window, taken] = [current, 0];
    if (taken >= rate) return 1;
    taken += 1;
    return undefined;
  };
}

/** So many in any second. @param {number} rate @returns {Limit} */
export function slidingWindow(rate) {
  /** @type {number[]} */
  let taken = [];
  return (now) => {
    taken = taken.filter((at) => at > now - 1_000);
    const [oldest] = taken;
    if (oldest !== undefined && taken.length >= rate) return seconds(oldest + 1_000 - now);
    taken.push(now);
    return undefined;
  };
}

/**
 * A limit that others use, too: they ask first, as often as `share` says at an instant.
 *
 * @param {Limit} limit
 * @param {(elapsed: number) => number} rateOfOthers requests a second, by the milliseconds since the start
 */
export function shared(limit, rateOfOthers) {
  let asked = 0;
  let owed = 0;
  let begun = 0;
  const use = { others: 0 };
  /** @type {Limit} */
  const ask = (now) => {
    if (begun === 0) begun = asked = now;
    // Requests of others come at instants of their own, because a bucket counts by the clock.
    for (; asked < now; asked += 10) {
      owed += rateOfOthers(asked - begun) / 100;
      for (; owed >= 1; owed -= 1) if (limit(asked) === undefined) use.others += 1;
    }
    return limit(now);
  };
  return { ask, use };
}
