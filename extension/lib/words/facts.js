/** Range and default of a field in words, from the parser's own bounds. */
import { kindOf, spec } from './specs.js';
import { text } from './text.js';
import { count, duration } from './words.js';

/** @type {Record<string, number>} */
const UNIT_MS = { seconds: 1_000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 };

/** @param {string} name */
export function facts(name) {
  return [range(name), byDefault(name)].filter((words) => words !== '').join(' ');
}

/** @param {string} name */
function range(name) {
  const { minimum, maximum, maxLength, items } = spec(name);
  if (minimum !== undefined && maximum !== undefined) {
    const least = Number.isInteger(minimum) ? String(minimum) : amount(name, minimum);
    return text('factsRange', least, amount(name, maximum));
  }
  if (items) return text('factsMostEach', count(items.maxLength));
  return maxLength === undefined || kindOf(name) === 'time' ? '' : text('factsMost', count(maxLength));
}

/** @param {string} name */
function byDefault(name) {
  const kind = kindOf(name);
  const value = spec(name).default;
  if (kind === 'switch') return text('factsDefault', text(value ? 'factsOn' : 'factsOff'));
  if (kind === 'choice') return text('factsDefault', text(`choice_${name}_${value}`));
  if (value === null) return text('factsDefault', text('factsNoLimit'));
  if (typeof value === 'number') return text('factsDefault', amount(name, value));
  return typeof value === 'string' && value !== '' ? text('factsDefault', `“${value}”`) : '';
}

/** A number as it may be typed, with its unit; a part of a unit is said in the smaller one as well. @param {string} name @param {number} value */
function amount(name, value) {
  const unit = spec(name)['x-unit'];
  if (unit === undefined) return String(value);
  if (Number.isInteger(value)) return inUnit(value, unit);
  const rounded = Number(value.toPrecision(3));
  return `${inUnit(rounded, unit)} (${duration(value * (UNIT_MS[unit] ?? 1), text)})`;
}

/** @param {number} value @param {string} unit */
function inUnit(value, unit) {
  const shape = { style: 'unit', unit: unit.slice(0, -1), unitDisplay: 'long', useGrouping: false };
  const parts = new Intl.NumberFormat(document.documentElement.lang, /** @type {any} */ (shape)).formatToParts(value);
  // Keep the digits as people must type them, whatever the language.
  const words = parts.filter(({ type }) => !['integer', 'decimal', 'fraction', 'minusSign'].includes(type));
  return `${value}${words.map(({ value }) => value).join('')}`;
}
