/**
 * A long bad day: the worker, its watch page and the whole browser are killed at random times while the simulator
 * injects every fault it knows. Then the faults end, everything settles, and the oracle says what became of the
 * promise. `cargo xtask soak` builds everything and starts this.
 *
 * A run fails by a due card that did not come (unless a fault refused it for good: *given up by contract*), a
 * second `cardId` for one interaction in *any* request, a card that was not due, a request to where none belongs, a
 * card request sooner than allowed by a wait that the client can have known of (see `lib/early.mjs`), a card that the
 * extension still holds at the end, a fault that never struck, too few kills, a comeback that takes too long. The
 * oracle's *uncertain* are interactions of which the client heard only in the last 2 s before its connection died:
 * nobody can say whether it heard them. They need no card; a second `cardId` is an error for them too.
 *
 * Two answers need a person by contract (a second 401, three 403 in a row): someone looks at the status every few
 * seconds and presses *Try again* when it asks for that, through the same message as the popup.
 */
import { parseArgs } from 'node:util';
import { Browser } from './lib/browser.mjs';
import { early } from './lib/trials/early.mjs';
import { unhappy } from './lib/events.mjs';
import { comebacks, Killer, VICTIMS } from './lib/trials/killer.mjs';
import { connection } from './lib/pages/options.mjs';
import { Random } from './lib/random.mjs';
import { judgedBy, putInForce } from './lib/pages/rules.mjs';
import { Simulator } from './lib/peers/simulator.mjs';
import { inflict } from './lib/trials/spells.mjs';
import { conclude, IDLE_LOOKS, play, TIME_TO_LIVE } from './lib/trials/soak.mjs';
import { sleep, until } from './lib/wait.mjs';

/** @typedef {import('./lib/peers/simulator.mjs').Asked} Asked */
/** @typedef {import('./lib/peers/simulator.mjs').Report} Report */

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    rules: { type: 'string' },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);

const KILLS_PER_MINUTE = 10;
/** Milliseconds from kill to stream, where the server stood in nobody's way. */
const MEDIAN_COMEBACK = 500;
const LONGEST_COMEBACK = 35_000;
/** Milliseconds beyond the end for faults that found nothing to strike until then. */
const GRACE = 60_000;

const random = new Random(seed);
const flags = ['--rate', '40', '--due-per-minute', '60', '--frames', 'mixed', '--token-seconds', '90'];
// Interactions that last for half a minute, for holds and windows of seconds; a browser that was killed reads late.
const stories = values.rules === undefined ? [] : ['--concurrent', '200', '--read-within-ms', '1500'];
const simulator = await Simulator.start([
  ...[...flags, '--seed', String(seed), '--missed-after-seconds', '1000000'],
  ...[...stories, ...judgedBy(values.rules)],
]);
// No event comes before the rules are saved, because the rules that ship would fire for it.
if (values.rules !== undefined) await simulator.pause();
const startedAt = Date.now() - (await simulator.now());
const browser = await Browser.launch();
const killer = await Killer.of(browser, simulator);
/** @type {Map<number, Asked>} */
const log = new Map();
const pressed = { signInRejected: 0, scopeMissing: 0, other: 0 };
let targeted = 0;

await play(browser, simulator, async () => {
  await browser.configure(connection(simulator, { 'Card time to live (minutes)': String(TIME_TO_LIVE) }));
  await until('it streams', async () => (await simulator.report()).streamsOpen > 0);
  if (values.rules !== undefined) {
    await putInForce(browser, values.rules);
    await simulator.resume();
  }
  console.log(`soak: ${minutes} min, seed ${seed}; streaming`);

  const end = performance.now() + minutes * 60_000;
  const goesOn = () => performance.now() < end;
  const reading = readLog(goesOn);
  const faults = inflict(simulator, new Random(seed + 1), goesOn, GRACE);
  await killAtRandom(goesOn);
  await Promise.all([faults, reading]);

  await simulator.endFaults();
  await simulator.pause();
  console.log('soak: faults and traffic have ended; waiting until everything is settled');
  const ended = performance.now();
  const status = await settled();
  const settledAfter = (performance.now() - ended) / 1_000;
  await collect();
  report(await simulator.lastReport(), status, settledAfter, await simulator.due(), await simulator.faultKinds());
});

