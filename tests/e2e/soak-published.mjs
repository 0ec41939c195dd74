/**
 * A long bad day at the published service: the worker, its watch page and the whole browser are killed at random times
 * while faults strike sign-in, polls, messages and their read-back, and the service has a habit of its own for whatever
 * NICE leaves open. Then the faults end, everything settles, and the simulator's judge says what became of the promise.
 * `cargo xtask soak --service published` builds everything and starts this.
 *
 * A run fails by a contact that had to have its message and has none, a marker that was stored twice, a second message
 * for one contact, a message that was not due or to an agent whom an answer had named as gone, a request to where none
 * belongs, a trigger that is not durable at the end, a victim that was never killed. A worker that dies within moments of
 * the only answers that showed a long wait cannot know of the wait: such contacts are counted apart.
 *
 * An access key signs in, kept on the device, because nobody is there to sign in again after the browser was killed.
 */
import { parseArgs } from 'node:util';
import { Browser } from './lib/browser.mjs';
import { Killer, VICTIMS } from './lib/trials/killer.mjs';
import { publishedTraffic, withKeptKey } from './lib/pages/published.mjs';
import { Random } from './lib/random.mjs';
import { Simulator } from './lib/peers/simulator.mjs';
import { conclude, IDLE_LOOKS, play, TIME_TO_LIVE } from './lib/trials/soak.mjs';
import { sleep, until } from './lib/wait.mjs';

/** @typedef {{ contact: number, certain: boolean, wait: boolean, sentiment: boolean, heardAtMs: number | null, agentToldAtMs: number | null, cards: number }} Due */

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '5' }, seed: { type: 'string', default: '1' } },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);

/** What a killed worker may have been told and not written yet, in milliseconds. */
const UNWRITTEN = 2_500;
/** A wait that was shown for longer was shown again to the next worker. */
const SHOWN_AGAIN = 30_000;

/** Whom a fault of a request strikes. */
const TARGETS = [
  'cards',
  'read-back',
  'skills',
  'contacts',
  'digital',
  'digital-messages',
  'signal',
  'server-time',
  'token',
  'all',
];
/** Faults, the likeliest first in what they ask of the promise, with their parameters. */
/** @type {((random: Random) => [string, Record<string, unknown>])[]} */
const FAULTS = [
  (random) => ['lost-answer', { target: random.pick(['cards', ...TARGETS]), share: random.pick([0.5, 1]) }],
  (random) => ['lost-request', { target: random.pick(['cards', ...TARGETS]), share: random.pick([0.5, 1]) }],
  (random) => ['5xx', { target: random.pick(TARGETS), status: random.pick([500, 502, 503]) }],
  (random) => ['429', { target: random.pick(TARGETS), retryAfter: Math.round(random.between(1, 4)) }],
  (random) => ['cut', { target: random.pick(['cards', ...TARGETS]) }],
  (random) => ['html', { target: random.pick(TARGETS) }],
  (random) => ['slow', { target: random.pick(TARGETS), ms: Math.round(random.between(200, 4_000)) }],
  () => ['token-revoke', {}],
  (random) => ['agents-change', { share: random.pick([0.1, 0.3]) }],
  (random) => ['contacts-vanish', { share: random.pick([0.05, 0.1]) }],
];
const AT_ONCE = ['token-revoke', 'agents-change', 'contacts-vanish'];

const random = new Random(seed);
const simulator = await Simulator.start([
  ...publishedTraffic,
  ...['--seed', String(seed), '--switches-seed', String(seed), '--missed-after-seconds', '1000000'],
]);
const browser = await Browser.launch();
const killer = await Killer.of(browser, simulator);
/** @type {Map<string, number>} */
const inflicted = new Map();

await play(browser, simulator, async () => {
  await browser.configure(
    withKeptKey(simulator, {
      'Card time to live (minutes)': String(TIME_TO_LIVE),
      'Signal the contact’s script': true,
    }),
  );
  await until('it watches', async () => (await look())?.state.word === 'watching');
  console.log(`soak: ${minutes} min at the published service, seed ${seed}; watching`);

  const end = performance.now() + minutes * 60_000;
  const goesOn = () => performance.now() < end;
  const faults = inflict(new Random(seed + 1), goesOn);
  await killAtRandom(goesOn);
  await faults;

  await simulator.endFaults();
  await simulator.pause();
  console.log('soak: faults and traffic have ended; waiting until everything is settled');
  const status = await settled();
  const due = /** @type {Due[]} */ (/** @type {unknown} */ (await simulator.due()));
  report(await simulator.lastReport(), status, due);
});

