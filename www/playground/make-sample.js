/**
 * Writes the sample recording, the same each time: `node www/playground/make-sample.js > www/playground/sample.ndjson`.
 * Forty minutes of three queues, without a text or a name of anybody.
 */

const QUEUES = ['billing', 'sales', 'support'];
const SPAN_MS = 40 * 60_000;
const INTERACTIONS = 45;

let state = 20_260;
/** A number from 0 to 1, by a linear congruence that any engine computes alike. */
function chance() {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
}

/** @param {number} low @param {number} high */
const between = (low, high) => low + Math.floor(chance() * (high - low));

/** @param {number} low @param {number} high @param {number} value */
const within = (low, high, value) => Math.round(Math.min(high, Math.max(low, value)) * 100) / 100;

/** @type {{ atMs: number, event: Record<string, unknown> }[]} */
const lines = [];

for (let number = 1; number <= INTERACTIONS; number += 1) {
  const id = `call-${String(number).padStart(3, '0')}`;
  const queueName = QUEUES[between(0, QUEUES.length)];
  const participant = { direction: chance() < 0.9 ? 'inbound' : 'outbound' };
  const begin = between(0, SPAN_MS - 6 * 60_000);
  const wait = between(5_000, 170_000);
  let at = begin;
  for (let waited = 0; waited < wait; waited += 45_000) {
    const routing = { queueName, queueWaitTimeMs: waited };
    lines.push({ atMs: begin + waited, event: { id, type: 'waiting', routing, participant } });
  }
  at = begin + wait;
  lines.push({ atMs: at, event: { id, type: 'connect', routing: { queueName, queueWaitTimeMs: wait }, participant } });
  // Each conversation has a mood that it drifts towards.
  const mood = within(-0.95, 0.8, chance() * 2 - 1.05);
  let score = within(-1, 1, chance() * 0.6 - 0.2);
  for (let turns = between(4, 9); turns > 0; turns -= 1) {
    at += between(5_000, 22_000);
    score = within(-1, 1, score + (mood - score) * 0.5 + (chance() - 0.5) * 0.2);
    const sentiment = { score, confidence: within(0, 1, 0.55 + chance() * 0.4) };
    lines.push({ atMs: at, event: { id, type: 'sentiment', sentiment, routing: { queueName } } });
  }
  at += between(5_000, 40_000);
  lines.push({ atMs: at, event: { id, type: 'disposition', routing: { queueName } } });
}

lines.sort((one, other) => one.atMs - other.atMs);
const first = lines[0]?.atMs ?? 0;
for (const { atMs, event } of lines) console.log(JSON.stringify({ atMs: atMs - first, event }));
