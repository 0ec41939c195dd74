/** Which host the browser has to be asked for. */

/**
 * @param {string} organization
 * @param {string} serviceAddress
 * @returns {string | undefined} a match pattern; none where there is nothing to ask for yet
 */
export function hostPattern(organization, serviceAddress) {
  const name = organization.trim().toLowerCase();
  return addressPattern(serviceAddress.trim() || (name && `https://${name}.cxone.com`));
}

/** @param {string} address @returns {string | undefined} a match pattern, without the port: browsers permit all of a host's */
export function addressPattern(address) {
  if (!URL.canParse(address)) return undefined;
  const { protocol, hostname } = new URL(address);
  // A permission for a socket's address is the one for its requests.
  const scheme = { 'wss:': 'https:', 'ws:': 'http:' }[protocol] ?? protocol;
  return hostname && (scheme === 'https:' || scheme === 'http:') ? `${scheme}//${hostname}/*` : undefined;
}
