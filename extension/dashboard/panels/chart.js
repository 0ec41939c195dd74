/** uPlot in the look of the page: axes, colours that follow the scheme, a width that follows the panel. */
import uPlot from '../../lib/vendor/uplot.js';
import { colours, onColours } from '../parts/colours.js';
import { count, hour } from '../words.js';

/** @typedef {(data: (number | null)[][], range: { from: number, until: number }) => void} Draw times in seconds */
/** @typedef {(index: number | null | undefined) => void} Point what is pointed at */
/** @typedef {ReturnType<typeof colours>} Colours */

const HEIGHT = 168;
/** Steps of the time axis, in seconds. */
const TIMES = [60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 14_400, 21_600];
/** Steps of the count axis: whole numbers. */
const COUNTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000];
const FONT = '12px system-ui, sans-serif';

/** @param {HTMLElement} holder @param {Point} point @returns {Draw} */
export function lineChart(holder, point) {
  return chart(holder, point, (colours) => [
    { stroke: colours.accent, width: 1.5, points: { show: false }, fill: faint(colours.accent) },
  ]);
}

/** Triggers as wide bars behind the delivered cards as narrow ones. @param {HTMLElement} holder @param {Point} point @returns {Draw} */
export function barChart(holder, point) {
  const bars = (/** @type {number} */ share) => {
    const paths = uPlot.paths.bars?.({ size: [share, 40], align: 0 });
    return paths ? { paths } : {};
  };
  return chart(holder, point, (colours) => [
    { stroke: colours.attention, width: 1, fill: faint(colours.attention), ...bars(0.84), points: { show: false } },
    { stroke: colours.accent, width: 0, fill: colours.accent, ...bars(0.42), points: { show: false } },
  ]);
}

/**
 * @param {HTMLElement} holder
 * @param {Point} point
 * @param {(colours: Colours) => uPlot.Series[]} series
 * @returns {Draw}
 */
function chart(holder, point, series) {
  /** @type {uPlot | undefined} */
  let plot;
  /** @type {(number | null)[][]} */
  let data = [];
  let range = { from: 0, until: 1 };

  const make = () => {
    plot?.destroy();
    plot = undefined;
    const width = holder.clientWidth;
    if (width === 0 || data.length === 0) return;
    const scheme = colours();
    plot = new uPlot(
      options(width, scheme, series(scheme), point, () => range),
      /** @type {uPlot.AlignedData} */ (data),
      holder,
    );
  };

  onColours(make);
  new ResizeObserver(() => {
    if (!plot) make();
    else if (holder.clientWidth > 0 && holder.clientWidth !== plot.width)
      plot.setSize({ width: holder.clientWidth, height: HEIGHT });
  }).observe(holder);

  return (next, nextRange) => {
    data = next;
    range = nextRange;
    if (plot) plot.setData(/** @type {uPlot.AlignedData} */ (data));
    else make();
  };
}

/**
 * @param {number} width
 * @param {Colours} colours
 * @param {uPlot.Series[]} series
 * @param {Point} point
 * @param {() => { from: number, until: number }} range
 * @returns {uPlot.Options}
 */
function options(width, colours, series, point, range) {
  const grid = { stroke: colours.hairline, width: 1 };
  /** @type {uPlot.Axis} */
  const shared = { stroke: colours.muted, font: FONT, ticks: { show: false } };
  return {
    width,
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    select: { show: false, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: { time: true, range: () => [range().from, range().until] },
      // Counts start at zero, and the axis never shows fractions.
      y: { range: (_, __, max) => [0, Math.max(4, (max ?? 0) * 1.1)] },
    },
    axes: [
      {
        ...shared,
        grid: { show: false },
        size: 28,
        gap: 8,
        space: 64,
        incrs: TIMES,
        values: (_, splits) => splits.map((at) => hour(at * 1_000)),
      },
      { ...shared, grid, size: 44, gap: 4, space: 32, incrs: COUNTS, values: (_, splits) => splits.map(count) },
    ],
    series: [{}, ...series],
    hooks: { setCursor: [({ cursor }) => point((cursor.left ?? -1) < 0 ? undefined : cursor.idx)] },
  };
}

/** @param {string} colour as the browser resolves it, or a system colour */
const faint = (colour) =>
  colour.startsWith('rgb(') ? colour.replace('rgb(', 'rgba(').replace(')', ', 0.16)') : 'transparent';
