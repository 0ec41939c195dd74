/**
 * The published service with a real authorization server that nobody here wrote (`oidc-provider`): people sign in on its
 * own pages, and it judges PKCE, redirects, refresh tokens and their rotation. What it lacks stands beside it: the
 * tenant's configuration, and endpoints that answer who has one of its tokens.
 */
import { createServer } from 'node:http';
// @ts-expect-error: the package has no types of its own
import Provider from 'oidc-provider';

/** @typedef {{ type: string, form: Record<string, string>, isGranted: boolean }} Granted */

const TENANT = '11eb660f-4c6d-34a0-8733-0242ac110002';

/** What each endpoint answers. @type {Record<string, () => unknown>} */
const ANSWERS = {
  '/api/incontactapi/services/v31.0/server-time': () => ({ ServerTime: new Date().toISOString() }),
  '/api/incontactapi/services/v31.0/skills/activity': () => ({ totalRecords: 0, skillActivity: [] }),
  '/api/incontactapi/services/v31.0/contacts/active': () => ({ totalRecords: 0, activeContacts: [] }),
  '/api/incontactapi/services/v31.0/agents/42/messages': () => ({ messages: [] }),
  '/api-de/dfo/3.0/contacts': () => ({ hits: 0, data: [] }),
};

export class Nice {
  /** Answers of the token endpoint. @type {Granted[]} */
  granted = [];
  /** Paths that were asked, with their query. @type {string[]} */
  asked = [];
  /** Another answer to the tenant's configuration. @type {Record<string, unknown>} */
  configuration = {};
  clientId = 'cuewire public+1';
  #http = createServer((request, response) => void this.#answer(request, response));
  url = '';
  /** The newest refresh token. */
  #refresh = '';
  /** @type {any} */
  #provider = null;

  /**
   * @param {object} options
   * @param {string} options.redirect registered for the client
   * @param {string} options.origin registered for the client, too
   * @param {number} [options.lifetime] seconds that an access token lives
   */
  static async start({ redirect, origin, lifetime = 3_600 }) {
    const nice = new Nice();
    await new Promise((resolve) => nice.#http.listen(0, '127.0.0.1', () => resolve(undefined)));
    const address = nice.#http.address();
    if (address === null || typeof address === 'string') throw new Error('the service is not listening');
    nice.url = `http://127.0.0.1:${address.port}`;
    nice.#provider = new Provider(nice.url, {
      clients: [
        {
          client_id: nice.clientId,
          grant_types: ['authorization_code', 'refresh_token'],
          redirect_uris: [redirect],
          response_types: ['code'],
          token_endpoint_auth_method: 'none',
        },
      ],
      // A request of an extension says so in its `Origin`, and the provider asks whether the client may come from there.
      clientBasedCORS: (/** @type {unknown} */ _ctx, /** @type {string} */ asks) => asks === origin,
      claims: { openid: ['sub', 'tenantId', 'icAgentId'] },
      conformIdTokenClaims: false,
      findAccount: (/** @type {unknown} */ _ctx, /** @type {string} */ id) => ({
        accountId: id,
        claims: () => ({ sub: id, tenantId: TENANT, icAgentId: '42' }),
      }),
      issueRefreshToken: () => true,
      rotateRefreshToken: true,
      pkce: { required: () => true },
      features: { revocation: { enabled: true } },
      ttl: {
        AccessToken: lifetime,
        RefreshToken: 7_200,
        Grant: 86_400,
        Session: 86_400,
        Interaction: 600,
        IdToken: 600,
      },
      cookies: { keys: ['for these tests alone'] },
    });
    for (const event of ['grant.success', 'grant.error']) {
      nice.#provider.on(event, (/** @type {any} */ ctx) => {
        const form = { ...ctx.oidc?.body };
        nice.#refresh = ctx.body?.refresh_token ?? nice.#refresh;
        nice.granted.push({ type: form.grant_type, form, isGranted: event === 'grant.success' });
      });
    }
    return nice;
  }

  /** Takes the sign-in back, as an administrator does, by the standard's own endpoint (RFC 7009). */
  async revoke() {
    const body = new URLSearchParams({ client_id: this.clientId, token: this.#refresh });
    const response = await fetch(`${this.url}/token/revocation`, { method: 'POST', body });
    if (!response.ok) throw new Error(`not revoked: ${response.status}`);
  }

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  async #answer(request, response) {
    const { pathname } = new URL(request.url ?? '', this.url);
    this.asked.push(request.url ?? '');
    const json = (/** @type {number} */ status, /** @type {unknown} */ body) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (pathname === '/.well-known/cxone-configuration') {
      return json(200, {
        private: false,
        area: 'na1',
        domain: 'niceincontact.com',
        uhDomain: 'nice-incontact.com',
        ui_endpoint: this.url,
        auth_endpoint: `${this.url}/uh`,
        api_endpoint: `${this.url}/api`,
        ...this.configuration,
      });
    }
    const said = ANSWERS[pathname.toLowerCase()];
    if (!said) return this.#provider.callback()(request, response);
    const token = await this.#provider.AccessToken.find((request.headers.authorization ?? '').replace('Bearer ', ''));
    return token?.isValid ? json(200, said()) : json(401, { error: 'invalid_token' });
  }

  async stop() {
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}

/**
 * A person at the provider's own pages: signs in, unless the provider still knows who sits there, and consents. The browser
 * closes the window at the redirect address.
 *
 * @param {import('playwright-core').Page} window
 */
export async function signIn(window) {
  const go = window.locator('button[type="submit"]');
  await go.waitFor();
  const login = window.locator('input[name="login"]');
  if (await login.isVisible()) {
    await login.fill('sam.supervisor');
    await window.locator('input[name="password"]').fill('any');
    await go.click();
    await login.waitFor({ state: 'detached' });
  }
  await go.click();
}
