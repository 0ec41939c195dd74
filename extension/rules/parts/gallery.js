/** Rules to start from: data that the core reads like any other rule set. */
import { element } from '../../lib/parts/dom.js';
import { find } from '../../lib/parts/page.js';
import { text } from '../../lib/words/text.js';
import { check } from '../bench.js';
import * as draft from '../draft.js';
import gallery from '../model/gallery.json' with { type: 'json' };
import { named } from '../model/shape.js';
import { hint, spoken } from '../model/spoken.js';
import { focusNext } from './focus.js';

/** @typedef {import('../draft.js').Rule} Rule */

/** A rule as it is stored, every default written out. @param {Rule} rule @returns {Promise<Rule>} */
async function whole(rule) {
  const checked = await check(draft.text([rule]));
  return checked.kind === 'rules' ? JSON.parse(checked.value.text).rules[0] : rule;
}

export function prepareGallery() {
  const dialog = find('#gallery', HTMLDialogElement);
  const list = find('ul', HTMLElement, dialog);
  const rules = /** @type {Rule[]} */ (gallery.rules);
  const empty = { ...rules[0], id: 'rule', name: text('ruleNew'), card: {}, examples: [] };
  const offer = (/** @type {Rule} */ rule, /** @type {string} */ words) => {
    const made = element(
      'button',
      { type: 'button', className: 'preset' },
      element('strong', { textContent: String(rule.name) }),
      element('span', { className: 'small muted', textContent: words }),
    );
    made.addEventListener('click', async () => {
      // The examples show what the rule of the gallery does; a queue that a person adds would make them differ.
      const added = await whole(named({ ...rule, examples: [] }, draft.get().rules));
      dialog.close();
      add([added]);
    });
    return element('li', {}, made);
  };
  list.replaceChildren(
    ...rules.map((rule) => offer(spoken(rule, text), hint(rule, text))),
    offer(empty, text('ruleNew_hint')),
  );
  find('[data-do="cancel"]', HTMLElement, dialog).addEventListener('click', () => dialog.close());
  return () => dialog.showModal();
}

/** Adds rules at the end, and goes to the first of them. @param {Rule[]} rules */
export function add(rules) {
  focusNext('/name');
  draft.edit((before) => [...before, ...rules], { chosen: draft.get().rules.length });
}
