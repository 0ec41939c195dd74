/** Rules as a file: out, shared, and in only after the core has read it. */
import { download, element } from '../../lib/parts/dom.js';
import { find } from '../../lib/parts/page.js';
import { text } from '../../lib/words/text.js';
import { check } from '../bench.js';
import * as draft from '../draft.js';
import { why } from '../model/errors.js';
import { named } from '../model/shape.js';
import { add } from './gallery.js';

/** @typedef {import('../draft.js').Rule} Rule */
/** @typedef {import('../../pkg/workbench.js').Checked} Checked */

/** More than the core reads; of a longer file only the first part is read, and rejected. */
const READ = 1024 * 1024 + 1;

/** @param {Rule[]} rules @param {string} name */
function file(rules, name) {
  const json = JSON.stringify({ $schema: 'rules.schema.json', version: 1, rules }, null, 2);
  return new File([`${json}\n`], name, { type: 'application/json' });
}

/** @param {File} file */
const save = (file) => download(file, file.name);

export const exportAll = () => save(file(draft.get().rules, 'cuewire-rules.json'));

/** Hands one rule to another program as a file, or saves the file where the system cannot. */
export async function share() {
  const rule = draft.chosen();
  if (!rule) return;
  const made = file([rule], `cuewire-${rule.id}.json`);
  if (!navigator.canShare?.({ files: [made] })) return save(made);
  try {
    await navigator.share({ files: [made], title: String(rule.name) });
  } catch (error) {
    // A person who closes the system's dialog has decided.
    if (!(error instanceof DOMException && error.name === 'AbortError')) save(made);
  }
}

/** @param {(words: string, wrong?: boolean) => void} say */
export function prepareImport(say) {
  const input = find('input[type="file"]', HTMLInputElement);
  const dialog = find('#import', HTMLDialogElement);
  /** @type {Rule[]} */
  let rules = [];
  const act = (/** @type {string} */ name, /** @type {() => void} */ act) =>
    find(`[data-do="${name}"]`, HTMLElement, dialog).addEventListener('click', () => {
      dialog.close();
      act();
    });
  act('cancel', () => {});
  act('add', () => {
    const all = [...draft.get().rules];
    const added = rules.map((rule) => {
      const copy = named(rule, all);
      all.push(copy);
      return copy;
    });
    add(added);
  });
  act('replace', () => draft.edit(() => rules, { chosen: 0 }));
  input.addEventListener('change', async () => {
    const chosen = input.files?.[0];
    if (!chosen) return;
    const read = await chosen.slice(0, READ).text();
    input.value = '';
    try {
      const checked = await check(read);
      rules = checked.kind === 'rules' ? JSON.parse(checked.value.text).rules : [];
      show(dialog, chosen.name, checked, rules);
      dialog.showModal();
    } catch {
      say(text('diagnosis_wasmFailed_what'), true);
    }
  });
  return () => input.click();
}

/** @param {HTMLDialogElement} dialog @param {string} name @param {Checked} checked @param {Rule[]} rules */
function show(dialog, name, checked, rules) {
  const isGood = checked.kind === 'rules';
  const failing = isGood ? checked.value.examples.filter((differing) => differing.length > 0).length : 0;
  find('.lead', HTMLElement, dialog).textContent = isGood
    ? text('ruleImportFound', name, rules.length)
    : text('importWrong', name);
  const lines = isGood
    ? rules.map((rule) => String(rule.name))
    : checked.value.map((error) => text('ruleWrongAt', error.at || '/', why(error, text)));
  const list = find('ul', HTMLElement, dialog);
  list.replaceChildren(...lines.map((line) => element('li', { textContent: line })));
  list.classList.toggle('wrong', !isGood);
  const differing = find('.differing', HTMLElement, dialog);
  differing.hidden = failing === 0;
  differing.textContent = text('ruleImportExamples', failing);
  for (const action of ['add', 'replace']) {
    find(`[data-do="${action}"]`, HTMLElement, dialog).hidden = !isGood || rules.length === 0;
  }
}
