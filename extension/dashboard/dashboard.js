/** The dashboard: every panel redraws when the worker says that something changed. */
import { prepareClear } from '../lib/parts/clear.js';
import * as ext from '../lib/browser/ext.js';
import { ask, find } from '../lib/parts/page.js';
import { bounds } from '../lib/words/specs.js';
import { fillIn, text } from '../lib/words/text.js';
import { tell } from '../lib/parts/toast.js';
import { first } from './log/ahead.js';
import { Log } from './log/model.js';
import { logPanel } from './log/panel.js';
import { activity } from './panels/activity.js';
import { connection } from './panels/connection.js';
import { showFigures } from './panels/figures.js';
import { histogram } from './panels/histogram.js';
import { outbox } from './panels/outbox.js';
import { queues } from './panels/queues.js';
import { pauses, preparePauses, resume, snooze } from './panels/snooze.js';
import { showFailure, showSummary, showTime } from './panels/summary.js';
import { live } from './parts/live.js';
import { forgetFolded, panel } from './parts/panel.js';
import { duration } from '../lib/words/words.js';
import { knowRules, score } from './words.js';

/** @typedef {import('../pkg/cuewire.js').Dashboard} Dashboard */

fillIn(document);
document.documentElement.toggleAttribute('data-filled', true);

const scores = bounds('sentimentThreshold');
const sentiment = histogram({
  id: 'sentiment',
  setting: 'sentimentThreshold',
  min: scores.minimum,
  max: scores.maximum,
  open: false,
  most: scores.maximum,
  grain: scores.step,
  step: scores.step,
  leap: 0.1,
  ticks: [-1, -0.5, 0, 0.5, 1],
  words: score,
  keys: {
    title: 'dashboard_sentiment',
    range: 'dashboard_sentimentRange',
  },
});
const waits = bounds('queueWaitThresholdSeconds');
const wait = histogram({
  id: 'wait',
  setting: 'queueWaitThresholdSeconds',
  min: waits.minimum,
  max: 610,
  open: true,
  most: waits.maximum,
  grain: 1,
  step: waits.step,
  leap: 60,
  ticks: [0, 120, 240, 360, 480, 600],
  words: (seconds) => duration(seconds * 1_000, text),
  keys: {
    title: 'dashboard_wait',
    range: 'dashboard_waitRange',
  },
});

/** @type {Dashboard | undefined} */
let latest;
const again = () => look();

const log = new Log();
log.readAhead(first);
const panels = [
  panel('connection', connection(log)),
  panel('sentiment', sentiment),
  panel('wait', wait),
  panel('activity', activity),
  panel('queues', queues),
  panel('outbox', outbox(again)),
  panel('pauses', pauses),
  panel('log', logPanel(log, again)),
];

preparePauses(again);
const askClear = prepareClear(async (words) => {
  forgetFolded();
  tell(words);
  await again();
});
find('[data-do="askClear"]', HTMLElement).addEventListener('click', askClear);

const look = live((dashboard) => {
  latest = dashboard;
  knowRules(dashboard.status.rules);
  showSummary(dashboard);
  showFigures(dashboard);
  for (const show of panels) show(dashboard);
}, showFailure);

/** @type {Record<string, () => unknown>} */
const actions = {
  rules: () => ext.openRules(),
  options: () => ext.openOptions(),
  pause: () => snooze(null),
  resume: () => resume(null),
  signIn: () => ask({ kind: 'signIn' }).then(again),
  tryAgain: () => ask({ kind: 'cards', action: 'tryAgain', card: undefined }).then(again),
};
for (const button of document.querySelectorAll('.bar [data-do], .trouble [data-do]')) {
  button.addEventListener('click', () => actions[button.getAttribute('data-do') ?? '']?.());
}
// Find the window before the click, because a side panel opens only synchronously in a click handler.
ext.windowForSidePanel().then((window) => {
  const button = find('[data-do="sidePanel"]', HTMLElement);
  button.hidden = window === undefined;
  button.addEventListener('click', () => window !== undefined && ext.openSidePanel(window).catch(ext.report));
}, ext.report);
setInterval(() => latest && !document.hidden && showTime(latest.status), 1_000);
