/** Rules to start from: data that the core reads like any other rule set. */
import { element } from '../../lib/form.js';
import { find } from '../../lib/page.js';
import { text } from '../../lib/text.js';
import { check } from '../bench.js';
import * as draft from '../draft.js';
import gallery from '../model/gallery.json' with { type: 'json' };
import { named } from '../model/shape.js';
import { focusNext } from './focus.js';

/** @typedef {import('../draft.js').Rule} Rule */

/** The rules of the contract, whose card texts are the same in whatever language the page speaks. @type {Record<string, () => string>} */
const CONTRACT = {
  'negative-sentiment': () => text('rule_negative_sentiment'),
  'long-wait': () => text('rule_long_wait'),
};

/** A rule of the gallery in the page's language. @param {Rule} rule @returns {Rule} */
function spoken(rule) {
  const say = (/** @type {string} */ what, /** @type {string | undefined} */ otherwise) =>
    text(`preset_${rule.id}_${what}`.replaceAll('-', '_')) || otherwise;
  const known = CONTRACT[rule.id];
  if (known) return { ...rule, name: known() };
  const { title, content, reason } = rule.card;
  return {
    ...rule,
    name: say('name', rule.name),
    card: {
      title: say('title', title),
      content: say('content', content) ?? text('presetContent'),
      reason: say('reason', reason),
    },
  };
}

/** A rule as it is stored, every default written out. @param {Rule} rule @returns {Promise<Rule>} */
export async function whole(rule) {
  const checked = await check(draft.text([rule]));
  return checked.kind === 'rules' ? JSON.parse(checked.value.text).rules[0] : rule;
}

export function prepareGallery() {
  const dialog = find('#gallery', HTMLDialogElement);
  const list = find('ul', HTMLElement, dialog);
  const rules = /** @type {Rule[]} */ (gallery.rules);
  const empty = { ...rules[0], id: 'rule', name: text('ruleNew'), card: {}, examples: [] };
  const offer = (/** @type {Rule} */ rule, /** @type {string} */ hint) => {
    const made = element(
      'button',
      { type: 'button', className: 'preset' },
      element('strong', { textContent: String(rule.name) }),
      element('span', { className: 'small muted', textContent: hint }),
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
    ...rules.map(spoken).map((rule) => offer(rule, text(`preset_${rule.id}_hint`.replaceAll('-', '_')))),
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
