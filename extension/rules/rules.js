/** The rules page: shows the saved rules, edits a draft of them, and saves it whole. */
import { say, showChanges } from '../lib/parts/bar.js';
import { confirm } from '../lib/parts/confirm.js';
import * as ext from '../lib/browser/ext.js';
import { element } from '../lib/parts/dom.js';
import { find } from '../lib/parts/page.js';
import { fillIn, text } from '../lib/words/text.js';
import { hush, tell } from '../lib/parts/toast.js';
import { vocabulary } from './bench.js';
import * as checked from './checked.js';
import * as draft from './draft.js';
import { prepareEffect } from './effect/panel.js';
import { keep, recall } from './kept.js';
import { why } from './model/errors.js';
import { named } from './model/shape.js';
import { draw as drawEditor, prepareEditor } from './parts/editor.js';
import { focusNext } from './parts/focus.js';
import { prepareGallery } from './parts/gallery.js';
import { isBroken, prepareJson, showJson } from './parts/json.js';
import { draw as drawList, prepareList } from './parts/list.js';
import { hearQueues } from './parts/scope.js';
import { exportAll, prepareImport, share } from './parts/transfer.js';
import { load, save as send } from './stored.js';

/** What the page offers after an edit. */
function changed() {
  const count = draft.changes();
  showChanges(count);
  find('[data-do="undo"]', HTMLButtonElement).disabled = !draft.canUndo();
  find('[data-do="redo"]', HTMLButtonElement).disabled = !draft.canRedo();
  find('[data-do="save"]', HTMLButtonElement).disabled = count === 0 && !isBroken();
}

async function save() {
  if (isBroken()) return say(text('ruleNotJsonYet'), true);
  const { errors } = checked.get();
  if (errors[0]) return refuse(errors);
  say(text('optionsSaving'));
  const now = await load();
  if (now && JSON.stringify(now) !== JSON.stringify(draft.inForce())) {
    const goes = await confirm(text('ruleConflict'), text('ruleConflictWhy'), text('ruleConflictDo'));
    if (!goes) return say('');
  }
  const saved = await send(draft.text());
  if (saved.is === 'notSetUp') return askForConnection();
  if (saved.is === 'rejected') return refuse(saved.errors);
  if (saved.is === 'failed') return say(text('optionsFailed', saved.words), true);
  await take();
  say(text('optionsSaved'));
}

/** Rules are stored with a connection. The draft waits in this tab until there is one. */
function askForConnection() {
  say(text('ruleNotSetUp'), true);
  const button = element('button', { type: 'button', className: 'link' }, text('popupSetUp'));
  button.dataset.do = 'options';
  find('.bar [role="status"]', HTMLElement).append(' ', button);
}

/** @param {import('../pkg/workbench.js').RuleError[]} errors */
function refuse(errors) {
  const [first] = errors;
  if (!first) return;
  const index = Number(/^\/rules\/(\d+)/.exec(first.at)?.[1] ?? -1);
  if (index >= 0 && index !== draft.get().chosen) draft.choose(index);
  const name = String(draft.get().rules[index]?.name ?? '');
  const more = errors.length > 1 ? ` ${text('optionsAndMore', errors.length - 1)}` : '';
  say(text('optionsNotSaved', (name ? text('ruleWrongAt', name, why(first, text)) : why(first, text)) + more), true);
  const wrong = document.querySelector('#editor [aria-invalid]');
  // A control in a closed example cannot take the focus.
  wrong?.closest('details')?.setAttribute('open', '');
  if (wrong instanceof HTMLElement) wrong.focus();
}

/** Takes the saved rules. @returns {Promise<boolean>} */
async function take() {
  const rules = await load();
  if (!rules) return false;
  draft.adopt(rules);
  return true;
}

function duplicate() {
  const rule = draft.chosen();
  const { rules, chosen } = draft.get();
  if (!rule) return;
  focusNext('/name');
  draft.edit((all) => void all.splice(chosen + 1, 0, named(rule, rules)), { chosen: chosen + 1 });
}

function remove() {
  const rule = draft.chosen();
  const { chosen } = draft.get();
  if (!rule) return;
  focusNext(`rule-${Math.max(0, Math.min(chosen, draft.get().rules.length - 2))}`);
  draft.edit((all) => void all.splice(chosen, 1));
  tell(text('ruleDeleted', String(rule.name)), { label: text('dashboard_undo'), act: draft.undo });
}

/** @param {boolean} asJson */
function view(asJson) {
  find('#form', HTMLElement).hidden = asJson;
  for (const button of document.querySelectorAll('[data-view]')) {
    button.setAttribute('aria-pressed', String((button.getAttribute('data-view') === 'json') === asJson));
  }
  if (showJson(asJson)) say(text('ruleJsonLeft'));
  changed();
}

function listen() {
  const openGallery = prepareGallery();
  const chooseFile = prepareImport(say);
  /** @type {Record<string, () => unknown>} */
  const actions = {
    save,
    revert: () => take().then(() => say('')),
    undo: draft.undo,
    redo: draft.redo,
    new: openGallery,
    duplicate,
    remove,
    share,
    export: exportAll,
    import: chooseFile,
    form: () => view(false),
    json: () => view(true),
    options: () => ext.openOptions(),
    dashboard: () => ext.openDashboard(),
  };
  document.addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest('[data-do], [data-view]') : null;
    void actions[button?.getAttribute('data-do') ?? button?.getAttribute('data-view') ?? '']?.();
  });
  addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || document.querySelector('dialog[open]')) return;
    const key = event.key.toLowerCase();
    const act =
      key === 's'
        ? save
        : key === 'z'
          ? event.shiftKey
            ? draft.redo
            : draft.undo
          : key === 'y'
            ? draft.redo
            : undefined;
    // In the JSON view the browser undoes what was typed there.
    if (!act || (act !== save && event.target instanceof HTMLTextAreaElement && event.target.closest('#json'))) return;
    event.preventDefault();
    void act();
  });
  addEventListener('beforeunload', (event) => {
    if (draft.changes() > 0 || isBroken()) event.preventDefault();
  });
}

async function start() {
  const [words, rules] = await Promise.all([vocabulary().catch(() => undefined), load(), hearQueues()]);
  if (!words || !rules) {
    find('main', HTMLElement).setAttribute('aria-busy', 'false');
    return say(text('diagnosis_wasmFailed_what'), true);
  }
  prepareEditor(words);
  prepareList();
  prepareJson(changed);
  draft.adopt(rules);
  const kept = recall();
  keep();
  draft.subscribe(() => {
    hush();
    say('');
    changed();
  });
  checked.follow();
  drawList();
  drawEditor();
  changed();
  prepareEffect();
  find('#work', HTMLElement).hidden = false;
  find('main', HTMLElement).setAttribute('aria-busy', 'false');
  if (kept !== 'none') say(text(kept === 'kept' ? 'ruleKept' : 'ruleKeptConflict'));
}

fillIn(document);
listen();
void start();
