/** The checks on the oracle's report, and its summary. */
import assert from 'node:assert/strict';

/** @typedef {import('../peers/simulator.mjs').Report} Report */

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
