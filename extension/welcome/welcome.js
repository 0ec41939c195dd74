/** The first run: enter the connection, test it, and save only after the test. */
import { ConnectionTest } from '../lib/parts/connection-test.js';
import { refusal } from '../lib/words/diagnosis.js';
import * as ext from '../lib/browser/ext.js';
import { blame, control, fieldWrong, row, showValue, showWay, valueIn } from '../lib/parts/form.js';
import { ask, find, follow } from '../lib/parts/page.js';
import { allow } from '../lib/browser/permission.js';
import { published } from '../lib/parts/published.js';
import { fillIn, text } from '../lib/words/text.js';
import { showTrouble } from '../lib/parts/trouble.js';
import { hostPatterns, SECRETS, secretOf, wayOf } from '../lib/words/way.js';
import { count, stateWords } from '../lib/words/words.js';

/** @typedef {import('../pkg/cuewire.js').FieldError} FieldError */
/** @typedef {import('../pkg/cuewire.js').Status} Status */

const FIELDS = [
  'service',
  'signIn',
  'organization',
  'clientId',
  'clientSecret',
  'accessKeyId',
  'accessKeySecret',
  'tenantId',
];
const MORE = ['serviceAddress', 'keepSecret', 'keepAccessKey'];

const form = find('form', HTMLFormElement);
const running = find('.running', HTMLElement);
const news = find('.news', HTMLElement);
const test = new ConnectionTest(find('.steps', HTMLElement));
/** @type {ReturnType<typeof published>} */
let showPublished = () => {};
/** @type {Map<string, import('../lib/parts/form.js').Control>} */
const controls = new Map();
/** The settings as stored; the page changes only its own fields. @type {Record<string, unknown>} */
let settings = {};
/** @type {Status | undefined} */
let status;
/** The state that a screen reader announced last. */
let spoken = '';

function build() {
  for (const name of [...FIELDS, ...MORE]) {
    const made = control(name);
    controls.set(name, made);
    find(MORE.includes(name) ? '.fields.more' : '.fields', HTMLElement).append(row(name, made));
  }
}

/** Shows the form before set-up, and the state after it. */
async function load() {
  const answer = await ask({ kind: 'settings' });
  if (answer.kind === 'settings') {
    settings = { ...answer.value };
    for (const [name, control] of controls) showValue(control, settings[name]);
    for (const name of SECRETS) {
      const secret = controls.get(name);
      const isStored = settings.hasSecret === true && name === secretOf(wayOf(settings));
      if (secret instanceof HTMLInputElement) secret.placeholder = isStored ? text('optionsSecretStored') : '';
    }
    showOwn();
  } else {
    say(text('diagnosis_wasmFailed_what'), true);
  }
  show(settings.complete === true);
}

/** @param {boolean} complete */
function show(complete) {
  form.hidden = complete;
  running.hidden = !complete;
  find('h1', HTMLElement).textContent = text(complete ? 'welcomeRunning' : 'welcomeTitle');
  find('header .lead', HTMLElement).hidden = complete;
}

const value = (/** @type {string} */ name) => {
  const control = controls.get(name);
  return control ? String(valueIn(control)) : '';
};

const entered = () => Object.fromEntries([...controls.keys()].map((name) => [name, value(name)]));

/** Shows what belongs to the entered way to connect. */
function showOwn() {
  const way = wayOf(entered());
  showWay(controls, way);
  showPublished(way);
  test.of(way);
  const first = { stream: 'welcomeLead', nice: 'welcomeLead_nice', accessKey: 'welcomeLead_accessKey' }[way];
  find('header .lead', HTMLElement).textContent = text(first);
  const more = { stream: 'welcomeMore', nice: 'welcomeMore_nice', accessKey: 'welcomeMore' }[way];
  find('summary[data-text="welcomeMore"]', HTMLElement).textContent = text(more);
  const lead = { stream: 'testLead', nice: 'signInWindow', accessKey: 'testLeadPublished' }[way];
  find('[data-show="test-lead"]', HTMLElement).textContent = text(lead);
  find('.real', HTMLElement).hidden = way !== 'stream';
  find('button[type="submit"]', HTMLElement).textContent = text(way === 'nice' ? 'signInDo' : 'testDo');
}

/** The settings as they would be saved. */
function asText() {
  const values = entered();
  for (const name of SECRETS) if (values[name] === '') delete values[name];
  return JSON.stringify({ ...settings, ...values });
}

