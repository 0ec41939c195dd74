/** A rule's own examples: which of them come out as they say, and how the others differ. */
import { element } from '../../lib/form.js';
import { text } from '../../lib/text.js';
import { span } from '../model/sentence.js';

/** @typedef {import('../../pkg/workbench.js').Difference} Difference */
/** @typedef {import('../../pkg/workbench.js').Expected} Expected */

/** @param {HTMLElement} root @param {unknown} examples @param {Difference[] | undefined} differing none: they have not run */
export function showExamples(root, examples, differing) {
  if (!Array.isArray(examples) || examples.length === 0) return root.replaceChildren();
  const rows = examples.map((example, index) => {
    const differs = differing?.find(({ example }) => example === index);
    const state = !differing ? 'open' : differs ? 'differs' : 'passes';
    const name = element('span', { textContent: String(example?.name || text('ruleExample', index + 1)) });
    const row = element('li', {}, element('strong', { textContent: text(`ruleExample_${state}`) }), ' ', name);
    row.dataset.state = state;
    if (differs) row.append(element('ul', { className: 'small' }, ...differences(differs)));
    return row;
  });
  root.replaceChildren(
    element('h4', { textContent: text('ruleExamples') }),
    element('p', { className: 'small muted', textContent: text('ruleExamplesLead') }),
    element('ul', { className: 'examples' }, ...rows),
  );
}

/** @param {Difference} difference */
function differences({ missing, unexpected, unreadable }) {
  const firing =
    (/** @type {string} */ key) =>
    (/** @type {Expected} */ { atMs, interaction }) =>
      element('li', { textContent: text(key, interaction, span(atMs, text)) });
  return [
    ...missing.map(firing('ruleExampleMissing')),
    ...unexpected.map(firing('ruleExampleUnexpected')),
    ...unreadable.map((at) => element('li', { textContent: text('ruleExampleUnreadable', at + 1) })),
  ];
}
