/** Settings as a file: out without the secret; in only after Rust has read it and the changes were seen. */
import { download, element } from '../lib/parts/dom.js';
import { fieldWrong } from '../lib/parts/form.js';
import { ask, find } from '../lib/parts/page.js';
import { spec, specs } from '../lib/words/specs.js';
import { text } from '../lib/words/text.js';
import { SECRETS } from '../lib/words/way.js';
import { same, settings } from './form.js';

/** @typedef {import('../pkg/cuewire.js').FieldError} FieldError */

/** More than the largest settings; a longer file is rejected after its first part. */
const READ = 4_500_000;

/** @param {Record<string, unknown>} values */
export function exportFile(values) {
  const json = JSON.stringify({ $schema: 'settings.schema.json', ...values }, null, 2);
  download(new Blob([`${json}\n`], { type: 'application/json' }), 'cuewire-settings.json');
}

/** @param {{ take: (values: Record<string, unknown>) => unknown, say: (words: string, wrong?: boolean) => void }} page */
export function prepareImport({ take, say }) {
  const input = find('input[type="file"]', HTMLInputElement);
  const dialog = find('#import', HTMLDialogElement);
  const button = find('[data-do="import"]', HTMLButtonElement, dialog);
  /** @type {Record<string, unknown>} */
  let values = {};

  find('[data-do="cancel"]', HTMLElement, dialog).addEventListener('click', () => dialog.close());
  button.addEventListener('click', () => {
    dialog.close();
    take(values);
  });
  input.addEventListener('change', async () => {
    const file = input.files?.[0];
    if (!file) return;
    const json = (await file.text()).slice(0, READ);
    input.value = '';
    const answer = await ask({ kind: 'save', text: json, checkOnly: true });
    // A missing secret is no error, because exports never contain the secret.
    const wrong =
      answer.kind === 'rejected' ? answer.value.filter(({ field, line }) => !SECRETS.includes(field) || line) : [];
    if (answer.kind !== 'done' && answer.kind !== 'rejected') return say(text('diagnosis_wasmFailed_what'), true);
    values = wrong.length === 0 ? read(json) : {};
    show(dialog, file.name, wrong, values);
    button.hidden = wrong.length > 0 || Object.keys(values).length === 0;
    dialog.showModal();
  });
  return { choose: () => input.click() };
}

/** The changes that a valid file makes. A field that is absent or null takes its default. @param {string} json @returns {Record<string, unknown>} */
function read(json) {
  const file = JSON.parse(json);
  const names = Object.keys(specs).filter((name) => !SECRETS.includes(name));
  const values = Object.fromEntries(names.map((name) => [name, file[name] ?? spec(name).default]));
  const changes = Object.entries(values).filter(([name, value]) => !same(value, settings[name] ?? spec(name).default));
  for (const name of SECRETS) if (typeof file[name] === 'string' && file[name]) changes.push([name, file[name]]);
  const rules = file.rules ?? null;
  if (JSON.stringify(rules) !== JSON.stringify(settings.rules ?? null)) changes.push(['rules', rules]);
  return Object.fromEntries(changes);
}

/** @param {HTMLDialogElement} dialog @param {string} file @param {FieldError[]} wrong @param {Record<string, unknown>} values */
function show(dialog, file, wrong, values) {
  const names = Object.keys(values);
  const key = wrong.length > 0 ? 'importWrong' : names.length === 0 ? 'importNothing' : 'importChanges';
  find('.lead', HTMLElement, dialog).textContent = text(key, file);
  find('table', HTMLElement, dialog).hidden = names.length === 0;
  const cells = names.map((name) => [text(`field_${name}`), words(name, settings[name]), words(name, values[name])]);
  find('tbody', HTMLElement, dialog).replaceChildren(
    ...cells.map(([name = '', ...rest]) => {
      const head = element('th', { scope: 'row', textContent: name });
      return element('tr', {}, head, ...rest.map((words) => element('td', { textContent: words })));
    }),
  );
  const lines = wrong.map((error) =>
    error.line ? text('importLine', error.line, fieldWrong(error)) : fieldWrong(error),
  );
  find('.errors', HTMLElement, dialog).replaceChildren(...lines.map((line) => element('li', { textContent: line })));
  find('.errors', HTMLElement, dialog).hidden = wrong.length === 0;
}

/** A value as the page shows it. @param {string} name @param {unknown} value */
function words(name, value) {
  if (name === 'rules') return String(/** @type {any} */ (value)?.rules?.length ?? '–');
  if (SECRETS.includes(name)) return value ? '•••' : text('importSecret');
  if (typeof value === 'boolean') return text(value ? 'factsOn' : 'factsOff');
  if (spec(name).enum) return text(`choice_${name}_${value}`);
  if (Array.isArray(value)) return value.join(', ') || '–';
  return value === null || value === undefined || value === '' ? '–' : String(value);
}
