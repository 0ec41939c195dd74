/**
 * The plain client, which a pace has to beat. It holds the whole destination for `Retry-After`, falls back to one request in
 * flight, and allows one more after each three cards taken; it knows no pace. What failed or has no outcome waits for its backoff;
 * what was never tried goes first. `paced: false` is no pacing at all: each card goes at once and waits for itself.
 */
import { performance } from 'node:perf_hooks';
import { OtherClient, card } from '../../lib/peers/other-client.mjs';

/** @typedef {{ id: string, order: number, tries: number, from: number, rejected: number }} Waiting */

const IN_FLIGHT = 4;
/** Cards taken until one more request may be in flight. */
const CARDS_PER_STEP = 3;
/** A browser's connections to one host: more requests than that wait for one of them. */
const CONNECTIONS = 6;
const HANGS_AFTER = 1_000;
const ABORTED_AFTER = 15_000;
const UNSTATED_WAIT = 5_000;

export class PlainClient {
  /** Cards that were refused for good. */
  givenUp = 0;
  #client;
  #account;
  #paced;
  /** @type {Waiting[]} */
  #waiting = [];
  #heard = new Set();
  #window = IN_FLIGHT;
  #holdUntil = 0;
  /** When each request under way began. @type {Set<{ since: number }>} */
  #flying = new Set();
  #ended = false;
  /** @type {Promise<unknown> | undefined} */
  #signingIn;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {{ url: string, clientId: string, clientSecret: string }} server @param {boolean} paced */
  constructor(server, paced) {
    this.#client = new OtherClient(server.url);
    this.#account = server;
    this.#paced = paced;
  }

  async start() {
    await this.#signIn();
    const status = await this.#client.listen((event) => this.#hear(event));
    if (status !== 101) throw new Error(`the plain client's stream was answered ${status}`);
  }

  stop() {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#client.close();
  }

  /** @param {any} event */
  #hear(event) {
    if (!(event.sentiment?.score < -0.5) || this.#heard.has(event.id)) return;
    this.#heard.add(event.id);
    this.#waiting.push({ id: event.id, order: this.#heard.size, tries: 0, from: 0, rejected: 0 });
    this.#pump();
  }

  #pump() {
    if (this.#ended) return;
    clearTimeout(this.#timer);
    const now = performance.now();
    while (now >= this.#holdUntil && this.#hasRoom(now)) {
      const next = this.#next(now);
      if (next === undefined) break;
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      void this.#post(next).finally(() => this.#pump());
    }
    if (this.#waiting.length > 0 || this.#flying.size > 0) {
      const from = Math.max(this.#holdUntil, Math.min(...this.#waiting.map((waiting) => waiting.from)));
      const wake = Math.min(Math.max(1, from - now), 100);
      this.#timer = setTimeout(() => this.#pump(), wake);
    }
  }

  /** @param {number} now */
  #hasRoom(now) {
    if (!this.#paced) return true;
    const counted = [...this.#flying].filter(({ since }) => now - since < HANGS_AFTER).length;
    return counted < Math.floor(this.#window + 0.01) && this.#flying.size < CONNECTIONS;
  }

  /** @param {number} now @returns {Waiting | undefined} */
  #next(now) {
    /** @type {Waiting | undefined} */
    let best;
    for (const waiting of this.#waiting) {
      if (waiting.from > now) continue;
      const before = best && (best.tries - waiting.tries || best.order - waiting.order);
      if (before === undefined || before > 0) best = waiting;
    }
    return best;
  }

  /** @param {Waiting} waiting */
  async #post(waiting) {
    const flight = { since: performance.now() };
    this.#flying.add(flight);
    const signal = AbortSignal.timeout(ABORTED_AFTER);
    try {
      const answer = await this.#client.post(waiting.id, card(`plain-${waiting.id}`), { signal });
      await answer.arrayBuffer();
      await this.#answered(waiting, answer);
    } catch {
      this.#later(waiting);
    } finally {
      this.#flying.delete(flight);
    }
  }

  /** @param {Waiting} waiting @param {Response} answer */
  async #answered(waiting, { status, headers }) {
    if (status < 300 || status === 409) {
      this.#window = Math.min(IN_FLIGHT, this.#window + 1 / CARDS_PER_STEP);
    } else if (status === 429) {
      const asked = headers.get('retry-after');
      const wait = asked === null ? UNSTATED_WAIT : Number(asked) * 1_000;
      this.#window = 1;
      if (this.#paced) this.#holdUntil = Math.max(this.#holdUntil, performance.now() + wait);
      else waiting.from = performance.now() + wait;
      this.#waiting.push(waiting);
    } else if (status === 401) {
      waiting.rejected += 1;
      await this.#signIn();
      if (waiting.rejected > 1) waiting.from = performance.now() + backoff(waiting.rejected - 2);
      this.#waiting.push(waiting);
    } else if (status === 408 || status >= 500) {
      this.#later(waiting);
    } else {
      this.givenUp += 1;
    }
  }

  /** @param {Waiting} waiting */
  #later(waiting) {
    waiting.from = performance.now() + backoff(waiting.tries);
    waiting.tries += 1;
    this.#waiting.push(waiting);
  }

  #signIn() {
    this.#signingIn ??= this.#client
      .signIn(this.#account.clientId, this.#account.clientSecret)
      .finally(() => (this.#signingIn = undefined));
    return this.#signingIn;
  }
}

/** @param {number} attempt from 0 */
function backoff(attempt) {
  const base = Math.min(30_000, 1_000 * 2 ** attempt);
  return base * (1 + Math.random() / 2);
}
