// Queues on the left, a tile for each agent: the interaction, its sentiment trace, and the card that popped up.

import { byId, draw, make, mark, write } from './dom.js';
import { number, score, span, time } from './format.js';
import { showInbox } from './inbox.js';

/**
 * @typedef {{ n: number, kind: string, title: string, content: string, atMs: number }} Card
 * @typedef {{ id: string, queue: string, step: string, waitMs: number, trace: number[], forMs: number }} Talk
 * @typedef {{ agent: string, interaction: Talk | null, card: Card | null, messages?: import('./inbox.js').Message[], signals?: import('./inbox.js').Signal[] }} Desk
 * @typedef {{ name: string, waiting: number, talking: number, longestMs: number }} Queue
 * @typedef {{ sentimentThreshold: number, waitThresholdMs: number, inProgress: number, queues: Queue[], desks: Desk[] }} Floor
 */

const WIDTH = 240;
const HEIGHT = 36;

/** What a lifecycle step means to the agent. */
const STEPS = /** @type {Record<string, string>} */ ({
  connect: 'Connected',
  sentiment: 'Talking',
  transfer: 'Transferred here',
  hold: 'On hold',
  resume: 'Talking',
  disposition: 'Summing up',
});

const ICONS = /** @type {Record<string, string>} */ ({
  info: 'M12 11v6M12 7.2v.1M3 12a9 9 0 1 0 18 0 9 9 0 0 0-18 0',
  warning: 'M12 9v5M12 17.2v.1M12 3.5 2.8 20h18.4z',
  success: 'M7.5 12.5l3 3 6-7M3 12a9 9 0 1 0 18 0 9 9 0 0 0-18 0',
  error: 'M8.5 8.5l7 7M15.5 8.5l-7 7M3 12a9 9 0 1 0 18 0 9 9 0 0 0-18 0',
});
const WORDS = /** @type {Record<string, string>} */ ({
  info: 'Info',
  warning: 'Warning',
  success: 'Success',
  error: 'Error',
});

/** @type {ReturnType<typeof makeDesk>[]} */
const desks = [];
/** @type {Map<string, ReturnType<typeof makeQueue>>} */
const queues = new Map();

/**
 * Shows the floor. `wallOf` turns the simulator's time into the time of day.
 * @param {Floor} floor
 * @param {(atMs: number) => number} wallOf
 * @param {number} nowMs
 */
export function showFloor(floor, wallOf, nowMs) {
  showQueues(floor);
  for (const [place, desk] of floor.desks.entries()) {
    const tile = desks[place] ?? makeDesk(desk.agent);
    desks[place] = tile;
    showDesk(tile, desk, floor);
    // The published service has no cards: its agents get messages.
    if (desk.messages) showInbox(tile.card, { messages: desk.messages, signals: desk.signals ?? [] }, nowMs, wallOf);
    else showCard(tile, desk.card, wallOf);
  }
}

/** @param {Floor} floor */
function showQueues(floor) {
  const seen = new Set();
  for (const queue of floor.queues) {
    seen.add(queue.name);
    let row = queues.get(queue.name);
    if (!row) {
      row = makeQueue(queue.name);
      queues.set(queue.name, row);
      const after = [...queues.keys()].sort()[[...queues.keys()].sort().indexOf(queue.name) + 1];
      byId('queues').insertBefore(row.item, (after && queues.get(after)?.item) || null);
    }
    showQueue(row, queue, floor.waitThresholdMs);
  }
  // An empty queue keeps its row; otherwise the rows would jump.
  for (const [name, row] of queues) {
    if (!seen.has(name)) showQueue(row, { name, waiting: 0, talking: 0, longestMs: 0 }, floor.waitThresholdMs);
  }
  byId('queues-empty').hidden = queues.size > 0;
  write(byId('in-progress'), queues.size > 0 ? `${number(floor.inProgress)} interactions in progress` : '');
}

/** @param {string} name */
function makeQueue(name) {
  const wait = make('span', { class: 'queue-wait' });
  const counts = make('span', { class: 'small' });
  const fill = draw('rect', { height: '4', rx: '2', width: '0' });
  const bar = draw(
    'svg',
    { viewBox: '0 0 200 4', preserveAspectRatio: 'none', 'aria-hidden': 'true', class: 'queue-bar' },
    draw('rect', { width: '200', height: '4', rx: '2', class: 'track' }),
    fill,
  );
  const head = make('div', { class: 'queue-head' }, make('span', { class: 'queue-name', title: name }, name), wait);
  return { item: make('li', {}, head, bar, counts), wait, counts, fill };
}

/**
 * @param {ReturnType<typeof makeQueue>} row
 * @param {Queue} queue
 * @param {number} threshold
 */
