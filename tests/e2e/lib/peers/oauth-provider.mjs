/** A real OAuth server that nobody here wrote (`oidc-provider`), for the token step. */
import { createServer } from 'node:http';
// @ts-expect-error: the package has no types of its own
import Provider from 'oidc-provider';

/** @typedef {import('./other-server.mjs').Answer} Answer */
/** @typedef {import('./other-server.mjs').TokenRequest} TokenRequest */

export class OAuthProvider {
  /** What it answered. @type {Answer[]} */
  answers = [];
  #http = createServer();
  #url = '';
  /** @type {any} */
  #provider = null;

  /**
   * @param {object} client the one client it knows
   * @param {string} client.id
   * @param {string} client.secret
   * @param {string} client.scope what the client may have
   * @param {number} [client.lifetime] seconds that its tokens live
   */
  static async start({ id, secret, scope, lifetime = 120 }) {
    const server = new OAuthProvider();
    await new Promise((resolve) => server.#http.listen(0, '127.0.0.1', () => resolve(undefined)));
    const address = server.#http.address();
    if (address === null || typeof address === 'string') throw new Error('the provider is not listening');
    server.#url = `http://127.0.0.1:${address.port}`;
    const provider = new Provider(server.#url, {
      clients: [
        {
          client_id: id,
          client_secret: secret,
          grant_types: ['client_credentials'],
          redirect_uris: [],
          response_types: [],
          token_endpoint_auth_method: 'client_secret_post',
          scope,
        },
      ],
      scopes: ['interactions:read', 'agentassist:write'],
      ttl: { ClientCredentials: lifetime },
      features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
    });
    server.#http.on('request', provider.callback());
    server.#provider = provider;
    return server;
  }

  /**
   * A thin gateway: the request as it came, to the provider's own endpoint, and its answer as it is.
   *
   * The contract's request names no scope, and this provider then gives none and says none; `scope` is what a gateway in
   * front of it would add, so that its answer names scopes.
   *
   * @param {TokenRequest} asked
   * @param {string} [scope]
   * @returns {Promise<Answer>}
   */
  async answer({ form, headers }, scope) {
    const body = new URLSearchParams(form);
    if (scope !== undefined) body.set('scope', scope);
    const type = headers['content-type'] ?? '';
    const response = await fetch(`${this.#url}/token`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: body.toString(),
    });
    const answer = {
      status: response.status,
      headers: { 'content-type': response.headers.get('content-type') ?? '' },
      body: await response.text(),
    };
    this.answers.push(answer);
    return answer;
  }

  /** Whether the provider itself knows this token. @param {string} token */
  async knows(token) {
    return (await this.#provider?.ClientCredentials.find(token))?.isValid ?? false;
  }

  async stop() {
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}
