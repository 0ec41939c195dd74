/** The settings page: shows what is stored, sends what was entered, and says what Rust makes of it. */
import * as ext from '../lib/ext.js';
import { ask, find } from '../lib/page.js';
import { fillIn, text } from '../lib/text.js';
import { control, element, SECTIONS, showValue, valueIn } from './fields.js';
import { hostPattern } from './host.js';
import { showPreview } from './preview.js';

/** @typedef {import('../pkg/cuewire.js').FieldError} FieldError */
/** @typedef {import('../pkg/cuewire.js').SettingsView} SettingsView */
/** @typedef {import('./fields.js').Control} Control */

const CHECK_AFTER_MS = 250;

const form = find('form', HTMLFormElement);
const status = find('[role="status"]', HTMLElement);
/** @type {Map<string, Control>} */
const controls = new Map();
/** What is stored, as the controls hold it. @type {Map<string, string | boolean>} */
let stored = new Map();
/** Fields that a person has left or tried to save: the others are not blamed yet. @type {Set<string>} */
const touched = new Set();
/** @type {FieldError[]} */
let errors = [];
/** Only the newest check counts. */
let checks = 0;

function build() {
  for (const { name, fields } of SECTIONS) {
    const words = `options${name[0]?.toUpperCase()}${name.slice(1)}`;
    const section = element('section', { id: name });
    section.append(
      element('h2', { textContent: text(words) }),
      element('p', { className: 'lead muted', textContent: text(`${words}Lead`) }),
      ...fields.map(row),
    );
    if (name === 'card') section.append(find('#preview', HTMLTemplateElement).content);
    find('.sections', HTMLElement).append(section);
    find('nav', HTMLElement).append(element('a', { href: `#${name}`, textContent: text(words) }));
  }
}

/** @param {import('./fields.js').Field} field */
function row({ name, kind, choices }) {
  const made = control({ name, kind, choices }, text);
  made.id = name;
  made.setAttribute('aria-describedby', `${name}-hint ${name}-error`);
  controls.set(name, made);
  const label = element('label', { htmlFor: name, textContent: text(`field_${name}`) });
  const hint = element('p', {
    id: `${name}-hint`,
    className: 'hint small muted',
    textContent: text(`field_${name}_hint`),
  });
  const error = element('p', { id: `${name}-error`, className: 'error small', hidden: true });
  const row = element('div', { className: `field ${kind}` });
  row.append(...(kind === 'switch' ? [made, label] : [label, made]), hint, error);
  return row;
}

async function load() {
  const answer = await ask({ kind: 'settings' });
  if (answer.kind === 'settings') show(answer.value);
  else say(text('diagnosis_wasmFailed_what'), true);
}

/** @param {SettingsView} settings */
function show(settings) {
  const values = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (settings));
  for (const [name, control] of controls) showValue(control, values[name]);
  const secret = controls.get('clientSecret');
  if (secret instanceof HTMLInputElement) secret.placeholder = settings.hasSecret ? text('optionsSecretStored') : '';
  stored = entered();
  touched.clear();
  blame([]);
  changed();
}

const entered = () => new Map([...controls].map(([name, control]) => [name, valueIn(control)]));

const changes = () => [...entered()].filter(([name, value]) => stored.get(name) !== value).length;

/** As [`SettingsView`], with numbers as they were typed and the secret only if it was. */
function asText() {
  const values = Object.fromEntries(entered());
  if (values.clientSecret === '') delete values.clientSecret;
  return JSON.stringify(values);
}

function changed() {
  const count = changes();
  const line = find('.changes', HTMLElement);
  line.textContent = count === 1 ? text('optionsUnsavedOne') : text('optionsUnsavedMany', count);
  line.hidden = count === 0;
  find('[data-do="revert"]', HTMLElement).hidden = count === 0;
  showPreview(find('.preview', HTMLElement), controls, text);
}

async function check() {
  const mine = ++checks;
  const answer = await ask({ kind: 'save', text: asText(), checkOnly: true });
  if (mine === checks) blame(answer.kind === 'rejected' ? answer.value : []);
}