function showQueue(row, queue, threshold) {
  const over = queue.waiting > 0 && queue.longestMs > threshold;
  write(row.wait, queue.waiting > 0 ? `${over ? '▲ ' : ''}${span(queue.longestMs)}` : 'no wait');
  mark(row.wait, 'title', over ? `Longer than the limit of ${span(threshold)}` : null);
  mark(row.item, 'data-over', over ? 'yes' : null);
  write(row.counts, `${number(queue.waiting)} waiting · ${number(queue.talking)} with agents`);
  const share = queue.waiting > 0 ? Math.min(1, queue.longestMs / Math.max(1, threshold)) : 0;
  mark(row.fill, 'width', String(Math.round(share * 200)));
}

/** @param {string} agent */
function makeDesk(agent) {
  const initials = agent
    .split(' ')
    .map((word) => word[0])
    .join('');
  const doing = make('span', { class: 'small doing' });
  const last = make('span', { class: 'score' });
  const id = make('span', { class: 'id' });
  const facts = make('span', { class: 'small facts' });
  const line = draw('polyline', { class: 'trace', points: '' });
  const end = draw('circle', { class: 'trace-end', r: '2.5', cx: '-9', cy: '0' });
  const limit = draw('line', { class: 'limit', x1: '0', x2: String(WIDTH) });
  const plot = draw(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'plot', role: 'img', preserveAspectRatio: 'none' },
    draw('line', { class: 'zero', x1: '0', x2: String(WIDTH), y1: String(HEIGHT / 2), y2: String(HEIGHT / 2) }),
    limit,
    line,
    end,
  );
  const card = make('div', { class: 'card-place', 'aria-live': 'polite' });
  const head = make(
    'div',
    { class: 'desk-head' },
    make('span', { class: 'initials', 'aria-hidden': 'true' }, initials),
    make('span', { class: 'who' }, make('span', { class: 'agent' }, agent), doing),
    last,
  );
  const item = make('li', { class: 'desk' }, head, make('div', { class: 'about' }, facts, id), plot, card);
  byId('desks').append(item);
  return { item, doing, last, id, facts, line, end, limit, plot, card, shown: 0 };
}

/**
 * @param {ReturnType<typeof makeDesk>} tile
 * @param {Desk} desk
 * @param {Floor} floor
 */
function showDesk(tile, desk, floor) {
  const talk = desk.interaction;
  const trace = talk?.trace ?? [];
  const latest = trace.at(-1);
  mark(tile.item, 'data-free', talk ? null : 'yes');
  write(tile.doing, talk ? `${STEPS[talk.step] ?? 'Connected'} · ${span(talk.forMs)}` : 'Available');
  write(tile.id, talk ? talk.id : '');
  mark(tile.id, 'title', talk ? talk.id : null);
  write(
    tile.facts,
    talk
      ? [talk.queue || 'no queue', talk.waitMs > 0 ? `waited ${span(talk.waitMs)}` : ''].filter(Boolean).join(' · ')
      : '',
  );
  write(tile.last, latest === undefined ? '' : score(latest));
  const low = latest !== undefined && latest < floor.sentimentThreshold;
  mark(tile.item, 'data-low', low ? 'yes' : null);
  showTrace(tile, trace, floor.sentimentThreshold);
}

/**
 * @param {ReturnType<typeof makeDesk>} tile
 * @param {number[]} trace
 * @param {number} threshold
 */
function showTrace(tile, trace, threshold) {
  const y = (/** @type {number} */ value) => (HEIGHT / 2 - (value * (HEIGHT - 8)) / 2).toFixed(1);
  const gap = WIDTH / Math.max(8, trace.length);
  const points = trace.map((value, index) => [(8 + index * gap).toFixed(1), y(value)]);
  mark(tile.line, 'points', points.map((point) => point.join(',')).join(' '));
  const latest = points.at(-1);
  mark(tile.end, 'cx', latest?.[0] ?? '-9');
  mark(tile.end, 'cy', latest?.[1] ?? '0');
  mark(tile.limit, 'y1', y(threshold));
  mark(tile.limit, 'y2', y(threshold));
  const said =
    trace.length === 0 ? 'No sentiment yet' : `Sentiment of ${trace.length} turns, last ${score(trace.at(-1) ?? 0)}`;
  mark(tile.plot, 'aria-label', said);
}

/**
 * @param {ReturnType<typeof makeDesk>} tile
 * @param {Card | null} card
 * @param {(atMs: number) => number} wallOf
 */
function showCard(tile, card, wallOf) {
  if ((card?.n ?? 0) === tile.shown) return;
  tile.shown = card?.n ?? 0;
  if (!card) {
    tile.card.replaceChildren();
    return;
  }
  const kind = card.kind in ICONS ? card.kind : 'info';
  const icon = draw(
    'svg',
    { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true' },
    draw('path', { d: ICONS[kind] ?? '' }),
  );
  const head = make('div', { class: 'card-head' }, icon, make('strong', { title: card.title }, card.title));
  const content = make('p', { title: card.content }, make('time', {}, time(wallOf(card.atMs))), ` ${card.content}`);
  const words = make('span', { class: 'unseen' }, `${WORDS[kind]}: `);
  head.querySelector('strong')?.prepend(words);
  tile.card.replaceChildren(make('div', { class: 'card', 'data-kind': kind }, head, content));
}