/** @param {() => boolean} goesOn */
async function killAtRandom(goesOn) {
  let bothAt = performance.now() + random.between(20_000, 50_000);
  while (goesOn()) {
    await killer.hatch();
    await sleep(random.between(100, 2_500));
    await look();
    await sleep(random.between(100, 2_000));
    if (performance.now() >= bothAt) {
      const at = await simulator.now();
      if (!(await killer.kill('worker and watch page'))) continue;
      // Nobody looks meanwhile: what brings the worker back is the alarm and nothing else.
      await until('the alarm has brought it back', () => openedSince(at), { within: 90_000, every: 100 });
      bothAt = performance.now() + random.between(40_000, 80_000);
      continue;
    }
    if (random.next() < 0.4) {
      // Between an event and its card there are a commit, a request and another commit: each is cut now and then.
      targeted += 1;
      await simulator.send(unhappy(`soak-${targeted}`));
      await sleep(random.between(0, 30));
    }
    if (random.next() < 0.22) {
      await killer.kill('browser');
      await sleep(random.between(0, 500));
      await browser.start();
    } else {
      await killer.kill('worker');
      // Again, while it starts.
      if (random.next() < 0.15) {
        await sleep(random.between(5, 120));
        await killer.kill('worker');
      }
    }
  }
}

/** @param {number} at */
async function openedSince(at) {
  const asked = await simulator.requests({ kind: 'stream' });
  return asked.some(({ atMs, status }) => atMs > at && status === 101);
}

/** Looks at the status as the popup does, and presses the button that it shows. Nothing, if the worker is being killed. */
async function look() {
  const answer = await killer.ask({ kind: 'status' });
  if (answer?.kind !== 'status') return null;
  const asks = answer.value.state.word === 'needsAttention' ? answer.value.diagnosis?.code : undefined;
  if (asks !== undefined) {
    await killer.ask({ kind: 'cards', action: 'tryAgain' });
    if (asks === 'signInRejected') pressed.signInRejected += 1;
    else if (asks === 'scopeMissing') pressed.scopeMissing += 1;
    else pressed.other += 1;
  }
  return answer.value;
}

/** Nothing is left to do, for the extension at least; what the oracle still waits for by then will not come. */
async function settled() {
  let idle = 0;
  return await until(
    'everything is settled',
    async () => {
      const status = await look();
      const { streamsOpen, waiting, missed } = await simulator.report();
      idle = streamsOpen > 0 && status?.waiting === 0 ? idle + 1 : 0;
      return idle > 0 && (waiting + missed === 0 || idle > IDLE_LOOKS) ? status : null;
    },
    { within: TIME_TO_LIVE * 60_000, every: 500, seen: async () => [await look(), await simulator.report()] },
  );
}

/** The simulator keeps the newest requests only. @param {() => boolean} goesOn */
async function readLog(goesOn) {
  while (goesOn()) {
    await collect();
    await sleep(5_000);
  }
}

async function collect() {
  // Requests that were still being answered are read again.
  const last = [...log.keys()].at(-1) ?? 0;
  for (const asked of await simulator.requests({ after: Math.max(0, last - 1_000) })) log.set(asked.n, asked);
}

/**
 * Prints what happened and sets the exit code.
 *
 * @param {Report} last
 * @param {any} status what the popup shows
 * @param {number} settledAfter seconds
 * @param {import('./lib/peers/simulator.mjs').Due[]} due
 * @param {string[]} kinds
 */
function report(last, status, settledAfter, due, kinds) {
  const asked = [...log.values()];
  const { excused, atFault } = early(asked, killer.kills, startedAt);
  // Rules of episodes have several cards for an interaction; which ones, only the oracle can say.
  const second = values.rules === undefined ? secondIds(asked) : idsNotDue(asked, due);
  const refused = due.filter(({ cards, refusals }) => cards === 0 && refusals > 0).length;
  // A card whose answer was lost is sent again, and that may be refused for good although the server has it.
  const mostRefused = due.filter(({ refusals }) => refusals > 0).length;

  const times = kinds.map((kind) => `${kind} ${last.faults[kind] ?? 0}`);
  console.log(`\nfaults injected: ${times.join(', ')}`);
  const perVictim = comebackTable();
  const { signInRejected, scopeMissing, other } = pressed;
  console.log(
    `Try again pressed: sign-in rejected ${signInRejected}, missing permission ${scopeMissing}, other ${other}`,
  );
  console.log(
    `due ${last.due}, delivered ${last.delivered} (${last.latencyMs.p50.toFixed(0)} ms p50, ${last.latencyMs.p95.toFixed(0)} ms p95), refused by a fault for good ${last.refused}, missed ${last.missed}`,
  );
  console.log(
    `uncertain ${last.uncertain}, and ${last.uncertainDelivered} more of them delivered; lost answers ${last.lostAnswers}`,
  );
  console.log(
    `repeats of a cardId ${last.repeats}, duplicated ${last.duplicated}, not due ${last.notDue}, strays ${last.strayRequests}`,
  );
  console.log(
    `early ${last.early}: ${excused.length} by a client killed as it was told to wait, ${atFault.length} at fault`,
  );
  if (values.rules !== undefined) console.log(`cards by rule: ${JSON.stringify(last.dueByRule)}`);
  console.log(
    `${values.rules ? 'cardIds that were not due' : 'interactions asked for under two cardIds'}: ${second.length}`,
  );
  console.log(`the extension holds ${status.waiting} waiting, ${status.givenUp} given up (by the log: ${refused})`);
  console.log(`settled ${settledAfter.toFixed(1)} s after the last fault`);

  const broken = [
    last.missed > 0 && `missed: ${last.missedIds}`,
    second.length > 0 && `${values.rules ? 'not due, and asked for' : 'a second cardId'}: ${second}`,
    atFault.length > 0 && `early: ${JSON.stringify(atFault.slice(0, 5))}`,
    excused.length + atFault.length < last.early && 'early requests that the log does not know',
    (status.givenUp < refused || status.givenUp > mostRefused) &&
      `given up ${status.givenUp}, refused for good ${refused} to ${mostRefused}`,
    ...kinds.filter((kind) => !last.faults[kind]).map((kind) => `${kind} never struck`),
    killer.kills.length < KILLS_PER_MINUTE * minutes && `only ${killer.kills.length} kills`,
    ...perVictim,
  ];
  conclude(broken, last, status, killer, browser.errors);
}

