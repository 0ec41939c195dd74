/** The three ways to connect: which fields each has, and which hosts the browser has to be asked for. */
import { addressPattern, hostPattern } from '../browser/host.js';
import { spec, specs } from './specs.js';

/** @typedef {'stream' | 'nice' | 'accessKey'} Way */
/** Values of the fields, by name. @typedef {Record<string, unknown>} Values */

/** Fields that Rust reads and never shows. */
export const SECRETS = Object.keys(specs).filter((name) => spec(name).writeOnly === true);

/** The issuer of the published service, where no service address replaces it. */
const ISSUER = 'https://cxone.niceincontact.com';

/** The domains of the published service: discovery names hosts in the first two. */
const DOMAINS = ['niceincontact.com', 'nice-incontact.com'];
const OTHER_DOMAINS = ['nicecxone-gov.com', 'nicecxone-sov1.uk', 'nicecxone-sov1.eu', 'nicecxone-sov1.au'];

/** @param {Values} values @returns {Way} */
export function wayOf({ service, signIn }) {
  if (service !== 'published') return 'stream';
  return signIn === 'accessKey' ? 'accessKey' : 'nice';
}

/** Whether a way to connect has a field. @param {string} name @param {Way} way */
export const belongs = (name, way) => spec(name)['x-for']?.includes(way) ?? true;

/** The secret that a way to connect has, if it has one. @param {Way} way */
export const secretOf = (way) => SECRETS.find((name) => belongs(name, way));

/** Where a field's hint depends on the way to connect. @param {string} name @param {Way} way */
export function hintKeys(name, way) {
  const base = `field_${name}_hint`;
  return way === 'stream' ? [base] : [`${base}_${way}`, `${base}_published`, base];
}

/**
 * Match patterns of all hosts that these settings reach.
 *
 * @param {Values} values
 * @param {string | undefined} [missing] a host that the last test could not reach, because its permission is missing
 * @returns {string[]} none where there is nothing to ask for yet
 */
export function hostPatterns(values, missing) {
  const address = String(values.serviceAddress ?? '').trim();
  if (values.service !== 'published') {
    const pattern = hostPattern(String(values.organization ?? ''), address);
    return pattern ? [pattern] : [];
  }
  const issuer = addressPattern(address || ISSUER);
  if (!issuer) return [];
  const host = new URL(issuer).hostname;
  const within = (/** @type {string} */ domain) => host === domain || host.endsWith(`.${domain}`);
  const own = [...DOMAINS, ...OTHER_DOMAINS].find(within);
  const government = host.startsWith('cxone-gov.') ? ['nicecxone-gov.com'] : [];
  const domains = own && DOMAINS.includes(own) ? [...DOMAINS, ...government] : own ? [own] : [];
  const patterns = domains.length > 0 ? domains.map((domain) => `https://*.${domain}/*`) : [issuer];
  const further = addressPattern(missing ? `https://${missing}` : '');
  return further ? [...patterns, further] : patterns;
}
