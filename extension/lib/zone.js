/** What time it is elsewhere. */

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
