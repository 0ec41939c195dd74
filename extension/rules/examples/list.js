/** A rule's own examples: each with what came of it, and with a form that opens. */
import { element } from '../../lib/parts/dom.js';
import { text } from '../../lib/words/text.js';
import * as checked from '../checked.js';
import * as draft from '../draft.js';
import { agreed, listed, withCopy, withNew, without } from '../model/example.js';
import { put } from '../model/shape.js';
import { span } from '../model/sentence.js';
import { button, errorLine, placed } from '../parts/controls.js';
import { focusNext } from '../parts/focus.js';
import { form } from './form.js';

/** @typedef {import('../../pkg/workbench.js').Difference} Difference */
/** @typedef {import('../../pkg/workbench.js').Expected} Expected */
/** @typedef {import('../checked.js').Verdict} Verdict */

const AT = '/examples';

/** The one example that is open, of the rule at `rule`; it stays open when the form is drawn again. */
const open = { rule: -1, example: -1 };

/** @param {number} example */
function turnTo(example) {
  Object.assign(open, { rule: draft.get().chosen, example });
}

/** @returns {HTMLElement[]} */
export function examples() {
  const all = listed(draft.chosen()?.examples);
  const list = placed(element('ol', { className: 'examples' }, ...all.map((_, index) => item(index))), AT);
  list.setAttribute('role', 'list');
  list.setAttribute('aria-labelledby', 'examples-title');
  const add = button(
    text('ruleExampleAdd'),
    () => {
      go(all.length);
      change(withNew(all));
    },
    { key: `${AT}-add` },
  );
  return [
    element('h4', { id: 'examples-title', textContent: text('ruleExamples') }),
    element('p', { className: 'small muted', textContent: text('ruleExamplesLead') }),
    list,
    errorLine(list),
    element('p', {}, add),
  ];
}

/** Opens an example, and puts the focus on its name. @param {number} index */
function go(index) {
  turnTo(index);
  focusNext(`${AT}/${index}/name`);
}

/** Each edit of the list is one that can be undone by itself. @param {unknown} list @param {string} [at] */
function change(list, at = AT) {
  const { chosen } = draft.get();
  draft.edit((rules) => put(rules[chosen], at, list));
}

/** @param {number} index */
function item(index) {
  const at = `${AT}/${index}`;
  const summary = element(
    'summary',
    {},
    element('strong', { className: 'verdict' }),
    ' ',
    element('span', { className: 'shows' }),
  );
  summary.dataset.key = at;
  const all = () => listed(draft.chosen()?.examples);
  const copy = () => {
    go(index + 1);
    change(withCopy(all(), index));
  };
  const remove = () => {
    turnTo(-1);
    focusNext(all().length > 1 ? `${AT}/${Math.min(index, all().length - 2)}` : `${AT}-add`);
    change(without(all(), index));
  };
  const take = button(text('ruleExampleTake'), () => agree(index), { className: 'take' });
  take.hidden = true;
  const tools = element(
    'p',
    { className: 'adders' },
    button(text('ruleExampleDuplicate'), copy, { className: 'link' }),
    button(text('ruleExampleRemove'), remove, { className: 'link danger' }),
  );
  const details = /** @type {HTMLDetailsElement} */ (
    element(
      'details',
      { open: open.rule === draft.get().chosen && open.example === index },
      summary,
      element('div', { className: 'example' }, ...form(at, change), tools),
    )
  );
  details.name = 'example';
  details.addEventListener('toggle', () => {
    // The event comes late: by then another drawing may have taken the place of this one.
    if (!details.isConnected) return;
    if (details.open) turnTo(index);
    else if (open.example === index) turnTo(-1);
  });
  return element('li', {}, details, element('ul', { className: 'differences small' }), take);
}

/** Expects from now on what the rule does. @param {number} index */
function agree(index) {
  const differs = checked.get().examples?.find(({ example }) => example === index);
  if (!differs) return;
  focusNext(`${AT}/${index}`);
  change(agreed(listed(draft.chosen()?.examples)[index]?.fires, differs), `${AT}/${index}/fires`);
}

/** Says what came of each example, without drawing its form again. @param {HTMLElement} root @param {string[]} wrong places of mistakes in the rule @param {Difference[] | undefined} differing none: no example has run */
export function showVerdicts(root, wrong, differing) {
  const all = listed(draft.chosen()?.examples);
  for (const [index, row] of [
    .../** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('.examples > li')),
  ].entries()) {
    const at = `${AT}/${index}`;
    const differs = differing?.find(({ example }) => example === index);
    const isWrong = wrong.some((place) => place === at || place.startsWith(`${at}/`));
    const state = isWrong ? 'wrong' : !differing ? 'open' : differs ? 'differs' : 'passes';
    row.dataset.state = state;
    say(row, '.verdict', text(`ruleExample_${state}`));
    say(row, '.shows', String(all[index]?.name || text('ruleExample', index + 1)));
    const lines = differs && !isWrong ? differences(differs) : [];
    row.querySelector('.differences')?.replaceChildren(...lines);
    const take = row.querySelector('.take');
    if (take instanceof HTMLElement) take.hidden = !differs || differs.missing.length + differs.unexpected.length === 0;
  }
}

/** @param {HTMLElement} row @param {string} place @param {string} words */
function say(row, place, words) {
  const line = row.querySelector(place);
  if (line && line.textContent !== words) line.textContent = words;
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
