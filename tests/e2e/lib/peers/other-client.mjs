/**
 * A second client of the contract. It shares no code with the extension and has other habits: the form is written by
 * hand, the token is kept until a 401 says otherwise, the card's fields come in another order.
 */
import { WebSocket } from 'ws';

export class OtherClient {
  /** Every event heard, parsed. @type {any[]} */
  events = [];
  /** Frames that were none. */
  rejected = 0;
  #base;
  #token = '';
  /** @type {WebSocket | null} */
  #socket = null;

  /** @param {string} base */
  constructor(base) {
    this.#base = base;
  }

  /** @param {string} id @param {string} secret @returns {Promise<{ status: number, body: any }>} */
  async signIn(id, secret) {
    const form = `client_secret=${encodeURIComponent(secret)}&client_id=${encodeURIComponent(id)}&grant_type=client_credentials`;
    const response = await fetch(`${this.#base}/oauth/token`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body: form,
    });
    const body = await response.json().catch(() => null);
    this.#token = body?.access_token ?? '';
    return { status: response.status, body };
  }

  /** Opens the stream; gives the status of a refusal, or 101. @param {(event: any) => void} [heard] @returns {Promise<number>} */
  listen(heard = () => {}) {
    const address = `${this.#base.replace(/^http/, 'ws')}/api/v2/interactions/stream?access_token=${encodeURIComponent(this.#token)}`;
    const socket = new WebSocket(address, { perMessageDeflate: false });
    this.#socket = socket;
    socket.on('message', (data) => {
      try {
        const event = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(/** @type {Buffer} */ (data)));
        this.events.push(event);
        heard(event);
      } catch {
        this.rejected += 1;
      }
    });
    return new Promise((resolve) => {
      socket.on('open', () => resolve(101));
      socket.on('unexpected-response', (_request, response) => {
        response.resume();
        socket.terminate();
        resolve(response.statusCode ?? 0);
      });
      socket.on('error', () => resolve(0));
    });
  }

  /** @param {string} interaction @param {unknown} card @param {{ token?: string, signal?: AbortSignal }} [options] */
  async post(interaction, card, { token = this.#token, signal } = {}) {
    const segment = encodeURIComponent(interaction);
    return fetch(`${this.#base}/api/v2/agentassist/interactions/${segment}/cards`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json; charset=utf-8', accept: '*/*' },
      body: JSON.stringify(card),
      signal: signal ?? null,
    });
  }

  close() {
    this.#socket?.terminate();
  }
}

/** A card as the contract has it, by this client's own words. @param {string} cardId */
export const card = (cardId) => ({
  metadata: { timestamp: new Date().toISOString(), source: 'another client' },
  content: 'Action required: have a look',
  title: 'Hello',
  type: 'info',
  cardId,
});
