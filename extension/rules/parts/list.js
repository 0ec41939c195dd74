/** The rules in their order: chosen, turned on and off, moved. */
import { element } from '../../lib/parts/dom.js';
import { find } from '../../lib/parts/page.js';
import { text } from '../../lib/words/text.js';
import * as checked from '../checked.js';
import * as draft from '../draft.js';
import { ofRule } from '../model/errors.js';
import { focusNext, keepFocus } from './focus.js';
import { handle } from './reorder.js';

/** @typedef {import('../draft.js').Rule} Rule */

const list = find('#rules', HTMLElement);

export function prepareList() {
  draft.subscribe(draw);
  checked.subscribe(showWrong);
}

export function draw() {
  const { rules } = draft.get();
  keepFocus(() => list.replaceChildren(...rules.map(item)));
  find('#no-rules', HTMLElement).hidden = rules.length > 0;
  showWrong(checked.get());
}

/** @param {Rule} rule @param {number} index */
function item(rule, index) {
  const name = String(rule.name ?? '') || text('ruleNameless');
  const isOn = rule.enabled !== false;
  const made = element('li', { className: 'rule' });
  made.dataset.index = String(index);
  const move = (/** @type {number} */ to) => {
    focusNext(`rule-move-${to}`);
    draft.edit((rules) => void rules.splice(to, 0, ...rules.splice(index, 1)), { chosen: to });
  };
  const mover = handle({
    name,
    key: `rule-move-${index}`,
    places: '.rule',
    press: (key) => {
      const to = { ArrowUp: index - 1, ArrowDown: index + 1 }[key];
      if (to === undefined) return false;
      if (to >= 0 && to < draft.get().rules.length) move(to);
      return true;
    },
    drop: (over, after) => {
      const place = Number(over.dataset.index) + (after ? 1 : 0);
      move(place > index ? place - 1 : place);
    },
  });
  const severity = String(rule.severity ?? 'warning');
  const tags = element('span', { className: 'tags small' }, tag(text(`choice_cardType_${severity}`), severity));
  if (rule.mode === 'shadow') tags.append(tag(text('ruleMode_shadow')));
  if (!isOn) tags.append(tag(text('ruleOff')));
  tags.append(element('span', { className: 'tag wrong', hidden: true }));
  const pick = element(
    'button',
    { type: 'button', className: 'pick' },
    element('span', { className: 'name', textContent: name }),
    tags,
  );
  pick.dataset.key = `rule-${index}`;
  if (index === draft.get().chosen) pick.setAttribute('aria-current', 'true');
  pick.addEventListener('click', () => draft.choose(index));
  const on = element('input', { type: 'checkbox', checked: isOn, title: text('ruleEnabled') });
  on.setAttribute('aria-label', text('ruleEnabledNamed', name));
  on.dataset.key = `rule-on-${index}`;
  on.addEventListener('change', () =>
    draft.edit((rules) => void Object.assign(rules[index] ?? {}, { enabled: on.checked })),
  );
  made.append(mover, pick, on);
  return made;
}

/** @param {string} words @param {string} [severity] */
function tag(words, severity) {
  const made = element('span', { className: 'tag', textContent: words });
  if (severity) made.dataset.severity = severity;
  return made;
}

/** @param {checked.Verdict} verdict */
function showWrong({ errors }) {
  for (const [index, made] of [...list.children].entries()) {
    const count = ofRule(errors, index).length;
    const line = find('.tag.wrong', HTMLElement, made);
    line.hidden = count === 0;
    line.textContent = count === 0 ? '' : text(count === 1 ? 'ruleWrongOne' : 'ruleWrongMany', count);
  }
}
