/** What a row of `cargo xtask bench` says, and how it is judged. */
import { quantile } from './clients/measure.mjs';

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {string} unit
 * @property {number[]} own each run of Cuewire, in order
 * @property {number[]} [beside] each run of what it is held against, in turn with its own
 * @property {string} [besideIs] what that is
 * @property {boolean} [moreIsBetter]
 * @property {boolean} [inPairs] turns so short that the two of a pair meet the same machine
 * @property {string} aim as the table shows it
 * @property {(figure: number) => boolean} [holds] judges the ratio where there is something beside, else the median
 */

/** @param {number[]} runs */
export function spread(runs) {
  const sorted = [...runs].sort((one, other) => one - other);
  const at = (/** @type {number} */ share) => quantile(sorted, sorted.length, share);
  return { least: at(0), median: at(0.5), most: at(1) };
}

/**
 * The ratio of the best runs, because programs that disturb a run only make it worse; of turns in pairs the middle of their
 * ratios, because the best of many short turns is luck.
 *
 * @param {Row} row
 */
export function ratio({ own, beside, moreIsBetter, inPairs }) {
  if (beside === undefined) return undefined;
  if (inPairs) return spread(own.map((figure, pair) => figure / (beside[pair] ?? Number.NaN))).median;
  const best = moreIsBetter ? 'most' : 'least';
  return spread(own)[best] / spread(beside)[best];
}

/** Whether the aim is reached; undefined where there is none. @param {Row} row */
export const isReached = (row) => row.holds?.(ratio(row) ?? spread(row.own).median);

/** @param {Row} row @returns {string[]} */
export function cells(row) {
  const shown = (/** @type {number[]} */ runs) => {
    const { least, median, most } = spread(runs);
    return [median, least, most].map((figure) => figure.toFixed(Math.abs(median) < 20 ? 2 : 0));
  };
  const own = shown(row.own);
  const [median, least, most] = row.beside === undefined ? ['', '', ''] : shown(row.beside);
  const reached = isReached(row);
  return [
    `${row.name}, ${row.unit}`,
    ...own,
    row.beside === undefined ? '' : `${median} (${least} to ${most}) ${row.besideIs}`,
    ratio(row)?.toFixed(2) ?? '',
    row.aim,
    reached === undefined ? '' : reached ? 'yes' : 'no',
  ];
}

export const HEAD = ['row', 'median', 'min', 'max', 'beside: median (min to max)', 'ratio', 'aim', 'reached'];

/** @param {string[]} head @param {string[][]} rows */
export function table(head, rows) {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (/** @type {string[]} */ texts) =>
    `| ${texts.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  return ['', line(head), line(rule), ...rows.map(line), ''].join('\n');
}
