/** The simulator: started on a free port, spoken to through its control endpoints, ended with the test. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { simulatorProgram } from '../environment.mjs';
import { PATIENCE, until } from '../wait.mjs';

/**
 * The oracle's report; see the simulator's README for every field.
 *
 * @typedef {object} Report
 * @property {boolean} ok nothing missed and nothing duplicated
 * @property {boolean} last the run is over
 * @property {number} eventsSent
 * @property {number} garbageSent
 * @property {number} interactions
 * @property {number} due
 * @property {{ sentiment: number, wait: number, both: number }} dueBy
 * @property {Record<string, number>} dueByRule cards that came, by rule; only with a rule set
 * @property {number} delivered
 * @property {number} refused given up by contract, after a fault's answer
 * @property {number} waiting
 * @property {number} missed
 * @property {number} duplicated
 * @property {number} repeats
 * @property {number} notDue
 * @property {number} early
 * @property {number} uncertain
 * @property {number} uncertainDelivered
 * @property {number} lostAnswers
 * @property {{ count: number, p50: number, p95: number, p99: number, max: number }} latencyMs
 * @property {Record<string, number>} requests
 * @property {Record<string, number>} cardAnswers
 * @property {number} rateLimitedShare
 * @property {number} strayRequests
 * @property {Record<string, number>} faults
 * @property {number} streamsOpened
 * @property {number} streamsOpen
 * @property {{ stored: number, storedTwice: number, wrongAgent: number, unread: number, signals: number, signalsTwice: number, signalsUnasked: number, signalsWrong: number }} [published]
 *   agent messages and signals
 * @property {string[]} missedIds
 * @property {string[]} duplicatedIds
 * @property {string[]} notDueIds
 */

/**
 * One interaction that is, or may be, due.
 *
 * @typedef {object} Due
 * @property {string} interaction
 * @property {boolean} certain
 * @property {number} heardAtMs
 * @property {number} cards
 * @property {number} refusals
 * @property {string} [cardId] only with a rule set, which has an entry for each card
 */

/**
 * A request of the contract and its answer. Times are milliseconds since the simulator's start.
 *
 * @typedef {object} Asked
 * @property {number} n
 * @property {number} atMs
 * @property {number | null} answeredAtMs
 * @property {'token' | 'stream' | 'card' | 'other'} kind
 * @property {number | null} status null where the connection was dropped
 * @property {string | null} retryAfter
 * @property {string | null} interaction
 * @property {string | null} cardId
 * @property {boolean} early
 * @property {string | null} note
 */

export class Simulator {
  /** What it wrote. @type {string[]} */
  lines = [];
  clientId = 'supervisor';
  clientSecret = 'correct horse';
  #process;
  #url = '';

  /** @param {import('node:child_process').ChildProcess} process */
  constructor(process) {
    this.#process = process;
  }

  /**
   * @param {string[]} [flags] such as `--rate 50`, as separate words
   */
  static async start(flags = []) {
    const own = ['--listen', '127.0.0.1:0', '--client-id', 'supervisor', '--client-secret', 'correct horse', '--stay'];
    const child = spawn(simulatorProgram, [...own, ...flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, RUST_LOG: 'warn', NO_COLOR: '1' },
    });
    const simulator = new Simulator(child);
    const ended = new Promise((_, reject) => {
      child.once('error', reject);
      child.once('exit', (code) =>
        reject(new Error(`the simulator ended with ${code}:\n${simulator.lines.join('\n')}`)),
      );
    });
    ended.catch(() => {});
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        simulator.lines.push(line);
        simulator.#url ||= /^listening on (http:\S+)/.exec(line)?.[1] ?? '';
      });
    }
    await Promise.race([until('the simulator listens', () => simulator.#url !== ''), ended]);
    return simulator;
  }

  get url() {
    return this.#url;
  }

  /** @returns {Promise<Report>} */
  report() {
    return this.#control('report');
  }

  /** The report of a run that is over: what has not come is missed. @returns {Promise<Report>} */
  lastReport() {
    return this.#control('report?last=true');
  }

  /** Every card that is kept. @returns {Promise<{ interaction: string, cardId: string, atMs: number, count: number }[]>} */
  async cards() {
    return (await this.#control('cards')).cards;
  }

  /** Every interaction that is due a card, or may be. @returns {Promise<Due[]>} */
  async due() {
    return (await this.#control('due')).due;
  }

  /**
   * The requests of the contract, oldest first.
   *
   * @param {{ kind?: 'token' | 'stream' | 'card' | 'other', after?: number }} [which] `after`: only with a higher number
   * @returns {Promise<Asked[]>}
   */
  async requests({ kind, after = 0 } = {}) {
    const only = kind === undefined ? '' : `&kind=${kind}`;
    return (await this.#control(`requests?after=${after}${only}`)).requests;
  }

  /** Milliseconds since its start: the clock of everything that it tells. @returns {Promise<number>} */
  async now() {
    return (await this.#control('state')).atMs;
  }

  async endFaults() {
    await fetch(`${this.#url}/control/faults`, { method: 'DELETE' });
  }

  /**
   * Starts a fault.
   *
   * @param {string} kind
   * @param {Record<string, unknown>} [fields]
   */
  fault(kind, fields = {}) {
    return this.#control('faults', { kind, ...fields });
  }

  /** The names of the faults that it knows. @returns {Promise<string[]>} */
  async faultKinds() {
    const { kinds } = await this.#control('faults/kinds');
    return kinds.map((/** @type {{ kind: string }} */ { kind }) => kind);
  }

  /** Sends one event now, to every stream. @param {unknown} event */
  send(event) {
    return this.#control('send', { event });
  }

  /** Stops the traffic; due interactions stay due. */
  pause() {
    return this.#control('pause', {});
  }

  resume() {
    return this.#control('resume', {});
  }

  /**
   * Waits until the traffic has ended (or was paused) and nothing that is due is on its way any more, and gives the last
   * report.
   *
   * @param {{ givenUp?: number, within?: number }} [options] how many due cards will not come because the server's own
   *   answers ended them; milliseconds
   * @returns {Promise<Report>}
   */
  settled({ givenUp = 0, within = PATIENCE } = {}) {
    const look = async () => {
      const { phase, paused } = await this.#control('state');
      const { waiting, missed, refused } = await this.report();
      return (phase === 'finished' || paused) && waiting + missed + refused <= givenUp
        ? await this.#control('report?last=true')
        : null;
    };
    const what = 'the traffic has ended, and every due card has come';
    return until(what, look, { within, every: 200, seen: () => this.report() });
  }

  /** Ends it as Ctrl-C does; it prints its report. */
  async stop() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGINT');
    const late = setTimeout(() => this.#process.kill('SIGKILL'), 5_000);
    await gone;
    clearTimeout(late);
  }

  /** @param {string} name @param {unknown} [body] @returns {Promise<any>} */
  async #control(name, body) {
    const response = await fetch(
      `${this.#url}/control/${name}`,
      body === undefined
        ? {}
        : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    );
    const text = await response.text();
    if (!response.ok) throw new Error(`/control/${name} answered ${response.status}: ${text}`);
    return text === '' ? null : JSON.parse(text);
  }
}
