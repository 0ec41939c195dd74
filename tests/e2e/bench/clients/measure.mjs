/** Runs a row: each client in front of its own server, all due the same at the same moment. */
import { performance } from 'node:perf_hooks';
import { onStage } from '../../lib/scene.mjs';
import { sleep } from '../../lib/wait.mjs';
import { killEvery, subject } from './subject.mjs';

/** @typedef {import('./rows.mjs').Row} Row */
/** @typedef {import('./subject.mjs').Kind} Kind */
/** @typedef {import('./subject.mjs').Subject} Subject */
/**
 * Milliseconds from a card's event to the moment in which the server took it.
 *
 * @typedef {object} Figures
 * @property {Kind} client
 * @property {number} due
 * @property {number} late cards that were never taken
 * @property {number} p50
 * @property {number} p95
 * @property {number} max
 * @property {number} makespan from the first event to the last card
 * @property {number} posts
 * @property {number} refused answered 429
 * @property {number} kills
 */
/** @typedef {{ row: string, figures: Figures[], missed: string[] }} Result */

/** @param {Row} row @returns {Promise<Result>} */
export async function measure(row) {
  return onStage(async (stage) => {
    /** @type {Kind[]} */
    const kinds = ['Cuewire', 'plain', ...(row.unpaced ? /** @type {const} */ (['unpaced']) : [])];
    const subjects = [];
    for (const kind of kinds) subjects.push(await subject(stage, kind, row.server(), row.latency));
    const all = subjects.map((made) => made.subject);
    for (const one of all) one.begin();
    let goesOn = true;
    const counted = row.counts ?? (() => true);
    const kills = subjects.map(({ subject: one, browser }) =>
      browser && row.killed ? killEvery(one, browser, row.killed, () => goesOn && busy(row, one, counted)) : null,
    );
    await feed(row, all);
    const end = performance.now() + row.patience;
    while (performance.now() < end && all.some((one) => one.waiting(counted) > 0)) await sleep(100);
    goesOn = false;
    await Promise.all(kills);
    const figures = all.map((one) => figuresOf(one, counted));
    return { row: row.name, figures, missed: missed(row, figures) };
  });
}

/** Whether anything is still to come of a client. @param {Row} row @param {Subject} one @param {(id: string) => boolean} counted */
const busy = (row, one, counted) => one.due.size < row.due.length || one.waiting(counted) > 0;

/** @param {Row} row @param {Subject[]} subjects */
async function feed(row, subjects) {
  const begun = performance.now();
  for (const { at, id } of row.due) {
    const early = begun + at - performance.now();
    if (early > 0) await sleep(early);
    for (const one of subjects) one.say(id);
  }
}

/** @param {Subject} one @param {(id: string) => boolean} counted @returns {Figures} */
function figuresOf(one, counted) {
  const ids = [...one.due.keys()].filter(counted);
  const spans = ids.flatMap((id) => {
    const taken = one.taken.get(id);
    return taken === undefined ? [] : [taken - (one.due.get(id) ?? 0)];
  });
  spans.sort((a, b) => a - b);
  const first = Math.min(...ids.map((id) => one.due.get(id) ?? 0));
  const late = ids.length - spans.length;
  for (const id of ids.filter((id) => !one.taken.has(id))) {
    const posts = one.server.cardRequests.filter(({ interaction }) => interaction === id).length;
    console.log(`${one.kind}: ${id}, due after ${one.due.get(id)?.toFixed(0)} ms, was not taken after ${posts} posts`);
  }
  return {
    client: one.kind,
    due: ids.length,
    late,
    p50: quantile(spans, ids.length, 0.5),
    p95: quantile(spans, ids.length, 0.95),
    max: late > 0 ? Number.POSITIVE_INFINITY : quantile(spans, ids.length, 1),
    makespan: late > 0 ? Number.POSITIVE_INFINITY : Math.max(...ids.map((id) => one.taken.get(id) ?? 0)) - first,
    posts: one.posts,
    refused: one.refused,
    kills: one.kills,
  };
}

/** What never came is later than all that did. @param {number[]} sorted @param {number} count @param {number} share */
export const quantile = (sorted, count, share) =>
  sorted[Math.max(0, Math.ceil(share * count) - 1)] ?? Number.POSITIVE_INFINITY;

/** The bounds that do not hold. @param {Row} row @param {Figures[]} figures */
function missed(row, figures) {
  const own = figures.find(({ client }) => client === 'Cuewire');
  const plain = figures.find(({ client }) => client === 'plain');
  if (own === undefined) return ['Cuewire was not measured'];
  return row.bounds.filter((bound) => !bound.holds(own, plain)).map(({ name }) => name);
}
