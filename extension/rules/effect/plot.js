/** When a rule would have fired, over the time that was recorded. Gaps are shown as gaps, never as silence. */
import { element } from '../../lib/parts/dom.js';
import { text } from '../../lib/words/text.js';

/** @typedef {import('../../pkg/workbench.js').TapeView} TapeView */
/** @typedef {import('../../pkg/workbench.js').Tried} Tried */

const BINS = 96;
const WIDTH = 960;
const HEIGHT = 72;
const NAMESPACE = 'http://www.w3.org/2000/svg';

/** The edited version stands above the line, the saved version below. @param {TapeView} tape @param {Tried} tried @param {(at: number) => string} moment */
export function plot(tape, { at, before, compared }, moment) {
  const span = Math.max(1, tape.until - tape.from);
  const x = (/** @type {number} */ when) => ((when - tape.from) / span) * WIDTH;
  const [now, then] = [binned(tape, at), binned(tape, before)];
  const most = Math.max(1, ...now, ...then);
  const line = compared ? HEIGHT / 2 : HEIGHT;
  const bars = now.map((count, bin) => bar('bar', bin, line - (count / most) * (line - 4), line));
  if (compared)
    bars.push(...then.map((count, bin) => bar('bar before', bin, line, line + (count / most) * (line - 4))));
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
  if (compared) svg.append(shape('rect', 'middle', { x: 0, y: line - 0.5, width: WIDTH, height: 1 }));
  const ends = [moment(tape.from), moment(tape.until)].map((words) => element('span', {}, words));
  const parts = [svg, element('p', { className: 'ends muted' }, ...ends)];
  if (compared) {
    const [above, below] = [key('now', 'effectAbove'), key('before', 'effectBelow')];
    parts.push(element('p', { className: 'legend small muted' }, above, below));
  }
  return element('div', { className: 'timeline' }, ...parts);
}

/** @param {string} look @param {string} words */
const key = (look, words) => element('span', { className: look }, text(words));

/** How often in each part of the time. @param {TapeView} tape @param {number[]} at */
function binned(tape, at) {
  const span = Math.max(1, tape.until - tape.from);
  /** @type {number[]} */
  const bins = new Array(BINS).fill(0);
  for (const one of at) {
    const bin = Math.min(BINS - 1, Math.max(0, Math.floor(((one - tape.from) / span) * BINS)));
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return bins;
}

/** @param {string} look @param {number} bin @param {number} top @param {number} bottom */
const bar = (look, bin, top, bottom) =>
  shape('rect', look, { x: (bin * WIDTH) / BINS + 1, y: top, width: WIDTH / BINS - 2, height: bottom - top });

/** @param {string} name @param {string} className @param {Record<string, unknown>} attributes */
function shape(name, className, attributes) {
  const made = document.createElementNS(NAMESPACE, name);
  made.setAttribute('class', className);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
