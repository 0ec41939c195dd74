/** Values as people type them, and as a rule has them: seconds for milliseconds, per cent for fractions. */

/** @typedef {import('../../pkg/workbench.js').Unit | 'seconds'} Unit */

/** How many of a rule's own unit one typed unit is. @type {Record<Unit, number>} */
const FACTORS = { plain: 1, seconds: 1, duration: 1_000, percent: 0.01 };

/** How far one press of an arrow or of a button goes. @type {Record<Unit, number>} */
const STEPS = { plain: 0.1, seconds: 5, duration: 5, percent: 5 };

/** What a control shows for a value. @param {unknown} value @param {Unit} unit */
export function shown(value, unit) {
  if (typeof value !== 'number') return String(value ?? '');
  return String(rounded(value / FACTORS[unit]));
}

/** What a rule has for a typed text: nothing, a number, or the text as it is, which Rust then rejects. @param {string} typed @param {Unit} unit */
export function read(typed, unit) {
  const plain = typed
    .trim()
    .replace(/^[−–]/, '-')
    .replace(/^(-?\d+),(\d+)$/, '$1.$2');
  if (plain === '') return null;
  const number = Number(plain);
  return Number.isFinite(number) ? rounded(number * FACTORS[unit]) : typed;
}

/** One step on from a typed text. @param {string} typed @param {Unit} unit @param {number} steps @param {number} [step] */
export function stepped(typed, unit, steps, step = STEPS[unit]) {
  const now = read(typed, unit);
  const from = typeof now === 'number' ? now / FACTORS[unit] : 0;
  return String(rounded(from + steps * step));
}

/** Lines of a text as a list. @param {string} typed */
export const lines = (typed) =>
  typed
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** Products of decimals have a tail that nobody typed. @param {number} number */
const rounded = (number) => Number(number.toPrecision(12));