/** Says at each field what is wrong with it. @param {FieldError[]} found */
function blame(found) {
  errors = found;
  for (const [name, control] of controls) {
    const wrong = touched.has(name) ? found.find((error) => error.field === name) : undefined;
    const line = find(`#${name}-error`, HTMLElement);
    const words = wrong ? `${text(`field_${name}`)} ${reason(wrong)}` : '';
    if (line.textContent !== words) line.textContent = words;
    line.hidden = !wrong;
    if (wrong) control.setAttribute('aria-invalid', 'true');
    else control.removeAttribute('aria-invalid');
  }
}

/** @param {FieldError} error */
const reason = (error) => text(`wrong_${error.code}`, ...error.values);

async function save() {
  const host = hostPattern(String(valueIn(field('organization'))), String(valueIn(field('serviceAddress'))));
  const notify = field('notify');
  const wantsNotices = valueIn(notify) === true && stored.get('notify') !== true;
  // Browsers ask only in the moment of the click. What is known to be wrong is not asked for.
  const permitted = errors.length === 0 ? askFor(host, wantsNotices) : Promise.resolve(true);
  say(text('optionsSaving'));
  if (!(await permitted)) {
    if (host && !(await ext.isPermitted(host))) return say(text('optionsHostRefused', new URL(host).host), true);
    showValue(notify, false);
  }
  const refusedNotices = wantsNotices && valueIn(notify) === false;
  checks += 1;
  const answer = await ask({ kind: 'save', text: asText(), checkOnly: false });
  if (answer.kind === 'done') {
    await load();
    say(text(refusedNotices ? 'optionsNotificationsRefused' : 'optionsSaved'));
  } else if (answer.kind === 'rejected') {
    for (const name of controls.keys()) touched.add(name);
    blame(answer.value);
    reject(answer.value);
  } else {
    const why = answer.kind === 'failed' || answer.kind === 'wasmFailed' ? answer.value : answer.kind;
    say(text('optionsFailed', why), true);
  }
}

/** @param {string | undefined} host @param {boolean} notices */
function askFor(host, notices) {
  if (!host && !notices) return Promise.resolve(true);
  // A refusal is an answer; that it cannot be asked for is left for Rust to judge.
  return ext
    .askPermission({ ...(host && { origins: [host] }), ...(notices && { permissions: ['notifications'] }) })
    .catch(() => true);
}

/** @param {FieldError[]} found */
function reject(found) {
  const [first, ...others] = found;
  if (!first) return;
  const name = controls.has(first.field) ? text(`field_${first.field}`) : first.field;
  const words = name ? text('optionsFieldWrong', name, reason(first)) : reason(first);
  say(others.length === 0 ? text('optionsNotSaved', words) : text('optionsNotSavedMore', words, others.length), true);
  controls.get(first.field)?.focus();
}

/** @param {string} name */
function field(name) {
  const control = controls.get(name);
  if (!control) throw new Error(`there is no field ${name}`);
  return control;
}

/** @param {string} words @param {boolean} [wrong] */
function say(words, wrong = false) {
  status.textContent = words;
  status.classList.toggle('wrong', wrong);
}

function listen() {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let soon;
  form.addEventListener('input', () => {
    say('');
    changed();
    clearTimeout(soon);
    soon = setTimeout(check, CHECK_AFTER_MS);
  });
  form.addEventListener('change', (event) => {
    if (event.target instanceof HTMLElement) touched.add(event.target.id);
    void check();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void save();
  });
  find('[data-do="revert"]', HTMLElement).addEventListener('click', () => void load().then(() => say('')));
  addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === 's') {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  addEventListener('beforeunload', (event) => {
    if (changes() > 0) event.preventDefault();
  });
}

/** Marks the section that is being read. */
function followScroll() {
  const seen = new Set();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) seen[entry.isIntersecting ? 'add' : 'delete'](entry.target.id);
      const current = SECTIONS.find(({ name }) => seen.has(name))?.name;
      for (const link of document.querySelectorAll('nav a')) {
        if (current && link.getAttribute('href') === `#${current}`) link.setAttribute('aria-current', 'true');
        else link.removeAttribute('aria-current');
      }
    },
    { rootMargin: '-10% 0px -60%' },
  );
  for (const section of document.querySelectorAll('section')) observer.observe(section);
}

build();
fillIn(document);
listen();
followScroll();
void load();