/** Prints how long it took to stream again; gives what took too long. */
function comebackTable() {
  const all = comebacks(killer.kills, [...log.values()]);
  console.log(`\nkills ${all.length}, ${targeted} of them within 30 ms of an event that was due a card`);
  console.log(
    '                                streaming again after, ms       server in the way    killed   asked again',
  );
  console.log(
    'killed                  times       n     p50     p95     max           n     max    before   after (max)',
  );
  const broken = [];
  for (const victim of VICTIMS) {
    const of = all.filter((kill) => kill.victim === victim);
    const clear = of.flatMap(({ took, disturbed }) => (took === null || disturbed ? [] : [took]));
    const hindered = of.flatMap(({ took, disturbed }) => (took !== null && disturbed ? [took] : []));
    const before = of.filter(({ took }) => took === null).length;
    const asked = quantile(
      of.flatMap(({ asked }) => (asked === null ? [] : [asked])),
      1,
    );
    const cells = [of.length, clear.length, quantile(clear, 0.5), quantile(clear, 0.95), quantile(clear, 1)];
    const rest = [hindered.length, quantile(hindered, 1), before, asked];
    const [times, ...spans] = cells.map((cell) => shown(cell).padStart(8));
    const [count, most, again, after] = rest.map((cell) => shown(cell).padStart(8));
    console.log(`${victim.padEnd(21)}${times}${spans.join('')}    ${count}${most}  ${again}      ${after}`);
    // Whatever the server did: the worker was not there for so long.
    if (asked > LONGEST_COMEBACK) broken.push(`${victim}: it asked for a stream again only after ${shown(asked)} ms`);
    if (quantile(clear, 1) > LONGEST_COMEBACK) broken.push(`${victim}: back after ${shown(quantile(clear, 1))} ms`);
    if (victim === 'worker' && !(quantile(clear, 0.5) < MEDIAN_COMEBACK)) {
      broken.push(`the median comeback of a worker took ${shown(quantile(clear, 0.5))} ms`);
    }
  }
  return broken;
}

/** The smallest value that this share of the values does not exceed; NaN of nothing. @param {number[]} values @param {number} share */
function quantile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** @param {number} value */
function shown(value) {
  return Number.isNaN(value) ? '-' : value.toFixed(0);
}

/** Interactions for which more than one `cardId` was ever asked for. @param {Asked[]} asked */
function secondIds(asked) {
  /** @type {Map<string, Set<string>>} */
  const ids = new Map();
  for (const { interaction, cardId } of asked) {
    if (interaction === null || cardId === null) continue;
    ids.set(interaction, (ids.get(interaction) ?? new Set()).add(cardId));
  }
  return [...ids].filter(([, cardIds]) => cardIds.size > 1).map(([interaction]) => interaction);
}

/** Each `cardId` that was ever asked for, accepted or not, and that no world of the oracle has. @param {Asked[]} asked @param {import('./lib/peers/simulator.mjs').Due[]} due */
function idsNotDue(asked, due) {
  const possible = new Set(due.map(({ cardId }) => cardId));
  const ids = new Set(asked.flatMap(({ cardId }) => (cardId === null ? [] : [cardId])));
  return [...ids].filter((cardId) => !possible.has(cardId));
}