/** Asks for the host permission, and shows a refusal. @param {'optionsNotSaved' | 'testNotRun'} key */
async function isAllowed(key) {
  const { host } = await allow(hostPatterns(entered(), test.missing));
  if (host) say(text(key, text('hostRefused', host)), true);
  return !host;
}

async function run() {
  if (!(await isAllowed('testNotRun'))) return;
  say('');
  offer();
  const interaction = find('#test-interaction', HTMLInputElement).value.trim() || undefined;
  const found = await test.run(asText(), interaction);
  reject(found, 'testNotRun');
  await look();
}

async function save() {
  if (!(await isAllowed('optionsNotSaved'))) return;
  const answer = await ask({ kind: 'save', text: asText(), checkOnly: false });
  if (answer.kind === 'done') {
    await load();
    await look();
    running.querySelector('button')?.focus();
  } else if (answer.kind === 'rejected') {
    reject(answer.value, 'optionsNotSaved');
  } else {
    say(text('optionsFailed', refusal(answer, text)), true);
  }
}

/** @param {FieldError[]} found @param {'optionsNotSaved' | 'testNotRun'} key */
function reject(found, key) {
  for (const [name, control] of controls) {
    const wrong = found.find(({ field }) => field === name);
    blame(control, wrong);
    if (wrong) control.closest('details')?.setAttribute('open', '');
  }
  showOwn();
  const first = found[0];
  if (!first) return;
  say(text(key, fieldWrong(first)), true);
  controls.get(first.field)?.focus();
}

/** Offers *Save and start* after a passed test, and *Save anyway* after a failed one. */
function offer() {
  const [start, anyway] = form.querySelectorAll('[data-do="save"]');
  start?.toggleAttribute('hidden', test.verdict !== 'passed');
  anyway?.toggleAttribute('hidden', test.verdict !== 'failed');
}

/** @param {string} words @param {boolean} [wrong] */
function say(words, wrong = false) {
  news.textContent = words;
  news.classList.toggle('wrong', wrong);
}

async function look() {
  const answer = await ask({ kind: 'status' });
  if (answer.kind !== 'status') return;
  status = answer.value;
  if (test.follow(status)) {
    offer();
    say(text({ passed: 'testPassed', failed: 'testFailed', none: 'testLost', running: '' }[test.verdict] ?? ''));
  }
  showState(status);
}

/** @param {Status} status */
function showState(status) {
  const { state } = status;
  running.dataset.state = state.word;
  const word = find('[data-field="state"]', HTMLElement);
  const words = stateWords(state, Date.now(), text);
  if (word.textContent !== words) {
    // Announce no countdown seconds, because a screen reader would repeat them each second.
    word.ariaLive = state.word === spoken ? 'off' : 'polite';
    spoken = state.word;
    word.textContent = words;
  }
  find('[data-show="organization"]', HTMLElement).textContent = status.organization;
  const heard = status.events > 0 ? text('dashboard_eventsHeard', count(status.events)) : text('welcomeNothingYet');
  find('[data-show="events"]', HTMLElement).textContent = state.word === 'streaming' ? heard : '';
  showTrouble(find('[data-field="diagnosis"]', HTMLElement), status.diagnosis);
}

/** @type {Record<string, () => unknown>} */
const actions = {
  save,
  signIn: () => ask({ kind: 'signIn' }).then(look),
  dashboard: () => ext.openDashboard(),
  options: () => ext.openOptions(),
  again: async () => {
    await load();
    test.clear();
    say('');
    offer();
    show(false);
    controls.get('organization')?.focus();
  },
};

fillIn(document);
build();
showPublished = published(find('.published', HTMLElement));
form.addEventListener('submit', (event) => {
  event.preventDefault();
  void run();
});
form.addEventListener('input', ({ target }) => {
  if (!(target instanceof HTMLElement)) return;
  const control = controls.get(target.id);
  if (control) blame(control, undefined);
  showOwn();
  // The last test no longer fits the changed values.
  test.clear();
  say('');
  offer();
});
document.addEventListener('click', ({ target }) => {
  const button = target instanceof Element ? target.closest('[data-do]') : null;
  void actions[button?.getAttribute('data-do') ?? '']?.();
});
void load().then(() => follow(look));
setInterval(() => status && !running.hidden && showState(status), 1_000);
