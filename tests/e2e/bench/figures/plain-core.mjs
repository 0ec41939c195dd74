/**
 * The hot path in plain JavaScript, as a good engineer would write it: parse, check, count, keep the figures of queues, look up
 * what fired. It does what the core does for an event that is due nothing; `tests/js/worker/plain-core.test.js` holds it to that.
 *
 * The function imports nothing, because the bench sends it to the extension's worker as text.
 */
export function plainCore() {
  const BINS = 40;
  const WAIT_BIN = 5_000;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const seconds = new Float64Array(300);
  const minutes = new Float64Array(1_440);
  const sentiment = new Float64Array(BINS);
  const waits = new Float64Array(60);
  /** @type {Map<string, { events: number, interactions: number, sum: number, count: number }>} */
  const queues = new Map();
  /** @type {Map<string, { queue: string, waiting: boolean, wait: number }>} */
  const live = new Map();
  /** @type {Map<string, number>} */
  const fired = new Map();
  const counts = { events: 0, rejected: 0, heardAt: 0 };
  /** @type {string[]} */
  const due = [];

  /** @param {any} value @param {number} low @param {number} high @returns {value is number | null | undefined} */
  const within = (value, low, high) =>
    value === undefined || value === null || (typeof value === 'number' && value >= low && value <= high);
  /** @param {any} value */
  const isText = (value) => value === undefined || value === null || typeof value === 'string';
  /** @param {any} value */
  const isPart = (value) =>
    value === undefined || value === null || (typeof value === 'object' && !Array.isArray(value));

  /** @param {Float64Array} bins @param {number} bin */
  const count = (bins, bin) => {
    bins[bin] = (bins[bin] ?? 0) + 1;
  };

  /** @param {any} event @param {number} now */
  function take(event, now) {
    if (typeof event !== 'object' || event === null || Array.isArray(event)) return false;
    const { id, type } = event;
    if (typeof id !== 'string' || id === '' || id.length > 1_024 || id === '.' || id === '..') return false;
    if (!isPart(event.sentiment) || !isPart(event.routing) || !isPart(event.participant) || !isText(type)) return false;
    const score = event.sentiment?.score;
    const confidence = event.sentiment?.confidence;
    const wait = event.routing?.queueWaitTimeMs;
    const queue = event.routing?.queueName;
    if (!within(score, -1, 1) || !within(confidence, 0, 1) || !within(wait, 0, Number.MAX_VALUE)) return false;
    if (!isText(queue) || !isText(event.participant?.direction)) return false;
    counts.events += 1;
    count(seconds, Math.floor(now / 1_000) % 300);
    count(minutes, Math.floor(now / 60_000) % 1_440);
    if (typeof score === 'number') count(sentiment, Math.min(Math.floor((score + 1) * (BINS / 2)), BINS - 1));
    if (typeof wait === 'number') count(waits, Math.min(Math.floor(wait / WAIT_BIN), 59));
    const known = live.get(id);
    const name = queue ?? known?.queue;
    if (name !== undefined) {
      let row = queues.get(name);
      if (row === undefined) {
        row = { events: 0, interactions: 0, sum: 0, count: 0 };
        queues.set(name, row);
      }
      row.events += 1;
      if (typeof score === 'number') {
        row.sum += score;
        row.count += 1;
      }
      if (type === 'disposition') {
        if (!live.delete(id)) row.interactions += 1;
      } else if (known === undefined) {
        row.interactions += 1;
        live.set(id, { queue: name, waiting: type !== 'connect', wait: wait ?? 0 });
      } else {
        known.queue = name;
        known.waiting &&= type !== 'connect';
        known.wait = wait ?? known.wait;
      }
    }
    if (fired.has(id)) fired.set(id, now);
    else if ((typeof score === 'number' && score < -0.5) || (typeof wait === 'number' && wait > 120_000)) {
      fired.set(id, now);
      due.push(id);
    }
    return true;
  }

  /** @param {string | ArrayBuffer} data */
  function heard(data) {
    const now = Date.now();
    counts.heardAt = now;
    let event;
    try {
      event = JSON.parse(typeof data === 'string' ? data : decoder.decode(data));
    } catch {
      counts.rejected += 1;
      return;
    }
    if (!take(event, now)) counts.rejected += 1;
  }

  return { heard, counts, due, queues, sentiment };
}
