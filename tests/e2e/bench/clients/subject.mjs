/**
 * A subject is a client in front of a server of its own, with the fate of each card that was due. All subjects of a row hear the
 * same events at the same moments.
 */
import { performance } from 'node:perf_hooks';
import { unhappy } from '../../lib/events.mjs';
import { Killer } from '../../lib/trials/killer.mjs';
import { otherServer, streamingFromOther } from '../../lib/scene.mjs';
import { sleep } from '../../lib/wait.mjs';
import { PlainClient } from './plain-client.mjs';

/** @typedef {import('../../lib/peers/other-server.mjs').OtherServer} OtherServer */
/** @typedef {import('../../lib/peers/other-server.mjs').CardRequest} CardRequest */
/** @typedef {import('../../lib/scene.mjs').Stage} Stage */
/**
 * A server's reaction to a request. `lost`: the server takes the card, and its answer never arrives.
 *
 * @typedef {{ status: number, retryAfter?: number } | 'hang' | 'lost'} Outcome
 */
/** @typedef {(request: CardRequest, now: number) => Outcome} Behaviour `now`: milliseconds since the first event, from 1 */
/** @typedef {'Cuewire' | 'plain' | 'unpaced'} Kind */

/** An event sent so shortly before its stream ended may not have been heard. */
const UNHEARD = 500;

export class Subject {
  /** When each card's event was sent, since the row began. @type {Map<string, number>} */
  due = new Map();
  /** When each card was taken. @type {Map<string, number>} */
  taken = new Map();
  posts = 0;
  refused = 0;
  kills = 0;
  #begun = 0;

  /** @param {Kind} kind @param {OtherServer} server @param {Behaviour} behave @param {number} latency */
  constructor(kind, server, behave, latency) {
    this.kind = kind;
    this.server = server;
    server.answerCard = async (request) => {
      const now = this.now();
      this.posts += 1;
      const outcome = behave(request, now);
      if (outcome === 'hang') return 'hang';
      const status = outcome === 'lost' ? 200 : outcome.status;
      if (status < 300 && !this.taken.has(request.interaction)) this.taken.set(request.interaction, now);
      if (status === 429) this.refused += 1;
      await sleep(latency);
      if (outcome === 'lost') return 'cut';
      return outcome.retryAfter === undefined
        ? { status }
        : { status, headers: { 'retry-after': String(outcome.retryAfter) } };
    };
  }

  begin() {
    this.#begun = performance.now() - 1;
  }

  now() {
    return performance.now() - this.#begun;
  }

  /** @param {string} id */
  say(id) {
    this.due.set(id, this.now());
    this.server.send(unhappy(id));
  }

  /** @param {(id: string) => boolean} counted */
  waiting(counted) {
    return [...this.due.keys()].filter((id) => counted(id) && !this.taken.has(id)).length;
  }
}

/**
 * A client that streams from a server that behaves like this.
 *
 * @param {Stage} stage
 * @param {Kind} kind
 * @param {Behaviour} behave
 * @param {number} latency milliseconds that an answer takes
 */
export async function subject(stage, kind, behave, latency) {
  if (kind === 'Cuewire') {
    const { server, browser } = await streamingFromOther(stage);
    return { subject: new Subject(kind, server, behave, latency), browser };
  }
  const server = await otherServer(stage);
  const client = new PlainClient(server, kind === 'plain');
  stage.after(() => client.stop());
  const made = new Subject(kind, server, behave, latency);
  await client.start();
  return { subject: made, browser: null };
}

/**
 * Kills the worker every so often until the row ends. What it may not have heard is said to the next one, and due from then.
 *
 * @param {Subject} subject
 * @param {import('../../lib/browser.mjs').Browser} browser
 * @param {number} every milliseconds
 * @param {() => boolean} goesOn
 */
export async function killEvery(subject, browser, every, goesOn) {
  const killer = new Killer(browser, 0);
  await killer.hatch();
  while (goesOn()) {
    await sleep(every);
    if (!goesOn()) return;
    const { server } = subject;
    const opened = () => server.streamRequests.filter((request) => request.openedAt !== null).length;
    const before = opened();
    const killed = subject.now();
    if (!(await killer.kill('worker'))) continue;
    subject.kills += 1;
    const asked = new Set(server.cardRequests.map(({ interaction }) => interaction));
    while (opened() === before && goesOn()) await sleep(5);
    for (const [id, at] of subject.due) if (at > killed - UNHEARD && !asked.has(id)) subject.say(id);
  }
}
