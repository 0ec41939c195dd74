/**
 * Draws what `cargo bench --bench growth` measured, one curve a file, into `docs/benchmarks`, and prints each point.
 *
 * Of the samples of a point the least counts, because programs that disturb a sample only lengthen it.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';

/** @typedef {{ size: number, least: number, median: number }} Point nanoseconds an event */

const MEASURED = new URL('../../../target/criterion/', import.meta.url);
const DRAWN = new URL('../../../docs/benchmarks/', import.meta.url);
/** What grows, in words. */
const CURVES = {
  remembered: 'interactions remembered at the start',
  queues: 'queues heard of',
  rules: 'active rules',
};
const WIDTH = 640;
const HEIGHT = 260;
const [LEFT, RIGHT, TOP, BOTTOM] = [60, 20, 40, 50];

await mkdir(DRAWN, { recursive: true });
for (const [name, words] of Object.entries(CURVES)) {
  const points = await measured(new URL(`${name}/`, MEASURED));
  await writeFile(new URL(`${name}.svg`, DRAWN), drawn(words, points));
  for (const { size, least, median } of points)
    console.log(`${name} ${size}: ${Math.round(least)} ns (median ${Math.round(median)})`);
}

/** @param {URL} folder @returns {Promise<Point[]>} */
async function measured(folder) {
  const sizes = (await readdir(folder)).map(Number).filter(Number.isFinite);
  sizes.sort((one, other) => one - other);
  return Promise.all(
    sizes.map(async (size) => {
      const sample = JSON.parse(await readFile(new URL(`${size}/new/sample.json`, folder), 'utf8'));
      const each = sample.times.map((/** @type {number} */ time, /** @type {number} */ at) => time / sample.iters[at]);
      each.sort((/** @type {number} */ one, /** @type {number} */ other) => one - other);
      const at = (/** @type {number} */ share) => each[Math.floor(share * (each.length - 1))];
      return { size, least: at(0), median: at(0.5) };
    }),
  );
}

/** @param {string} words @param {Point[]} points */
function drawn(words, points) {
  const most = Math.max(...points.map(({ least }) => least)) * 1.2;
  const step = 10 ** Math.floor(Math.log10(most));
  const top = Math.ceil(most / step) * step;
  const logs = points.map(({ size }) => Math.log10(size));
  const [first, last] = [Math.min(...logs), Math.max(...logs)];
  const x = (/** @type {number} */ size) =>
    LEFT + ((Math.log10(size) - first) / Math.max(last - first, 1e-9)) * (WIDTH - LEFT - RIGHT);
  const y = (/** @type {number} */ ns) => HEIGHT - BOTTOM - (ns / top) * (HEIGHT - TOP - BOTTOM);
  const text = (
    /** @type {number} */ at,
    /** @type {number} */ down,
    /** @type {string} */ anchor,
    /** @type {string} */ said,
  ) => `<text x="${at.toFixed(1)}" y="${down.toFixed(1)}" text-anchor="${anchor}">${said}</text>`;
  const base = points[0]?.least ?? 0;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>Cost of one event that is due nothing, by ${words}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<rect x="${LEFT}" y="${y(base * 1.1).toFixed(1)}" width="${WIDTH - LEFT - RIGHT}" height="${(y(base * 0.9) - y(base * 1.1)).toFixed(1)}" fill="#d9ead3"/>`,
    text(LEFT, 22, 'start', `Nanoseconds an event, by ${words}. Green: within 10 % of the first point.`),
    ...[0, top / 2, top].flatMap((ns) => [
      `<path d="M${LEFT} ${y(ns).toFixed(1)}H${WIDTH - RIGHT}" stroke="#ccc"/>`,
      text(LEFT - 6, y(ns) + 4, 'end', String(Math.round(ns))),
    ]),
    ...points.flatMap(({ size, least, median }) => [
      text(x(size), HEIGHT - BOTTOM + 20, 'middle', size.toLocaleString('en').replaceAll(',', ' ')),
      `<path d="M${x(size).toFixed(1)} ${y(least).toFixed(1)}V${y(Math.min(median, top)).toFixed(1)}" stroke="#5b6472" stroke-width="3"/>`,
      `<circle cx="${x(size).toFixed(1)}" cy="${y(least).toFixed(1)}" r="4" fill="#0b5cad"/>`,
    ]),
    `<polyline points="${points.map(({ size, least }) => `${x(size).toFixed(1)},${y(least).toFixed(1)}`).join(' ')}" fill="none" stroke="#0b5cad" stroke-width="2"/>`,
    text(LEFT, HEIGHT - 10, 'start', 'Point: the least of 30 samples. Bar: up to the median, cut at the top.'),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}
