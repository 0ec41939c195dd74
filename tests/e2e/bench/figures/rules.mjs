/**
 * The share of a core that the worker takes at 1 000 events/s: only receiving, with the two rules that ship, and with 100
 * rules as supervisors write them, one after the other in one worker.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { onStage, otherServer, streamingFromOther } from '../../lib/scene.mjs';
import { sleep } from '../../lib/wait.mjs';
import { spread } from '../row.mjs';

/** @typedef {import('../../lib/peers/other-server.mjs').OtherServer} OtherServer */

const PER_SECOND = 1_000;
const RULES = 100;
/** Interactions that talk at a time, and the queues they are in. */
const TALKING = 1_500;
const QUEUES = 12;
/** The longest window in seconds: so short that a run fills it, and that values leave it before 64 newer ones push them out. */
const LONGEST = 20;
const WARM = 4;

/** @param {number} turns of each kind @param {number} seconds of each turn @returns {Promise<import('../row.mjs').Row[]>} */
export async function measureRules(turns, seconds) {
  // Otherwise the browser tells the test of each frame, which costs the worker more than all that is measured.
  process.env.PLAYWRIGHT_DISABLE_SERVICE_WORKER_NETWORK = '1';
  try {
    return await onStage((stage) => measure(stage, turns, seconds));
  } finally {
    delete process.env.PLAYWRIGHT_DISABLE_SERVICE_WORKER_NETWORK;
  }
}

/** @param {import('../../lib/scene.mjs').Stage} stage @param {number} turns @param {number} seconds @returns {Promise<import('../row.mjs').Row[]>} */
async function measure(stage, turns, seconds) {
  const { server, browser } = await streamingFromOther(stage);
  const bare = await otherServer(stage);
  bare.accepts = () => true;
  const worker = browser.context.serviceWorkers()[0];
  if (worker === undefined) throw new Error('there is no worker');
  await worker.evaluate(receiveOnly, `${bare.url.replace('http', 'ws')}/api/v2/interactions/stream?access_token=any`);
  await bare.streaming();
  const thread = await threadOf(browser.processId, () => worker.evaluate(spin));
  const page = await browser.open('rules/rules.html');
  const shipped = (await ask(page, { kind: 'rules' })).value.text;
  const many = JSON.stringify({ version: 1, rules: Array.from({ length: RULES }, (_, number) => rule(number)) });
  const [alone, two, hundred] = [
    /** @type {number[]} */ ([]),
    /** @type {number[]} */ ([]),
    /** @type {number[]} */ ([]),
  ];
  const shares = async (/** @type {OtherServer} */ from, /** @type {number[]} */ of) => {
    for (let turn = 0; turn < turns; turn += 1) of.push(await share(thread, from, seconds));
  };
  await share(thread, bare, WARM);
  await shares(bare, alone);
  await ask(page, { kind: 'saveRules', text: shipped, checkOnly: false });
  await share(thread, server, WARM);
  await shares(server, two);
  await ask(page, { kind: 'saveRules', text: many, checkOnly: false });
  // Windows fill, and then each event makes a value leave each of them.
  await share(thread, server, LONGEST + WARM);
  await shares(server, hundred);
  await shares(bare, alone);
  if (server.cardRequests.length > 0) throw new Error('an event made something due');
  const receiving = spread(alone).median;
  const added = (/** @type {number[]} */ all) => all.map((share) => share - receiving);
  const at = `${PER_SECOND.toLocaleString('en')} events/s`;
  return [
    { name: `${at}: a worker that only receives`, unit: '% of a core', own: alone, aim: '' },
    { name: `${at}: core and the two rules that ship add`, unit: '% of a core', own: added(two), aim: '' },
    {
      name: `${at}: core and ${RULES} rules add`,
      unit: '% of a core',
      own: added(hundred),
      aim: '≤ 5 %',
      holds: (/** @type {number} */ percent) => percent <= 5,
    },
  ];
}

/** The share of a core, in percent, that a thread takes while a server sends. @param {string} thread @param {OtherServer} server @param {number} seconds */
async function share(thread, server, seconds) {
  const [before, begun] = [busyMs(thread), performance.now()];
  let sent = 0;
  for (;;) {
    const elapsed = performance.now() - begun;
    const due = Math.min(seconds, elapsed / 1_000) * PER_SECOND;
    for (; sent < due; sent += 1) server.sendFrame(FRAMES[sent % FRAMES.length] ?? '');
    if (elapsed > seconds * 1_000) break;
    await sleep(1);
  }
  return ((busyMs(thread) - before) / (performance.now() - begun)) * 100;
}

