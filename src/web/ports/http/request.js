/** Requests as the browser sends them. */

/**
 * Nothing where the browser would send another request: its parser folds `..` and re-encodes, and another address is
 * another interaction.
 *
 * @param {string} url
 * @param {string} method
 * @param {string[]} headers names and values in turn
 * @param {string | undefined} body
 * @param {AbortSignal} signal
 * @returns {Request | undefined}
 */
export function prepared(url, method, headers, body, signal) {
  try {
    const request = new Request(url, {
      method,
      headers: pairs(headers),
      body: body ?? null,
      signal,
      mode: 'cors',
      redirect: 'manual',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
    });
    return request.url === url ? request : undefined;
  } catch {
    return undefined;
  }
}

/** @param {Request} request */
export const sent = (request) => fetch(request);

/** @param {string[]} list */
function pairs(list) {
  /** @type {[string, string][]} */
  const found = [];
  for (let at = 1; at < list.length; at += 2) found.push([list[at - 1] ?? '', list[at] ?? '']);
  return found;
}
