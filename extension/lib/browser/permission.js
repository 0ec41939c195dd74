/** Asks for the permissions that the browser grants only on a click. */
import * as ext from './ext.js';

/**
 * Must be called at once in the handler of a click, because browsers ask at no other time.
 *
 * @param {string[]} patterns hosts; none where there is nothing to ask for yet
 * @param {boolean} [notices] notifications, too
 * @returns {Promise<{ refused: boolean, host?: string | undefined }>} `host`: the one that stays out of reach
 */
export async function allow(patterns, notices = false) {
  if (patterns.length === 0 && !notices) return { refused: false };
  const wanted = {
    ...(patterns.length > 0 && { origins: patterns }),
    ...(notices && { permissions: ['notifications'] }),
  };
  // The browser throws for an address that is no pattern. Rust judges it, and sends nothing without the permission.
  const granted = await ext
    .askPermission(/** @type {Parameters<typeof ext.askPermission>[0]} */ (wanted))
    .catch(() => true);
  if (granted) return { refused: false };
  for (const pattern of patterns) {
    if (!(await ext.isPermitted(pattern))) return { refused: true, host: hostIn(pattern) };
  }
  return { refused: true };
}

/** @param {string} pattern `*.` stands for every host of a domain, which no URL can say */
const hostIn = (pattern) => new URL(pattern.replace('//*.', '//')).host;
