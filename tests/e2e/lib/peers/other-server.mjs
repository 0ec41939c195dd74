/**
 * A second server that speaks the contract. It shares no code with the simulator and has other habits on purpose: 200
 * and 204 where the simulator says 201, no `Date`, lower-case `bearer`, spaced-out JSON in odd order, binary frames among
 * text ones, and answers that a test writes by hand.
 */
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { PATIENCE, until } from '../wait.mjs';

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('node:http').ServerResponse} ServerResponse */
/** @typedef {import('ws').WebSocket} WebSocket */

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {Record<string, string>} [headers]
 * @property {string} [body]
 * @property {boolean} [stalls] it never ends: what there is of it came at once
 */
/** What a test answers: an answer, `'hang'` (never), or `'cut'` (the connection is cut). @typedef {Answer | 'hang' | 'cut'} Reaction */
/**
 * @typedef {object} CardRequest
 * @property {number} at when it came, `Date.now()`
 * @property {number} arrived when its headers came, `performance.now()`
 * @property {string} target the request's target, as it came over the wire
 * @property {string} interaction the decoded segment
 * @property {string} token
 * @property {import('node:http').IncomingHttpHeaders} headers
 * @property {any} card the body, parsed
 * @property {number} attempt which request for this `cardId` it is, from 1
 * @property {number} concurrent how many were under way when it came, itself included
 */
/**
 * @typedef {object} TokenRequest
 * @property {number} at
 * @property {import('node:http').IncomingHttpHeaders} headers
 * @property {URLSearchParams} form
 */

