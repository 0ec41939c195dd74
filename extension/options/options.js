/** The settings page: shows the stored settings, sends the entered ones, and shows Rust's answer. */
import { say, showChanges } from '../lib/parts/bar.js';
import { prepareClear } from '../lib/parts/clear.js';
import { ConnectionTest } from '../lib/parts/connection-test.js';
import { refusal } from '../lib/words/diagnosis.js';
import * as ext from '../lib/browser/ext.js';
import { fieldWrong, showValue } from '../lib/parts/form.js';
import { ask, find, follow } from '../lib/parts/page.js';
import { allow } from '../lib/browser/permission.js';
import { published } from '../lib/parts/published.js';
import { showCard } from '../lib/parts/preview.js';
import { fillIn, text } from '../lib/words/text.js';
import { hostPatterns } from '../lib/words/way.js';
import * as form from './form.js';
import { followScroll } from './navigation.js';
import { prepareSliders, showSliders } from './slider.js';
import { exportFile, prepareImport } from './transfer.js';

/** @typedef {import('../pkg/cuewire.js').FieldError} FieldError */

const page = find('form', HTMLFormElement);
/** What was entered before a reset. @type {Record<string, unknown> | undefined} */
let before;

/** After anything was entered, by whomever. */
function changed() {
  showChanges(form.changes());
  find('[data-do="undo"]', HTMLElement).hidden = before === undefined;
  const card = { type: value('cardType'), title: value('cardTitle'), content: value('cardContent') };
  showCard(find('.preview', HTMLElement), card, text);
  showSliders();
  showOwn();
}

/** Shows what belongs to the entered way to connect. */
function showOwn() {
  const way = form.way();
  form.showOwn();
  showPublished(way);
  test.of(way);
  find('[data-show="test-lead"]', HTMLElement).textContent = text(way === 'stream' ? 'testLead' : 'testLeadPublished');
  find('.real', HTMLElement).hidden = way !== 'stream';
}

async function load() {
  before = undefined;
  if (!(await form.load())) say(text('diagnosis_wasmFailed_what'), true);
  // Show the form only now; otherwise loading would overwrite what a person enters.
  page.hidden = false;
  changed();
}

const value = (/** @type {string} */ name) => String(form.entered().get(name) ?? '');
const hosts = () => hostPatterns(Object.fromEntries(form.entered()), test.missing);

async function save() {
  const wantsNotices = form.turnedOn('notify');
  // Ask at once, because browsers ask only during the click. A field known to be wrong needs no permission.
  const asked = form.errors.length === 0 ? allow(hosts(), wantsNotices) : undefined;
  say(text('optionsSaving'));
  const answered = await asked;
  if (answered?.host) return refuseHost(answered.host, 'optionsNotSaved');
  const refusedNotices = wantsNotices && answered?.refused === true;
  const notify = form.controls.get('notify');
  if (notify && refusedNotices) showValue(notify, false);
  const answer = await ask({ kind: 'save', text: await form.asSaved(), checkOnly: false });
  if (answer.kind === 'done') {
    await load();
    say(text(refusedNotices ? 'optionsNotificationsRefused' : 'optionsSaved'));
  } else if (answer.kind === 'rejected') {
    reject(answer.value, 'optionsNotSaved');
  } else {
    say(text('optionsFailed', refusal(answer, text)), true);
  }
}

/** @param {string} host @param {'optionsNotSaved' | 'testNotRun'} key */
const refuseHost = (host, key) => say(text(key, text('hostRefused', host)), true);

/** @param {FieldError[]} found @param {'optionsNotSaved' | 'testNotRun'} key */
function reject(found, key) {
  const [first, ...others] = found;
  form.reject(found);
  if (!first) return;
  const more = others.length === 0 ? '' : ` ${text('optionsAndMore', others.length)}`;
  say(text(key, fieldWrong(first)) + more, true);
}

/** Tests the entered settings, saved or not. */
function prepareTest() {
  const list = find('.steps', HTMLElement);
  let following = false;
  const look = async () => {
    const answer = await ask({ kind: 'status' });
    if (answer.kind === 'status') test.follow(answer.value);
  };
  return async () => {
    const interaction = find('#test-interaction', HTMLInputElement).value.trim() || undefined;
    const refused = await allow(hosts());
    if (refused.host) return refuseHost(refused.host, 'testNotRun');
    say('');
    list.hidden = false;
    const found = await test.run(form.asText(), interaction);
    if (found.length > 0) {
      list.hidden = true;
      reject(found, 'testNotRun');
    } else if (!following) {
      following = true;
      follow(look);
    } else {
      await look();
    }
  };
}

function reset() {
  before = Object.fromEntries(form.entered());
  form.enter(form.defaults());
  changed();
  say(text('resetDone'));
}

function undo() {
  form.enter(before ?? {});
  before = undefined;
  changed();
  say(text('resetUndone'));
  find('button[type="submit"]', HTMLElement).focus();
}

function listen() {
  const imports = prepareImport({ take: enterImported, say });
  const askClear = prepareClear(async (words) => {
    await load();
    say(words);
  });
  /** @type {Record<string, () => unknown>} */
  const actions = {
    revert: () => load().then(() => say('')),
    undo,
    reset,
    test: prepareTest(),
    export: () => {
      exportFile(form.exported());
      say(text(form.changes() === 0 ? 'exported' : 'exportedStored'));
    },
    chooseFile: () => imports.choose(),
    askClear,
    dashboard: () => ext.openDashboard(),
    rules: () => ext.openRules(),
    snoozes: () => ext.openDashboard(),
  };
  document.addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest('[data-do]') : null;
    void actions[button?.getAttribute('data-do') ?? '']?.();
  });
  page.addEventListener('input', ({ target }) => {
    if (!(target instanceof HTMLElement) || !form.controls.has(target.id)) return;
    before = undefined;
    say('');
    changed();
    form.checkSoon(target.id);
  });
  page.addEventListener('change', ({ target }) => {
    if (target instanceof HTMLElement && form.controls.has(target.id)) form.touch(target.id);
  });
  page.addEventListener('submit', (event) => {
    event.preventDefault();
    void save();
  });
  addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
      event.preventDefault();
      if (!document.querySelector('dialog[open]')) page.requestSubmit();
    }
  });
  addEventListener('beforeunload', (event) => {
    if (form.changes() > 0) event.preventDefault();
  });
}

/** Saves imported settings like typed ones: only with the browser's permission. @param {Record<string, unknown>} values */
async function enterImported(values) {
  form.enter(values);
  changed();
  await save();
}

fillIn(document);
form.build();
const test = new ConnectionTest(find('.steps', HTMLElement));
const showPublished = published(find('.published', HTMLElement));
prepareSliders((name) => {
  before = undefined;
  changed();
  form.checkSoon(name);
});
listen();
void load().then(followScroll);
