// Numbers and times as people read them.

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});

/** @param {number} count */
export function number(count) {
  return whole.format(count);
}

/**
 * A score with sign and two decimals: −0.62.
 * @param {number} value
 */
export function score(value) {
  const digits = Math.abs(value).toFixed(2);
  if (Number(digits) === 0) return '0.00';
  return `${value < 0 ? '−' : '+'}${digits}`;
}

/**
 * A length of time: 45 s, 2 min 05 s, 1 h 03 min.
 * @param {number} ms
 */
export function span(ms) {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/**
 * A short time that is measured: 8 ms, 1.2 s.
 * @param {number} ms
 */
export function brief(ms) {
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}

/**
 * The time of day: 14:03:22.
 * @param {number} epochMs
 */
export function time(epochMs) {
  return clock.format(new Date(epochMs));
}

/**
 * One of a thing, or several: 1 client, 2 clients.
 * @param {number} count
 * @param {string} one
 * @param {string} [several]
 */
export function counted(count, one, several = `${one}s`) {
  return `${number(count)} ${count === 1 ? one : several}`;
}
