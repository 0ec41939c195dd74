/** What time it is elsewhere. */

/** In milliseconds: nowhere do clocks change twice within a day. */
const DAY = 24 * 3_600_000;

/**
 * Since when a zone has had which offset, from one instant until another, to the millisecond.
 *
 * @param {number} from
 * @param {number} until
 * @param {(at: Date) => number | undefined} offset
 * @returns {[since: number, minutes: number][]}
 */
export function offsetsBetween(from, until, offset) {
  /** @type {[number, number][]} */
  const found = [];
  let before = offset(new Date(from));
  if (before !== undefined) found.push([from, before]);
  for (let start = from; start < until; start += DAY) {
    let [low, high] = [start, Math.min(start + DAY, until)];
    const after = offset(new Date(high));
    if (after === undefined || after === before) continue;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offset(new Date(middle)) === before) low = middle;
      else high = middle;
    }
    found.push([high, after]);
    before = after;
  }
  return found;
}

/**
 * Minutes that an IANA zone is ahead of UTC.
 *
 * @param {string} zone
 * @param {Date} [at] now where absent
 * @returns {number | undefined} none where the browser knows no such zone
 */
export function zoneOffset(zone, at = new Date()) {
  try {
    // As in `GMT-03:30`, and `GMT` alone where there is no difference.
    const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
    const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign, hours = 0, minutes = 0] = /^GMT(?:([+-])(\d\d):(\d\d))?/.exec(name) ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  } catch {
    return undefined;
  }
}
