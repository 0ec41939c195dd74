/** The last 24 hours of the stream: when it was heard, and every gap with its length. */
import { find } from '../../lib/parts/page.js';
import { text } from '../../lib/words/text.js';
import { duration } from '../../lib/words/words.js';
import { showsTable } from '../parts/panel.js';
import { fillTable } from '../parts/table.js';
import { cause, count, hour, moment, percent } from '../words.js';

/** @typedef {import('../../pkg/cuewire.js').Gap} Gap */
/** @typedef {import('../../pkg/cuewire.js').Dashboard} Dashboard */

const DAY_MS = 24 * 3_600_000;
const TICK_MS = 4 * 3_600_000;
/** Pointer distance within which a gap counts as hovered, in pixels. */
const NEAR = 5;
const ROWS = 200;

/**
 * The status holds only the newest fifty gaps; the log has the others.
 *
 * @param {import('../log/model.js').Log} log
 * @returns {(root: HTMLElement) => import('../parts/panel.js').Show}
 */
export const connection = (log) => (root) => {
  const strip = find('.strip', HTMLElement, root);
  const tip = find('.tip', HTMLElement, strip);
  /** @type {Map<number, HTMLElement>} */
  const marks = new Map();
  /** @type {Gap[]} */
  let gaps = [];
  let now = Date.now();

  strip.addEventListener('pointermove', ({ clientX }) => {
    const { left, width } = strip.getBoundingClientRect();
    const at = now - DAY_MS + ((clientX - left) / width) * DAY_MS;
    const near = (NEAR / width) * DAY_MS;
    const gap = gaps.find(({ from, until }) => at >= from - near && at <= (until ?? now) + near);
    tip.textContent = gap ? describe(gap, now) : moment(at, now);
    tip.hidden = false;
    tip.style.left = `${Math.min(100, Math.max(0, ((clientX - left) / width) * 100))}%`;
    tip.dataset.side = clientX - left > width / 2 ? 'left' : 'right';
  });
  strip.addEventListener('pointerleave', () => {
    tip.hidden = true;
  });

  return (dashboard) => {
    now = dashboard.at;
    gaps = merged(dashboard.status.gaps, log.gaps, now);
    const known = knownSince(dashboard, gaps);
    find('.unknown', HTMLElement, strip).style.width = `${share(known, now) * 100}%`;
    drawGaps(strip, marks, gaps, now);
    ticks(find('.axis', HTMLElement, root), now);
    const summary = summarise(gaps, known, now);
    const line = find('[data-show="summary"]', HTMLElement, root);
    if (line.textContent !== summary) {
      line.textContent = summary;
      strip.setAttribute('aria-label', summary);
    }
    if (showsTable(root)) showTable(find('table', HTMLTableElement, root), gaps, now);
  };
};

/** The newest first, each once. @param {Gap[]} recent @param {Gap[]} older @param {number} now */
function merged(recent, older, now) {
  const all = new Map([...older, ...recent].map((gap) => [gap.from, gap]));
  return [...all.values()].filter(({ until }) => (until ?? now) > now - DAY_MS).sort((a, b) => b.from - a.from);
}

/** Start of the known time within the day. The minute of the first event does not count, because it may be known in part. @param {Dashboard} dashboard @param {Gap[]} gaps */
function knownSince({ at, figures: { byMinute }, status }, gaps) {
  const first = byMinute.events.findIndex((count) => count > 0);
  const times = [
    status.streamingSince,
    gaps.at(-1)?.from,
    first < 0 ? undefined : byMinute.from + (first + 1) * byMinute.stepMs,
  ];
  return Math.max(at - DAY_MS, Math.min(at, ...times.filter((time) => typeof time === 'number')));
}

/** @param {HTMLElement} strip @param {Map<number, HTMLElement>} marks @param {Gap[]} gaps @param {number} now */
function drawGaps(strip, marks, gaps, now) {
  const gone = new Set(marks.keys());
  for (const { from, until, cause } of gaps) {
    gone.delete(from);
    let mark = marks.get(from);
    if (!mark) {
      mark = document.createElement('div');
      mark.className = cause.by === 'person' ? 'gap paused' : 'gap';
      strip.append(mark);
      marks.set(from, mark);
    }
    mark.style.left = `${share(from, now) * 100}%`;
    mark.style.width = `${(share(until ?? now, now) - share(from, now)) * 100}%`;
  }
  for (const from of gone) {
    marks.get(from)?.remove();
    marks.delete(from);
  }
}

/** @param {HTMLElement} axis @param {number} now */
function ticks(axis, now) {
  const first = new Date(now - DAY_MS).setMinutes(0, 0, 0);
  const times = [];
  for (let at = first; at <= now; at += 3_600_000) {
    if (new Date(at).getHours() % (TICK_MS / 3_600_000) === 0 && share(at, now) > 0.05 && share(at, now) < 0.94)
      times.push(at);
  }
  while (axis.children.length < times.length + 1) axis.append(document.createElement('span'));
  while (axis.children.length > times.length + 1) axis.lastElementChild?.remove();
  [...times, now].forEach((at, index) => {
    const tick = /** @type {HTMLElement} */ (axis.children[index]);
    const words = at === now ? text('dashboard_now') : hour(at);
    if (tick.textContent !== words) tick.textContent = words;
    tick.style.left = `${share(at, now) * 100}%`;
  });
}

/** @param {Gap[]} gaps @param {number} known @param {number} now */
function summarise(gaps, known, now) {
  const lost = gaps.filter(({ cause }) => cause.by !== 'person');
  const length = (/** @type {Gap} */ { from, until }) => (until ?? now) - Math.max(from, now - DAY_MS);
  const silent = gaps.reduce((sum, gap) => sum + length(gap), 0);
  if (now - known < 1_000) return text('dashboard_nothingHeard');
  const heard = text(
    'dashboard_heardShare',
    percent(Math.max(0, 1 - silent / (now - known))),
    duration(now - known, text),
  );
  if (lost.length === 0) return `${heard} · ${text('dashboard_noGap')}`;
  const longest = duration(Math.max(...lost.map(length)), text);
  return `${heard} · ${lost.length === 1 ? text('dashboard_oneGap', longest) : text('dashboard_gaps', count(lost.length), longest)}`;
}

/** @param {HTMLTableElement} table @param {Gap[]} gaps @param {number} now */
function showTable(table, gaps, now) {
  const columns = [
    { name: text('columnFrom') },
    { name: text('columnUntil') },
    { name: text('dashboard_gapLength'), figure: true },
    { name: text('dashboard_gapCause') },
  ];
  const rows = gaps.slice(0, ROWS).map(({ from, until, cause: why }) => ({
    key: String(from),
    cells: [
      moment(from, now),
      until ? moment(until, now) : text('dashboard_gapLasts'),
      duration((until ?? now) - from, text),
      cause(why),
    ],
  }));
  fillTable(table, columns, rows, { caption: text('dashboard_connectionTable') });
}

/** @param {Gap} gap @param {number} now */
function describe({ from, until, cause: why }, now) {
  const length = duration((until ?? now) - from, text);
  return `${moment(from, now)} – ${until ? moment(until, now) : text('dashboard_now')} · ${length} · ${cause(why)}`;
}

/** @param {number} at @param {number} now */
const share = (at, now) => Math.min(1, Math.max(0, (at - (now - DAY_MS)) / DAY_MS));
