/** The state in a glance. */
import * as ext from '../lib/browser/ext.js';
import { whyWords } from '../lib/words/evidence.js';
import { handle, unhandle } from '../lib/parts/handled.js';
import { ask, find, follow } from '../lib/parts/page.js';
import { fillIn, text } from '../lib/words/text.js';
import { showTrouble } from '../lib/parts/trouble.js';
import { count, duration, moment } from '../lib/words/words.js';
import { cardAges, cardOf, showCards } from './cards.js';
import { keep, last, showState } from './last.js';

/** @typedef {import('../pkg/cuewire.js').Status} Status */

const main = find('main', HTMLElement);
/** The first four count since a start; the other two are current numbers. */
const figures = ['events', 'triggers', 'delivered', 'rejected', 'waiting', 'given-up'];

/** @type {Status | undefined} */
let status;

async function look() {
  const answer = await ask({ kind: 'status' });
  if (answer.kind === 'status') {
    status = answer.value;
    show(status);
    main.setAttribute('aria-busy', 'false');
    keep(status).catch(ext.report);
  } else if (answer.kind === 'wasmFailed') {
    fail(answer.value);
  }
}

/** Shows the last known status until a sleeping worker answers. */
async function recall() {
  const seen = await last;
  if (seen && !status) show(seen);
}

/** @param {Status} status */
function show(status) {
  const unused = status.state.word === 'notSetUp';
  find('.set-up', HTMLElement).hidden = !unused;
  for (const part of document.querySelectorAll('.running, footer')) part.toggleAttribute('hidden', unused);
  find('.where', HTMLElement).hidden = unused;
  put('[data-show="organization"]', status.organization);
  showFigures(status);
  find('.dry-run', HTMLElement).hidden = !status.dryRun;
  showCards(find('.cards', HTMLElement), status);
  showTime(status);
  const paused = status.state.word === 'paused';
  find('.split', HTMLElement).hidden = paused;
  find('[data-do="resume"]', HTMLElement).hidden = !paused;
}

/** Shows the parts that change with time alone. @param {Status} status */
function showTime({ state, streamingSince, diagnosis }) {
  const now = Date.now();
  showState(state, now);
  if (state.word === 'paused') {
    put('[data-show="since"]', state.until ? text('until', moment(state.until, now)) : '');
  } else {
    const open = state.word === 'streaming' && streamingSince;
    put('[data-show="since"]', open ? text('streamingFor', duration(now - open, text)) : '');
  }
  showDiagnosis(diagnosis);
  cardAges(find('.cards', HTMLElement), now);
}

/** @param {Status} status */
function showFigures({ counted, events, waiting, givenUp, rejected }) {
  const unreadable = rejected.reduce((sum, { count }) => sum + count, 0);
  [events, counted.triggers, counted.delivered, unreadable, waiting, givenUp].forEach((figure, index) => {
    const field = find(`[data-field="${figures[index]}"]`, HTMLElement);
    field.textContent = count(figure);
    field.dataset.weight = index < 3 || figure === 0 ? 'none' : 'attention';
    if (index < 3) delete field.dataset.weight;
  });
  put('[data-show="span"]', counted.since ? text('popupSpan', moment(counted.since, Date.now())) : '');
}

/** @param {import('../lib/parts/trouble.js').Shown | undefined} diagnosis */
function showDiagnosis(diagnosis) {
  showTrouble(find('[data-field="diagnosis"]', HTMLElement), diagnosis);
  find('.trouble .actions', HTMLElement).hidden = diagnosis?.tone !== 'danger';
}

/** Shows that no engine answers. @param {string} why */
function fail(why) {
  main.setAttribute('aria-busy', 'false');
  showState({ word: 'needsAttention' }, Date.now());
  showDiagnosis({ code: 'wasmFailed', values: [why], tone: 'danger' });
}

/** @param {string} selector @param {string} words */
function put(selector, words) {
  const element = find(selector, HTMLElement);
  if (element.textContent !== words) element.textContent = words;
}

/** @type {Record<string, (button: HTMLElement) => unknown>} */
const actions = {
  options: () => ext.openOptions().then(() => window.close()),
  rules: () => ext.openRules().then(() => window.close()),
  welcome: () => ext.openWelcome().then(() => window.close()),
  dashboard: () => ext.openDashboard().then(() => window.close()),
  entry: (button) => ext.openDashboard(cardOf(button, status?.cards ?? [])?.entry).then(() => window.close()),
  handle: async (button) => {
    const card = cardOf(button, status?.cards ?? []);
    if (!card) return;
    const { entry, interaction, rule, handled } = card;
    if (handled) await unhandle(entry);
    else await handle({ entry, interaction, rule }, whyWords(card, text, status?.rules ?? []));
  },
  resume: () => ask({ kind: 'resume', scope: undefined }),
  signIn: () => ask({ kind: 'signIn' }),
  tryAgain: () => ask({ kind: 'cards', action: 'tryAgain', card: undefined }),
  pause: (button) => {
    find('#times', HTMLElement).hidePopover();
    const minutes = button.dataset.minutes ? Number(button.dataset.minutes) : undefined;
    return ask({ kind: 'pause', scope: undefined, minutes, note: undefined });
  },
};

document.addEventListener('click', async (event) => {
  const button = event.target instanceof Element ? event.target.closest('[data-do]') : null;
  if (!(button instanceof HTMLElement)) return;
  await actions[button.dataset.do ?? '']?.(button);
  await look();
});

fillIn(document);
recall();
follow(look);
setInterval(() => status && showTime(status), 1_000);
