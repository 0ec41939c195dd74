/** The form: its sections, the stored and the entered values, and Rust's verdict while a person types. */
import { facts } from '../lib/words/facts.js';
import { element } from '../lib/parts/dom.js';
import { asEntered, blame, control, row, showValue, showWay, valueIn } from '../lib/parts/form.js';
import { ask, find } from '../lib/parts/page.js';
import { specs } from '../lib/words/specs.js';
import { fillIn, text } from '../lib/words/text.js';
import { SECRETS, secretOf, wayOf } from '../lib/words/way.js';
import { SECTIONS } from './fields.js';

/** @typedef {import('../pkg/cuewire.js').FieldError} FieldError */
/** @typedef {import('../pkg/cuewire.js').SettingsView} SettingsView */
/** @typedef {import('../lib/parts/form.js').Control} Control */

/** Delay before a check, because a number that is half typed is not wrong yet. */
const CHECK_AFTER_MS = 400;
/** Fields that decide where the secret goes: a secret belongs to one client at one address. */
const CLIENT = ['service', 'signIn', 'organization', 'serviceAddress', 'clientId', 'accessKeyId', 'tenantId'];

/** By name. @type {Map<string, Control>} */
export const controls = new Map();
/** Settings as Rust sent them. @type {Record<string, unknown>} */
export let settings = {};
/** Stored values, as the controls hold them. @type {Map<string, string | boolean>} */
let stored = new Map();
/** Fields that a person has left or tried to save; only these show an error. @type {Set<string>} */
const touched = new Set();
/** Errors of the last check. @type {FieldError[]} */
export let errors = [];
/** The rules of an imported file, until they are stored; `null` for none. @type {unknown} */
let rules;
/** Number of the newest check; older answers are ignored. */
let checks = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let soon;

/** Builds every section, and its entry in the navigation. */
export function build() {
  for (const { name, parts } of SECTIONS) {
    const words = `options${name[0]?.toUpperCase()}${name.slice(1)}`;
    const heading = element('h2', { id: `${name}-title`, textContent: text(words) });
    const section = element(
      'section',
      { id: name },
      heading,
      element('p', { className: 'lead muted' }, text(`${words}Lead`)),
    );
    section.setAttribute('aria-labelledby', heading.id);
    for (const part of parts) section.append(part.startsWith('#') ? extra(part) : field(part));
    find('.sections', HTMLElement).append(section);
    find('nav', HTMLElement).append(element('a', { href: `#${name}`, textContent: text(words) }));
  }
}

/** @param {string} mark */
function extra(mark) {
  const part = find(`template${mark}`, HTMLTemplateElement).content;
  fillIn(part);
  return part;
}

/** @param {string} name */
function field(name) {
  const made = control(name);
  controls.set(name, made);
  return row(name, made, facts(name));
}

/** Shows what is stored. @returns {Promise<boolean>} false: there is no engine to ask */
export async function load() {
  const answer = await ask({ kind: 'settings' });
  if (answer.kind !== 'settings') return false;
  settings = { ...answer.value };
  for (const [name, control] of controls) showValue(control, settings[name]);
  const saved = document.querySelector('[data-show="rules-saved"]');
  if (saved instanceof HTMLElement) saved.hidden = !settings.rules;
  for (const name of SECRETS) {
    const secret = controls.get(name);
    const isStored = settings.hasSecret === true && name === secretOf(wayOf(settings));
    if (secret instanceof HTMLInputElement) secret.placeholder = isStored ? text('optionsSecretStored') : '';
  }
  stored = entered();
  rules = undefined;
  forgive();
  return true;
}

/** Hides every error until its field is touched again. */
function forgive() {
  clearTimeout(soon);
  checks += 1;
  touched.clear();
  show([]);
}

export const entered = () => new Map([...controls].map(([name, control]) => [name, valueIn(control)]));

/** How many fields differ from what is stored. */
export const changes = () =>
  [...entered()].filter(([name, value]) => stored.get(name) !== value).length + (rules === undefined ? 0 : 1);

/** Whether this switch was turned on and not stored yet. @param {string} name */
export const turnedOn = (name) => entered().get(name) === true && stored.get(name) !== true;

/** Puts values into the controls, as a person could have. @param {Record<string, unknown>} values by name */
export function enter(values) {
  if ('rules' in values) rules = values.rules;
  for (const [name, value] of Object.entries(values)) {
    const control = controls.get(name);
    if (control) showValue(control, value);
    visit(name);
  }
  void check();
}

/** The settings as they would be sent: numbers as they were typed, and the secret only if it was. */
export const asText = () => written({ ...Object.fromEntries(entered()), rules });

/** Applies the changes of this page to the stored settings, because another page may have saved other changes. */
export async function asSaved() {
  const answer = await ask({ kind: 'settings' });
  if (answer.kind !== 'settings') return asText();
  // A typed secret goes only to the address that this page shows, whatever another page has saved.
  const bound = SECRETS.some((name) => entered().get(name)) ? CLIENT : [];
  const changed = [...entered()].filter(([name, value]) => stored.get(name) !== value || bound.includes(name));
  return written({ ...answer.value, ...Object.fromEntries(changed), ...(rules === undefined ? {} : { rules }) });
}

/** @param {Record<string, unknown>} values */
function written(values) {
  for (const name of SECRETS) if (values[name] === '') delete values[name];
  return JSON.stringify(values);
}

/** Checks soon, unless more is typed until then. @param {string} name the field that is typed in */
export function checkSoon(name) {
  clearTimeout(soon);
  soon = setTimeout(() => touch(name), CHECK_AFTER_MS);
}

async function check() {
  clearTimeout(soon);
  const mine = ++checks;
  const answer = await ask({ kind: 'save', text: asText(), checkOnly: true });
  if (mine === checks) show(answer.kind === 'rejected' ? answer.value : []);
}

/** @param {string} name */
export function touch(name) {
  visit(name);
  void check();
}

/** @param {string} name */
function visit(name) {
  touched.add(name);
  // A stored secret must be entered again when its address or client changes.
  if (settings.hasSecret && CLIENT.includes(name)) for (const secret of SECRETS) touched.add(secret);
}

/** Says at every field what Rust refused, and goes to the first. @param {FieldError[]} found */
export function reject(found) {
  checks += 1;
  for (const name of controls.keys()) touched.add(name);
  show(found);
  controls.get(found[0]?.field ?? '')?.focus();
}

/** @param {FieldError[]} found */
function show(found) {
  errors = found;
  for (const [name, control] of controls) {
    blame(control, touched.has(name) ? found.find((error) => error.field === name) : undefined);
  }
  showOwn();
}

/** How the entered settings connect. */
export const way = () => wayOf(Object.fromEntries(entered()));

/** Shows the fields of the entered way to connect. */
export const showOwn = () => showWay(controls, way());

/** Defaults of every setting except the connection. */
export function defaults() {
  const others = Object.entries(specs).filter(([, spec]) => spec['x-section'] !== 'connection');
  return Object.fromEntries(others.map(([name, spec]) => [name, spec.default]));
}

/** Settings as a file holds them: the ones that are stored, without the secret. */
export const exported = () =>
  Object.fromEntries(
    [...Object.keys(specs), 'rules'].flatMap((name) => (name in settings ? [[name, settings[name]]] : [])),
  );

/** Whether two values are the same once they are entered. @param {unknown} one @param {unknown} other */
export const same = (one, other) => asEntered(one) === asEntered(other);
