/** The rules as JSON, for those who want it: what is typed here is the draft as soon as it is JSON. */
import { element } from '../../lib/parts/dom.js';
import { find } from '../../lib/parts/page.js';
import { text } from '../../lib/words/text.js';
import { check } from '../bench.js';
import * as checked from '../checked.js';
import * as draft from '../draft.js';
import { why } from '../model/errors.js';

const CHECK_AFTER_MS = 250;

const root = find('#json', HTMLElement);
const box = find('textarea', HTMLTextAreaElement, root);
const list = find('ul', HTMLElement, root);
/** The rules as this view wrote them. @type {unknown} */
let own;
/** Whether the text is no rule set at all, and the draft an older one. */
let broken = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let soon;

export const isBroken = () => broken;

/** @param {() => void} changed whether the text is broken */
export function prepareJson(changed) {
  draft.subscribe(({ rules }) => {
    if (rules !== own) fill();
  });
  checked.subscribe(({ errors }) => !broken && show(errors));
  box.addEventListener('input', () => {
    clearTimeout(soon);
    soon = setTimeout(() => void read(changed), CHECK_AFTER_MS);
  });
  box.addEventListener('focusout', () => {
    clearTimeout(soon);
    void read(changed);
  });
}

/** @param {boolean} shown @returns {boolean} whether a text was left that is no rule set */
export function showJson(shown) {
  clearTimeout(soon);
  const left = !shown && broken;
  broken = false;
  root.hidden = !shown;
  if (shown) {
    fill();
    show(checked.get().errors);
    box.focus();
  }
  return left;
}

function fill() {
  broken = false;
  own = draft.get().rules;
  if (!root.hidden) box.value = written(draft.get().rules);
}

/** @param {unknown} rules */
const written = (rules) => JSON.stringify({ version: 1, rules }, null, 2);

/** @param {() => void} changed */
async function read(changed) {
  const typed = box.value;
  if (root.hidden || typed === written(draft.get().rules)) return;
  const rules = rulesIn(typed);
  broken = rules === undefined;
  if (rules) {
    draft.edit(
      () => {
        own = rules;
        return rules;
      },
      { about: 'json', typed: false },
    );
  } else {
    const found = await check(typed);
    if (found.kind === 'rejected' && broken) show(found.value);
  }
  changed();
}

/** The rules of a text that is JSON of the right outline; whatever else is wrong, the core says. @param {string} typed */
function rulesIn(typed) {
  try {
    const { version, rules } = JSON.parse(typed);
    const isList =
      Array.isArray(rules) && rules.every((rule) => typeof rule === 'object' && rule !== null && !Array.isArray(rule));
    return version === 1 && isList ? /** @type {draft.Rule[]} */ (rules) : undefined;
  } catch {
    return undefined;
  }
}

/** @param {import('../../pkg/workbench.js').RuleError[]} errors */
function show(errors) {
  const lines = errors.map((error) => (error.at ? text('ruleWrongAt', error.at, why(error, text)) : why(error, text)));
  list.replaceChildren(...lines.map((line) => element('li', { textContent: line })));
  list.hidden = lines.length === 0;
  if (lines.length > 0) box.setAttribute('aria-invalid', 'true');
  else box.removeAttribute('aria-invalid');
}
