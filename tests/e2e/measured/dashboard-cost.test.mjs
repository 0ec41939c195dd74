/** What an open dashboard costs the worker while a large organisation talks: its thread's CPU time, side by side. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Dashboard } from '../lib/pages/dashboard.mjs';
import { quick } from '../lib/environment.mjs';
import { streamingFromSimulator } from '../lib/scene.mjs';
import { sleep } from '../lib/wait.mjs';

const SECONDS = quick ? 6 : 10;
/** Linux counts CPU time in hundredths of a second. */
const TICKS = 100;

test('what an open dashboard adds to the worker at 500 events a second', async (t) => {
  const { browser } = await streamingFromSimulator(t, ['--rate', '500', '--due-per-minute', '50']);
  await sleep(2_000);
  const alone = await share(browser);
  const dashboard = await Dashboard.open(browser);
  await sleep(2_000);
  const watched = await share(browser);
  const figures = await dashboard.figures();
  t.diagnostic(
    `500 events/s, ${SECONDS} s each: the worker takes ${percent(alone)} of a core alone, ${percent(watched)} with an open dashboard ` +
      `(${percent(watched - alone)} more); ${figures.events} events shown`,
  );
  assert.ok((figures.events ?? 0) > 0);
  assert.ok(alone > 0 && watched > 0, 'the worker was measured');
});

/** The share of a core that the worker's thread takes. @param {import('../lib/browser.mjs').Browser} browser */
async function share(browser) {
  const before = workerTicks(browser.processId);
  const began = performance.now();
  await sleep(SECONDS * 1_000);
  const seconds = (performance.now() - began) / 1_000;
  return (workerTicks(browser.processId) - before) / TICKS / seconds;
}

/** CPU time of all threads of service workers of a browser. @param {number} browser its process */
function workerTicks(browser) {
  const parents = new Map(processes().map((pid) => [pid, Number(stat(`/proc/${pid}/stat`)[1])]));
  const isOwn = (/** @type {number | undefined} */ pid) => {
    for (let at = pid; at !== undefined && at > 1; at = parents.get(at)) if (at === browser) return true;
    return false;
  };
  let ticks = 0;
  for (const pid of [...parents.keys()].filter(isOwn)) {
    for (const thread of threads(pid)) {
      // Linux keeps the first fifteen letters of a thread's name.
      const [user, system] = stat(`${thread}/stat`).slice(11, 13);
      if (name(thread).startsWith('ServiceWorker')) ticks += Number(user) + Number(system);
    }
  }
  return ticks;
}

const processes = () =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);

/** @param {number} pid */
function threads(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`);
  } catch {
    return [];
  }
}

/** @param {string} thread */
const name = (thread) => read(`${thread}/comm`);

/** The fields behind the name, which may hold spaces: the state first. @param {string} file */
const stat = (file) =>
  read(file)
    .replace(/^.*\) /s, '')
    .split(' ');

/** Empty for what has ended meanwhile. @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** @param {number} share */
const percent = (share) => `${(share * 100).toFixed(1)} %`;