/** @param {() => boolean} goesOn */
async function killAtRandom(goesOn) {
  // Whoever is killed more often than polls are made hears nothing: the budget of requests outlives the worker.
  while (goesOn()) {
    await killer.hatch();
    await sleep(random.between(1_000, 15_000));
    await look();
    const lot = random.next();
    if (lot < 0.2) {
      await killer.kill('browser');
      await sleep(random.between(0, 500));
      await browser.start();
    } else if (lot < 0.3) {
      await killer.kill('worker and watch page');
    } else {
      await killer.kill('worker');
      // Again, while it starts.
      if (random.next() < 0.2) {
        await sleep(random.between(5, 120));
        await killer.kill('worker');
      }
    }
  }
}

/** @param {Random} random @param {() => boolean} goesOn */
async function inflict(random, goesOn) {
  while (goesOn()) {
    for (const draw of random.shuffled(FAULTS)) {
      if (!goesOn()) return;
      const [kind, fields] = draw(random);
      const spell = AT_ONCE.includes(kind) ? {} : { seconds: random.between(1, 12) };
      await simulator.fault(kind, { ...fields, ...spell });
      inflicted.set(kind, (inflicted.get(kind) ?? 0) + 1);
      await sleep(random.between(1_000, 9_000));
    }
  }
}

/** Looks at the status as the popup does, and presses the button that it shows. Nothing, if the worker is being killed. */
async function look() {
  const answer = await killer.ask({ kind: 'status' });
  if (answer?.kind !== 'status') return null;
  if (answer.value.state.word === 'needsAttention') await killer.ask({ kind: 'cards', action: 'tryAgain' });
  return answer.value;
}

/** Nothing is left to do, for the extension at least; a card without an agent waits until its contact has one, or expires. */
async function settled() {
  let idle = 0;
  return await until(
    'everything is settled',
    async () => {
      const status = await look();
      const { waiting, missed } = await simulator.report();
      idle = status?.state.word === 'watching' && waiting + missed === 0 ? idle + 1 : 0;
      return idle > IDLE_LOOKS ? status : null;
    },
    { within: 5 * 60_000, every: 500, seen: async () => [await look(), await simulator.report()] },
  ).catch(look);
}

/**
 * Prints what happened and sets the exit code.
 *
 * @param {import('./lib/peers/simulator.mjs').Report} last
 * @param {any} status what the popup shows
 * @param {Due[]} due
 */
function report(last, status, due) {
  const missed = due.filter(({ certain, cards }) => certain && cards === 0);
  const unheard = missed.filter(wasUnheard);
  const lost = missed.filter((contact) => !unheard.includes(contact)).map(({ contact }) => contact);
  const { storedTwice = 0, wrongAgent = 0, stored = 0, unread = 0, signals = 0 } = last.published ?? {};
  const { signalsTwice = 0, signalsUnasked = 0, signalsWrong = 0 } = last.published ?? {};

  console.log(`\nfaults: ${[...inflicted].map(([kind, times]) => `${kind} ${times}`).join(', ')}`);
  for (const victim of VICTIMS) {
    console.log(`killed: ${victim} ${killer.kills.filter((kill) => kill.victim === victim).length} times`);
  }
  console.log(`due ${last.due}, delivered ${last.delivered}, refused by a fault for good ${last.refused}`);
  console.log(`missed ${missed.length}, of which ${unheard.length} by a worker killed as it heard of them`);
  console.log(`uncertain ${last.uncertain}, and ${last.uncertainDelivered} more of them delivered; unread ${unread}`);
  console.log(`messages stored ${stored}, markers stored twice ${storedTwice}, duplicated ${last.duplicated}`);
  console.log(`not due ${last.notDue}, to an agent who had left ${wrongAgent}, strays ${last.strayRequests}`);
  console.log(`signals ${signals}, of a card twice ${signalsTwice}, unasked ${signalsUnasked}, wrong ${signalsWrong}`);
  console.log(`the extension holds ${status?.waiting} waiting, ${status?.givenUp} given up`);

  const broken = [
    lost.length > last.refused && `missed: ${lost}`,
    storedTwice > 0 && `${storedTwice} markers stored twice`,
    wrongAgent > 0 && `${wrongAgent} messages to an agent who had left`,
    signalsTwice + signalsUnasked + signalsWrong > 0 && 'signals that should not be',
  ];
  conclude(broken, last, status, killer, browser.errors);
}

/** Whether the only answers that showed a long wait went to a worker that was killed then. @param {Due} due */
function wasUnheard({ wait, sentiment, heardAtMs, agentToldAtMs }) {
  if (sentiment || !wait || heardAtMs === null) return false;
  const until = Math.min(agentToldAtMs ?? heardAtMs, heardAtMs + SHOWN_AGAIN);
  const isBrief = (agentToldAtMs ?? heardAtMs) - heardAtMs <= SHOWN_AGAIN;
  return isBrief && killer.kills.some(({ at }) => at >= heardAtMs - 100 && at <= until + UNWRITTEN);
}
