/** Kills the worker, the worker together with its watch page, or the whole browser, and notes when. */
import { sleep, until } from '../wait.mjs';

/** @typedef {import('../browser.mjs').Browser} Browser */
/** @typedef {import('../peers/simulator.mjs').Asked} Asked */
/** @typedef {import('../peers/simulator.mjs').Simulator} Simulator */
/** @typedef {import('playwright-core').CDPSession} Session */
/** @typedef {import('playwright-core').Page} Page */

/** What can be killed. */
export const VICTIMS = /** @type {const} */ (['worker', 'worker and watch page', 'browser']);

/** @typedef {typeof VICTIMS[number]} Victim */
/** @typedef {{ victim: Victim, at: number }} Kill `at`: milliseconds since the simulator's start */

const WATCH_PAGE = '/watch/watch.html';
const WORKER = '/worker.js';

export class Killer {
  /** @type {Kill[]} */
  kills = [];
  #browser;
  /** From this machine's clock to the simulator's. */
  #offset;
  /** A tab of the extension that runs nothing, from which the rest of it is reached. */
  /** @type {{ page: Page, session: Session } | null} */
  #hatch = null;
  /** Whether a worker is there to be killed. */
  #alive = false;

  /** @param {Browser} browser @param {number} offset */
  constructor(browser, offset) {
    this.#browser = browser;
    this.#offset = offset;
  }

  /** @param {Browser} browser @param {Simulator} simulator */
  static async of(browser, simulator) {
    const offsets = [];
    for (let round = 0; round < 9; round += 1) {
      const asked = Date.now();
      const told = await simulator.now();
      offsets.push(told - (asked + Date.now()) / 2);
    }
    offsets.sort((one, other) => one - other);
    return new Killer(browser, offsets[4] ?? 0);
  }

  /**
   * Kills. Says whether there was anything to kill.
   *
   * @param {Victim} victim
   */
  async kill(victim) {
    if (victim === 'browser') {
      this.#hatch = null;
      const at = this.#now();
      await this.#browser.kill();
      this.kills.push({ victim, at });
      return true;
    }
    const { session } = await this.hatch();
    if (!this.#alive) return false;
    const at = this.#now();
    if (victim === 'worker') await session.send('ServiceWorker.stopAllWorkers');
    this.kills.push({ victim, at: victim === 'worker' ? at : await this.#killBoth(session) });
    return true;
  }

  /**
   * Asks the worker as a page of the extension does. Nothing, if the worker is being killed.
   *
   * @param {unknown} message
   * @returns {Promise<any>}
   */
  async ask(message) {
    const { page } = await this.hatch();
    const answer = page.evaluate((message) => chrome.runtime.sendMessage(message), message).catch(() => null);
    return Promise.race([answer, sleep(3_000)]);
  }

  /** The tab, opened before it is needed: what is killed in time must be killed at once. */
  async hatch() {
    if (this.#hatch === null) {
      const page = await until('a page of the extension can be opened', () => this.#browser.open('manifest.json'));
      const session = await this.#browser.context.newCDPSession(page);
      session.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
        for (const { runningStatus } of versions) this.#alive = /running|starting/.test(runningStatus);
      });
      await session.send('ServiceWorker.enable');
      await sleep(50);
      this.#hatch = { page, session };
    }
    return this.#hatch;
  }

  /**
   * The one brings the other back: whichever was quicker goes again, until both are gone. Where they are quicker every time,
   * the last kill counts all the same: what came back then came back by itself.
   *
   * @param {Session} session
   */
  async #killBoth(session) {
    /** @param {{ targetId: string }} target */
    const close = ({ targetId }) => session.send('Target.closeTarget', { targetId }).catch(() => {});
    let at = this.#now();
    for (let round = 0; round < 10; round += 1) {
      at = this.#now();
      const watchPages = (await targets(session)).filter(({ url }) => url.endsWith(WATCH_PAGE));
      await Promise.all([...watchPages.map(close), session.send('ServiceWorker.stopAllWorkers')]);
      await sleep(150);
      if (!(await targets(session)).some(({ url }) => url.endsWith(WATCH_PAGE) || url.endsWith(WORKER))) break;
    }
    return at;
  }

  #now() {
    return Date.now() + this.#offset;
  }
}

/** @param {Session} session */
const targets = async (session) => (await session.send('Target.getTargets')).targetInfos;

/**
 * How long it took after each kill until a stream was open, by the simulator's log. `null`: another kill came before.
 * `asked`: until anything was asked of the server at all. `disturbed`: in between the server refused, dropped or delayed a token or a stream.
 *
 * @param {Kill[]} kills
 * @param {Asked[]} asked every request
 */
export function comebacks(kills, asked) {
  const steps = asked.filter(({ kind }) => kind === 'token' || kind === 'stream');
  return kills.map(({ victim, at }, index) => {
    const next = kills[index + 1]?.at ?? Number.POSITIVE_INFINITY;
    const after = steps.filter(({ atMs }) => atMs >= at && atMs < next);
    const opened = after.find(({ kind, status }) => kind === 'stream' && status === 101);
    const before = after.filter(({ n }) => n <= (opened?.n ?? Number.POSITIVE_INFINITY));
    return {
      victim,
      asked: after[0] === undefined ? null : after[0].atMs - at,
      took: opened === undefined ? null : (opened.answeredAtMs ?? opened.atMs) - at,
      disturbed: before.some((step) => !wentWell(step)),
    };
  });
}

/** @param {Asked} asked */
const wentWell = ({ status, atMs, answeredAtMs }) =>
  (status === 200 || status === 101) && answeredAtMs !== null && answeredAtMs - atMs < 150;
