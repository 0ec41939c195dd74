/** The form of one example: what it shows, its events with their times, and whether the rule should fire. */
import { element } from '../../lib/parts/dom.js';
import { text } from '../../lib/words/text.js';
import * as draft from '../draft.js';
import * as model from '../model/example.js';
import { look } from '../model/shape.js';
import { button, errorLine, field, numberBox, placed, textBox, toggle } from '../parts/controls.js';
import { focusNext } from '../parts/focus.js';

/** Makes one edit of its own. @typedef {(list: unknown, at: string) => void} Change */

/** How the fields of a message are typed; all others are texts. @type {Record<string, { unit: import('../model/value.js').Unit, words: () => string }>} */
const NUMBERS = {
  sentimentScore: { unit: 'plain', words: () => '' },
  sentimentConfidence: { unit: 'percent', words: () => '%' },
  queueWaitMs: { unit: 'duration', words: () => text('dashboard_secondsUnit') },
};

/** @param {string} at the example's place in the rule @param {Change} change @returns {HTMLElement[]} */
export function form(at, change) {
  const example = look(draft.chosen(), at);
  const name = textBox(`${at}/name`);
  return [field(text('ruleExampleName'), name), events(at, example, change), ...firings(at, example, change)];
}

/** @param {string} at @param {model.Loose | undefined} example @param {Change} change */
function events(at, example, change) {
  const place = `${at}/events`;
  const list = () => model.listed(look(draft.chosen(), place));
  const shown = model.fields(draft.chosen(), example);
  const rows = list().map((_, index) => {
    const row = group(text('ruleExampleEvent', index + 1), [
      time(`${place}/${index}/atMs`),
      field(text('effectInteraction'), textBox(`${place}/${index}/event/id`)),
      ...shown.map((one, nth) => value(`${place}/${index}/event`, one, nth)),
    ]);
    if (list().length > 1) row.append(remover(place, index, 'ruleExampleEventRemove', change));
    return row;
  });
  const add = () => {
    focusNext(`${place}/${list().length}/atMs`);
    change(model.withEvent(list()), place);
  };
  const made = placed(element('div', { className: 'heard' }, ...rows), place);
  const adder = button(text('ruleExampleEventAdd'), add, { key: `${place}-add`, className: 'link' });
  made.append(errorLine(made), element('p', {}, adder));
  return made;
}

/** @param {string} at @param {model.Loose | undefined} example @param {Change} change */
function firings(at, example, change) {
  const place = `${at}/fires`;
  const list = () => model.listed(look(draft.chosen(), place));
  const another = () => model.withFiring(look(draft.chosen(), at), draft.chosen());
  const fires = toggle(text('ruleExampleFires'), list().length > 0, `${place}-any`, (on) =>
    change(on ? another() : [], place),
  );
  if (list().length === 0) return [fires];
  const isCounted = model.isCounted(draft.chosen(), example?.fires);
  const rows = list().map((_, index) => {
    const parts = [
      time(`${place}/${index}/atMs`),
      field(text('effectInteraction'), textBox(`${place}/${index}/interaction`)),
    ];
    if (isCounted) parts.push(number(`${place}/${index}/episode`, text('ruleExampleEpisode'), 'plain', { step: 1 }));
    const row = group(text('ruleExampleFiring', index + 1), parts);
    if (list().length > 1) row.append(remover(place, index, 'ruleExampleFiringRemove', change));
    return row;
  });
  const add = () => {
    focusNext(`${place}/${list().length}/atMs`);
    change(another(), place);
  };
  const made = placed(element('div', { className: 'heard' }, ...rows), place);
  const adder = button(text('ruleExampleFiringAdd'), add, { key: `${place}-add`, className: 'link' });
  made.append(errorLine(made), element('p', {}, adder));
  return [fires, made];
}

/** @param {string} name @param {HTMLElement[]} parts */
function group(name, parts) {
  return element(
    'fieldset',
    { className: 'event' },
    element('legend', { textContent: name }),
    element('div', { className: 'beside' }, ...parts),
  );
}

/** @param {string} at */
const time = (at) => number(at, text('ruleExampleAt'), 'duration', { step: 1, words: text('dashboard_secondsUnit') });

/** @param {string} at @param {string} name @param {import('../model/value.js').Unit} unit @param {{ words?: string, step?: number }} [how] */
function number(at, name, unit, how) {
  const { box, input } = numberBox(at, name, unit, how);
  return field(name, input, { box });
}

/** One field of a message. @param {string} event @param {model.Field} field @param {number} nth */
function value(event, { name, at }, nth) {
  const place = `${event}${at}`;
  const kind = NUMBERS[name];
  if (kind) return number(place, text(`ruleField_${name}`), kind.unit, { words: kind.words() });
  const isPointer = name.startsWith('/');
  const box = isPointer
    ? textBox(place, { show: model.shownValue, read: model.readValue })
    : textBox(place, { read: (typed) => (typed === '' ? undefined : typed) });
  // A pointer may hold spaces, which no id may.
  if (isPointer) box.id = `pointer${event.replaceAll('/', '-')}-${nth}`;
  if (name === 'queue') box.setAttribute('list', 'queues-heard');
  return field(isPointer ? at : text(`ruleField_${name}`), box);
}

/** @param {string} place @param {number} index @param {string} label @param {Change} change */
function remover(place, index, label, change) {
  const remove = () => {
    focusNext(`${place}-add`);
    change(model.without(look(draft.chosen(), place), index), place);
  };
  return button(text('ruleRemove'), remove, { label: text(label, index + 1), className: 'link' });
}
