/** When a rule would have fired, over the time that was recorded. Gaps are shown as gaps, never as silence. */
import { element } from '../../lib/form.js';
import { text } from '../../lib/text.js';

/** @typedef {import('../../pkg/workbench.js').TapeView} TapeView */

const BINS = 96;
const WIDTH = 960;
const HEIGHT = 72;
const NAMESPACE = 'http://www.w3.org/2000/svg';

/** @param {TapeView} tape @param {number[]} at @param {(at: number) => string} moment */
export function plot(tape, at, moment) {
  const span = Math.max(1, tape.until - tape.from);
  const bins = new Array(BINS).fill(0);
  for (const one of at) bins[Math.min(BINS - 1, Math.floor(((one - tape.from) / span) * BINS))] += 1;
  const most = Math.max(1, ...bins);
  const x = (/** @type {number} */ when) => ((when - tape.from) / span) * WIDTH;
  const bars = bins.map((count, bin) => {
    const height = (count / most) * (HEIGHT - 8);
    return shape('rect', 'bar', { x: (bin * WIDTH) / BINS + 1, y: HEIGHT - height, width: WIDTH / BINS - 2, height });
  });
  const gaps = tape.gaps.map(([from, until]) => {
    const gap = shape('rect', 'gap', { x: x(from), y: 0, width: Math.max(2, x(until) - x(from)), height: HEIGHT });
    gap.append(
      Object.assign(document.createElementNS(NAMESPACE, 'title'), {
        textContent: text('effectGap', moment(from), moment(until)),
      }),
    );
    return gap;
  });
  const svg = shape('svg', 'plot', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img' });
  svg.setAttribute('aria-label', text('effectPlot', at.length, moment(tape.from), moment(tape.until)));
  svg.append(...gaps, ...bars);
  const ends = [moment(tape.from), moment(tape.until)].map((words) => element('span', {}, words));
  return element('div', { className: 'timeline' }, svg, element('p', { className: 'ends muted' }, ...ends));
}

/** @param {string} name @param {string} className @param {Record<string, unknown>} attributes */
function shape(name, className, attributes) {
  const made = document.createElementNS(NAMESPACE, name);
  made.setAttribute('class', className);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
