/** The checks on the oracle's report, and its summary. */
import assert from 'node:assert/strict';
import { VICTIMS } from './killer.mjs';

/** @typedef {import('./simulator.mjs').Report} Report */

/**
 * Every due card came once, and no other; nothing was sent sooner than allowed, and nothing to where it should not.
 *
 * @param {Report} report
 * @param {{ givenUp?: number }} [allowed] how many cards the server's own answers ended
 */
export function onceEach(report, { givenUp = 0 } = {}) {
  const { due, delivered, refused, missed, duplicated, notDue, early, strayRequests } = report;
  const ids = { missed: report.missedIds, duplicated: report.duplicatedIds, notDue: report.notDueIds };
  assert.ok(due > 0, 'nothing was due: this shows nothing');
  assert.deepEqual(
    { delivered, refused, missed, duplicated, notDue, early, strayRequests },
    { delivered: due - givenUp, refused: givenUp, missed: 0, duplicated: 0, notDue: 0, early: 0, strayRequests: 0 },
    `due ${due}; ${JSON.stringify(ids)}`,
  );
}

/** One line on a run. @param {Report} report */
export function summary(report) {
  const { p50, p95, p99 } = report.latencyMs;
  return (
    `${report.eventsSent} events of ${report.interactions} interactions; due ${report.due}, delivered ${report.delivered}, ` +
    `missed ${report.missed}, duplicated ${report.duplicated}, repeats ${report.repeats}; ` +
    `event → card p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms`
  );
}

/**
 * Prints each reason why a soak is not as promised, and sets the exit code: the reasons of this soak, and those of any.
 *
 * @param {(string | false)[]} own
 * @param {Report} last
 * @param {{ notDurable: number } | null | undefined} status what the popup shows
 * @param {import('./killer.mjs').Killer} killer
 * @param {string[]} errors of the browser
 */
export function conclude(own, last, status, killer, errors) {
  const notDurable = status?.notDurable ?? 0;
  const uncaught = errors.filter((line) => line.startsWith('uncaught'));
  const broken = [
    ...own,
    last.duplicated > 0 && `duplicated: ${last.duplicatedIds}`,
    last.notDue > 0 && `not due: ${last.notDueIds}`,
    last.strayRequests > 0 && `${last.strayRequests} stray requests`,
    notDurable > 0 && `${notDurable} triggers not durable`,
    uncaught.length > 0 && `in the browser: ${uncaught.slice(0, 5)}`,
    last.due === 0 && 'nothing was due',
    ...VICTIMS.filter((victim) => !killer.kills.some((kill) => kill.victim === victim)).map(
      (victim) => `no ${victim} was killed`,
    ),
  ].filter((line) => typeof line === 'string');
  for (const line of broken) console.log(`BROKEN: ${line}`);
  console.log(broken.length === 0 ? 'soak: nothing missed, nothing twice' : 'soak: NOT as promised');
  if (broken.length > 0) process.exitCode = 1;
}