const CARD_TARGET = /^\/api\/v2\/agentassist\/interactions\/([^/?#]+)\/cards$/;

export class OtherServer {
  clientId = 'supervisor';
  clientSecret = 'correct horse';
  /** Prefix of its tokens. */
  name = 'other';
  /** Seconds that a token lives. @type {unknown} */
  expiresIn = 3600;
  /**
   * Whether connections are used again. On one that was, the browser itself repeats a request that got a 408 or no answer
   * at all, at once and unasked: a test that looks at pauses has to keep it from that.
   */
  keepsConnections = true;
  /** Whether to record every received byte. */
  records = false;
  /** Every received byte, one character each. */
  heard = '';
  /** Every request for a token. @type {TokenRequest[]} */
  tokenRequests = [];
  /** Every request with a card. @type {CardRequest[]} */
  cardRequests = [];
  /** Requests to anything else. @type {string[]} */
  strayRequests = [];
  /** When streams were asked for and opened, and with which token. @type {{ at: number, openedAt: number | null, token: string | null }[]} */
  streamRequests = [];

  /** How cards are answered: 200, unless a test says otherwise. @type {(request: CardRequest) => Reaction | Promise<Reaction>} */
  answerCard = () => ({ status: 200, body: '{ "ok" : true }' });
  /** How tokens are answered; undefined: as the contract says. @type {(request: TokenRequest) => Reaction | undefined | Promise<Reaction | undefined>} */
  answerToken = () => undefined;
  /** Which tokens are good: the ones it gave. @type {(token: string) => boolean | Promise<boolean>} */
  accepts = (token) => this.#valid.has(token);
  /** The status that an upgrade is refused with; undefined: it is taken. @type {(token: string | null) => number | undefined} */
  refuseUpgrade = () => undefined;

  #http = createServer((request, response) => {
    this.#handle(request, response).catch(() => response.destroy());
  });
  #upgrades = new WebSocketServer({ noServer: true, perMessageDeflate: true });
  /** @type {Set<WebSocket>} */
  #streams = new Set();
  /** @type {Set<import('node:net').Socket>} */
  #sockets = new Set();
  /** What is under the streams. @type {Set<import('node:net').Socket>} */
  #upgraded = new Set();
  #underWay = 0;
  #framesSent = 0;
  #tokensGiven = 0;
  /** @type {Set<string>} */
  #valid = new Set();
  /** Requests for each `cardId`. @type {Map<string, number>} */
  #attempts = new Map();

  static async start() {
    const server = new OtherServer();
    const http = server.#http;
    http.on('upgrade', (request, socket, head) => {
      server.#upgrade(request, /** @type {any} */ (socket), head).catch(() => socket.destroy());
    });
    http.on('connection', (socket) => {
      server.#sockets.add(socket);
      if (server.records) {
        socket.on('data', (bytes) => {
          server.heard += bytes.toString('latin1');
        });
      }
      socket.on('close', () => server.#sockets.delete(socket));
    });
    await new Promise((resolve) => http.listen(0, '127.0.0.1', () => resolve(undefined)));
    return server;
  }

  get url() {
    const address = this.#http.address();
    if (address === null || typeof address === 'string') throw new Error('the server is not listening');
    return `http://127.0.0.1:${address.port}`;
  }

  get streams() {
    return this.#streams.size;
  }

  /** Waits for an open stream. @param {number} [within] milliseconds */
  async streaming(within = PATIENCE) {
    await until('a stream is open', () => this.#streams.size > 0, { within });
  }

  /** Sends an event, every other time as a binary frame. @param {unknown} event */
  send(event) {
    const text = JSON.stringify(event, null, 1);
    this.#framesSent += 1;
    this.sendFrame(this.#framesSent % 2 === 0 ? Buffer.from(text) : text);
  }

  /** Sends a frame as it is. @param {string | Buffer} frame */
  sendFrame(frame) {
    for (const stream of this.#streams) stream.send(frame);
  }

  /** Sends a text frame that is no UTF-8, which ends a socket at once: written past the library, which would not. */
  sendBrokenText() {
    for (const socket of this.#upgraded) socket.write(Buffer.from([0x81, 2, 0xff, 0xfe]));
  }

  /** Closes every stream with a code. @param {number} [code] */
  closeStreams(code = 1000) {
    for (const stream of this.#streams) stream.close(code);
  }

  /** Revokes every token: requests with one get 401 from now on. */
  revokeTokens() {
    this.#valid.clear();
  }

  /** The distinct ids of the cards that were sent for an interaction. @param {string} interaction */
  cardIds(interaction) {
    const own = this.cardRequests.filter((request) => request.interaction === interaction);
    return [...new Set(own.map((request) => request.card.cardId))];
  }

  /** Waits until as many card requests have come. @param {number} count @param {number} [within] milliseconds */
  async cards(count, within = PATIENCE) {
    await until(`${count} requests with a card`, () => this.cardRequests.length >= count, {
      within,
      seen: () => this.cardRequests.length,
    });
    return this.cardRequests;
  }

  async stop() {
    for (const stream of this.#streams) stream.terminate();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  /** @param {IncomingMessage} request @param {ServerResponse} response */
  async #handle(request, response) {
    response.sendDate = false;
    if (!this.keepsConnections) response.shouldKeepAlive = false;
    const target = request.url ?? '';
    const arrived = performance.now();
    const body = await read(request);
    const card = CARD_TARGET.exec(target);
    if (request.method === 'POST' && target === '/oauth/token') {
      const asked = { at: Date.now(), headers: request.headers, form: new URLSearchParams(body) };
      this.tokenRequests.push(asked);
      react(response, (await this.answerToken(asked)) ?? this.#token(asked));
    } else if (request.method === 'POST' && card?.[1] !== undefined) {
      this.#underWay += 1;
      response.on('close', () => {
        this.#underWay -= 1;
      });
      const asked = this.#cardRequest(request, target, decodeURIComponent(card[1]), body, arrived);
      this.cardRequests.push(asked);
      react(response, (await this.accepts(asked.token)) ? await this.answerCard(asked) : { status: 401, body: 'who?' });
    } else {
      this.strayRequests.push(`${request.method} ${target}`);
      react(response, { status: 404, body: 'nothing here' });
    }
  }

  /** @param {IncomingMessage} request @param {string} target @param {string} interaction @param {string} body @param {number} arrived */
  #cardRequest(request, target, interaction, body, arrived) {
    const card = JSON.parse(body);
    const attempt = (this.#attempts.get(card.cardId) ?? 0) + 1;
    this.#attempts.set(card.cardId, attempt);
    return {
      at: Date.now(),
      arrived,
      target,
      interaction,
      token: (request.headers.authorization ?? '').replace(/^Bearer /, ''),
      headers: request.headers,
      card,
      attempt,
      concurrent: this.#underWay,
    };
  }

  /** @param {TokenRequest} asked @returns {Answer} */
  #token({ form }) {
    if (form.get('grant_type') !== 'client_credentials') return refusal(400, 'unsupported_grant_type');
    if (form.get('client_id') !== this.clientId || form.get('client_secret') !== this.clientSecret) {
      return refusal(401, 'invalid_client');
    }
    this.#tokensGiven += 1;
    const token = `${this.name}/${this.#tokensGiven}+${'t'.repeat(20)}==`;
    this.#valid.add(token);
    const answer = { scope: 'agentassist:write interactions:read', access_token: token, token_type: 'bearer' };
    return {
      status: 200,
      headers: { 'content-type': 'application/json;charset=UTF-8', 'cache-control': 'no-store' },
      body: JSON.stringify(this.expiresIn === undefined ? answer : { ...answer, expires_in: this.expiresIn }, null, 4),
    };
  }

  /** @param {IncomingMessage} request @param {import('node:net').Socket} socket @param {Buffer} head */
  async #upgrade(request, socket, head) {
    const { pathname, searchParams } = new URL(request.url ?? '', this.url);
    const token = searchParams.get('access_token');
    const asked = { at: Date.now(), openedAt: /** @type {number | null} */ (null), token };
    this.streamRequests.push(asked);
    const known = token !== null && (await this.accepts(token));
    const refused = pathname === '/api/v2/interactions/stream' ? this.refuseUpgrade(token) : 404;
    const status = refused ?? (known ? undefined : 401);
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.#upgrades.handleUpgrade(request, socket, head, (stream) => {
      asked.openedAt = Date.now();
      this.#streams.add(stream);
      this.#upgraded.add(socket);
      stream.on('close', () => {
        this.#streams.delete(stream);
        this.#upgraded.delete(socket);
      });
      stream.on('error', () => {});
    });
  }
}

/** @param {IncomingMessage} request */
async function read(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** @param {number} status @param {string} error @returns {Answer} */
const refusal = (status, error) => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ error }),
});

/** @param {ServerResponse} response @param {Reaction} reaction */
function react(response, reaction) {
  if (reaction === 'hang') return;
  if (reaction === 'cut') {
    response.destroy();
    return;
  }
  response.writeHead(reaction.status, reaction.headers ?? {});
  if (!reaction.stalls) response.end(reaction.body ?? '');
  else if (reaction.body) response.write(reaction.body);
  else response.flushHeaders();
}
