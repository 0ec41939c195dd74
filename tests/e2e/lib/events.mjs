/** Events as a stream sends them, for tests that write their own traffic. */

/** An event that is due a card for its sentiment. @param {string} id @param {number} [score] */
export const unhappy = (id, score = -0.72) => ({
  id,
  type: 'connect',
  sentiment: { score, confidence: 0.9 },
  routing: { queueWaitTimeMs: 5_000, queueName: 'billing' },
});

/** An event that is due a card for its wait. @param {string} id @param {number} [waitedMs] */
export const waiting = (id, waitedMs = 125_000) => ({
  id,
  type: 'connect',
  routing: { queueWaitTimeMs: waitedMs, queueName: 'sales' },
});

/** An event that is due nothing. @param {string} id */
export const calm = (id) => ({
  id,
  type: 'connect',
  sentiment: { score: 0.4, confidence: 0.9 },
  routing: { queueWaitTimeMs: 4_000, queueName: 'billing' },
});

/** The end of an interaction. @param {string} id */
export const ended = (id) => ({ id, type: 'disposition' });
