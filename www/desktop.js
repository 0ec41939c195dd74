// The agent desktop: follows the simulator's live view and shows it.

import { byId, make, mark, write } from './lib/dom.js';
import { ask, buildFaults, showFaults, showGroups } from './lib/faults.js';
import { showFloor } from './lib/floor.js';
import { brief, counted, number } from './lib/format.js';

/** After so long without a poll nobody looks: three times the slowest cadence. */
const QUIET_MS = 60_000;

/** Shapes of the state dot: a filled circle, a ring, two bars, a triangle. */
const SHAPES = {
  good: 'M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1',
  idle: 'M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1m0 2.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5',
  held: 'M2.5 1.5h2.5v9H2.5zM7 1.5h2.5v9H7z',
  bad: 'M6 1l5.5 10H.5z',
};

/** The figures of the tally: name, what it means, how it is read from a report, and when it is good or bad news. */
const FIGURES = /** @type {[string, string, (report: any) => string, (report: any) => string | null][]} */ ([
  ['Due', 'interactions that qualified and were heard', (r) => number(r.due), () => null],
  [
    'Delivered',
    'of those, with their card on a desktop',
    (r) => number(r.delivered),
    (r) => (r.due > 0 && r.delivered === r.due ? 'good' : null),
  ],
  ['Waiting', 'due, and may still come', (r) => number(r.waiting), () => null],
  ['Missed', 'due, and did not come in time', (r) => number(r.missed), (r) => (r.missed > 0 ? 'bad' : null)],
  ['Twice', 'cards too many for an interaction', (r) => number(r.duplicated), (r) => (r.duplicated > 0 ? 'bad' : null)],
  ['Not due', 'cards nobody was due', (r) => number(r.notDue), (r) => (r.notDue > 0 ? 'bad' : null)],
  ['Early', 'requests before Retry-After allowed', (r) => number(r.early), (r) => (r.early > 0 ? 'bad' : null)],
  ['Uncertain', 'sent as a connection broke: may be unheard', (r) => number(r.uncertain), () => null],
  [
    'Event to card, p95',
    '95 % of cards came within',
    (r) => (r.latencyMs.count > 0 ? brief(r.latencyMs.p95) : '–'),
    () => null,
  ],
]);

const figures = FIGURES.map(([name, meaning, read, news]) => {
  const value = make('dd', {}, '–');
  byId('tally').append(make('div', { title: meaning }, make('dt', {}, name), value));
  return { value, read, news };
});

let paused = false;

/** @param {any} view */
function show(view) {
  // The simulator counts from its own start; convert to this computer's clock.
  const started = Date.now() - view.atMs;
  paused = view.paused;
  showState(view);
  for (const figure of figures) {
    write(figure.value, figure.read(view.report));
    mark(figure.value, 'data-news', figure.news(view.report));
  }
  showFloor(view.floor, (atMs) => started + atMs, view.atMs);
  showGroups(view.service);
  showFaults(view.faults, view.report.faults, view.atMs);
}

/**
 * The state of the published service, whose supervisors poll.
 * @param {any} view
 * @returns {[keyof typeof SHAPES, string, string]}
 */
function polled(view) {
  if (view.paused) return ['held', 'Paused', 'No interaction moves until traffic resumes.'];
  if (view.lookedAtMs === null) {
    const hint = `Connect the extension with the issuer ${location.origin}/issuer, and traffic begins.`;
    return ['idle', 'Waiting for a supervisor', hint];
  }
  const ago = view.atMs - view.lookedAtMs;
  if (ago < QUIET_MS) return ['good', 'Polled by a supervisor', ''];
  return ['bad', `Not polled for ${brief(ago)}`, 'What happens now is seen at the next poll, or not at all.'];
}

/** @param {any} view */
function showState(view) {
  const silent = view.clients - view.listening;
  /** @type {[keyof typeof SHAPES, string, string]} */
  let state = ['good', `Streaming to ${counted(view.listening, 'supervisor')}`, ''];
  if (view.phase === 'finished')
    state = ['idle', 'Traffic has ended', 'The tally stands; start the simulator again for more.'];
  else if (view.service === 'published') state = polled(view);
  else if (view.paused) state = ['held', 'Paused', 'No interaction moves until traffic resumes.'];
  else if (view.listening === 0 && silent > 0)
    state = ['bad', 'Silent: the stream is open, and nobody is told anything', ''];
  else if (view.listening === 0 && view.phase === 'waiting') {
    state = [
      'idle',
      'Waiting for a supervisor',
      `Connect the extension with the service address ${location.origin}, and traffic begins.`,
    ];
  } else if (view.listening === 0) {
    state = [
      'bad',
      'No supervisor is listening',
      view.replay ? 'The replay waits.' : 'What happens now goes unheard, and nobody gets a card for it.',
    ];
  }
  const [shape, words, hint] = state;
  mark(document.body, 'data-state', shape);
  mark(byId('state-shape'), 'd', SHAPES[shape]);
  write(byId('state'), words);
  write(byId('hint'), hint);
  write(
    byId('pace'),
    view.phase === 'playing'
      ? `${number(view.eventsPerSecond)} events/s · ${number(view.report.eventsSent)} heard`
      : '',
  );
  write(byId('pause'), view.paused ? 'Resume traffic' : 'Pause traffic');
}

function lost() {
  mark(document.body, 'data-state', 'bad');
  mark(byId('state-shape'), 'd', SHAPES.bad);
  write(byId('state'), 'The simulator does not answer; trying again');
  write(byId('hint'), 'What you see is from before. Start the simulator again if it was ended.');
  write(byId('pace'), '');
}

function follow() {
  const live = new EventSource('/control/live');
  live.addEventListener('message', (message) => show(JSON.parse(message.data)));
  live.addEventListener('error', lost);
}

/** @param {boolean} open */
function showDrawer(open) {
  byId('faults').hidden = !open;
  mark(byId('open-faults'), 'aria-expanded', String(open));
  mark(document.body, 'data-drawer', open ? 'open' : null);
}

byId('pause').addEventListener('click', () => ask('POST', paused ? '/control/resume' : '/control/pause'));
byId('open-faults').addEventListener('click', () => showDrawer(byId('faults').hidden !== false));
byId('close-faults').addEventListener('click', () => {
  showDrawer(false);
  byId('open-faults').focus();
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') showDrawer(false);
});
buildFaults();
// A link can open the page with its drawer: /#with-faults.
showDrawer(location.hash === '#with-faults');
follow();