/** @param {import('playwright-core').Page} page @param {object} message @returns {Promise<any>} */
async function ask(page, message) {
  const answer = await page.evaluate((message) => chrome.runtime.sendMessage(message), message);
  if (!['rules', 'done'].includes(answer?.kind)) throw new Error(JSON.stringify(answer));
  return answer;
}

/**
 * A rule as a supervisor writes it, each kind in turn: thresholds, holds with hysteresis, windows, queues, hours, scopes.
 * Holds begin and end, windows move, and no card is due. `benches/growth.rs` has the same kinds.
 *
 * @param {number} number
 */
function rule(number) {
  const level = (/** @type {number} */ low) => low - Math.floor(number / 10) / 100;
  const compare = (
    /** @type {string} */ field,
    /** @type {string} */ operator,
    /** @type {number} */ value,
    window = {},
  ) => ({
    compare: { field, operator, value, ...window },
  });
  const below = (/** @type {number} */ value) => compare('sentimentScore', 'below', value);
  const waits = compare('queueWaitMs', 'above', 130_000);
  const window = (/** @type {object} */ of, /** @type {string} */ operator, /** @type {number} */ value) =>
    compare('sentimentScore', operator, value, { window: of });
  const kinds = [
    { when: below(level(-0.9)) },
    { when: { all: [below(level(-0.7)), compare('sentimentConfidence', 'atLeast', 0.6)] } },
    { when: waits, holdSeconds: 30 },
    { when: below(level(-0.2)), holdSeconds: 86_400, clears: compare('sentimentScore', 'above', level(0.1)) },
    { when: window({ figure: 'mean', seconds: 5 }, 'below', level(-0.6)) },
    { when: window({ figure: 'change', values: 5 }, 'below', level(-1.6)) },
    { when: { all: [window({ figure: 'slope', seconds: 10 }, 'below', level(-20)), waits] } },
    { when: window({ figure: 'min', seconds: LONGEST }, 'above', 0.99), severity: 'info' },
    { when: compare('queueWaiting', 'above', 500), cooldownSeconds: 600 },
    { when: below(level(-0.9)), schedule: { from: '08:00', to: '18:00' } },
  ];
  const scopes = [
    {},
    { queues: { include: [`queue ${number % QUEUES}`, `queue ${(number + 5) % QUEUES}`] } },
    { queues: { exclude: ['queue 1*'] } },
  ];
  return { id: `rule-${number}`, name: 'Rule', once: 'episode', ...kinds[number % 10], ...scopes[number % 3] };
}

const FRAMES = Array.from({ length: 6_000 }, (_, index) => {
  const interaction = index % TALKING;
  // A mood stays about where it is.
  const score = ((interaction * 37) % 140) / 100 + (index % 5) / 100 - 0.45;
  return JSON.stringify({
    type: 'transfer',
    id: `interaction-${interaction}`,
    sentiment: { score: Math.round(score * 100) / 100, confidence: 0.9 },
    routing: { queueWaitTimeMs: (index * 37) % 110_000, queueName: `queue ${interaction % QUEUES}` },
    participant: { direction: 'inbound' },
  });
});

// The thread, by what the kernel says of it.

/**
 * The thread of a browser that works while the worker does.
 *
 * @param {number} browser
 * @param {() => Promise<unknown>} work that keeps the worker busy
 */
async function threadOf(browser, work) {
  const all = family(browser).flatMap((process) =>
    readdirSync(`/proc/${process}/task`).map((thread) => `/proc/${process}/task/${thread}`),
  );
  const threads = all.filter((thread) => read(`${thread}/comm`).startsWith('ServiceWorker'));
  const before = new Map(threads.map((thread) => [thread, busyMs(thread)]));
  await work();
  const worked = threads.map((thread) => ({ thread, ms: busyMs(thread) - (before.get(thread) ?? 0) }));
  worked.sort((one, other) => other.ms - one.ms);
  if (worked[0] === undefined || worked[0].ms < 50) throw new Error('no thread did the work');
  return worked[0].thread;
}

/** A process and all that it started. @param {number} process @returns {number[]} */
function family(process) {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({
      process: Number(name),
      parent: Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${name}/status`))?.[1]),
    }));
  /** @param {number} one @returns {number[]} */
  const of = (one) => [one, ...parents.filter(({ parent }) => parent === one).flatMap(({ process }) => of(process))];
  return of(process);
}

/** Milliseconds that a thread has run. @param {string} thread its folder in `/proc` */
const busyMs = (thread) => Number(read(`${thread}/schedstat`).split(' ')[0]) / 1e6;

/** What a file of `/proc` says; nothing once its thread has ended. @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

// In the worker.

function spin() {
  const until = performance.now() + 400;
  while (performance.now() < until);
}

/** @param {string} url */
function receiveOnly(url) {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  socket.onmessage = () => {};
}
