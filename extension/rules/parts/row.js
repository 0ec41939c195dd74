/** One comparison: field, window, operator and value. */
import { element } from '../../lib/parts/dom.js';
import { text } from '../../lib/words/text.js';
import * as draft from '../draft.js';
import * as shape from '../model/shape.js';
import { lines } from '../model/value.js';
import { enter, errorLine, numberBox, placed, select, textBox } from './controls.js';
import { focusNext } from './focus.js';

/** @typedef {import('../../pkg/workbench.js').Vocabulary} Vocabulary */
/** @typedef {import('../model/shape.js').Compare} Compare */

/** Stands for any field that has no name of its own. */
const POINTER = '/';

/** @param {string} at the comparison's place in the rule @param {Vocabulary} words @returns {Node[]} */
export function row(at, words) {
  const compare = /** @type {Compare} */ (shape.look(draft.chosen(), at) ?? {});
  const become = (/** @type {Compare} */ next) => enter(at, next, false);
  const controls = [
    ...fields(at, words, compare, become),
    ...windows(at, words, compare, become),
    operator(at, words, compare, become),
    ...value(at, words, compare),
  ];
  const line = element('span', { className: 'controls' }, ...controls.map(({ shown }) => shown));
  const errors = controls.map(({ control }) => errorLine(control));
  // Mistakes in the comparison as a whole.
  const whole = placed(element('span', { className: 'unseen' }), at);
  return [line, element('div', { className: 'errors' }, whole, errorLine(whole), ...errors)];
}

/** @template {HTMLElement} T @param {T} control @param {string} label @param {HTMLElement} [shown] */
function labelled(control, label, shown = control) {
  control.setAttribute('aria-label', label);
  return { control, shown };
}

/** @param {string} at @param {Vocabulary} words @param {Compare} compare @param {(next: Compare) => void} become */
function fields(at, words, compare, become) {
  const place = `${at}/field`;
  const isNamed = words.fields.some(({ name }) => name === compare.field);
  const option = (/** @type {{ name: string }} */ { name }) => new Option(text(`ruleField_${name}`), name);
  const groups = [false, true].map((ofQueue) =>
    element(
      'optgroup',
      { label: text(ofQueue ? 'ruleFieldsOfQueue' : 'ruleFieldsOfInteraction') },
      ...words.fields.filter(({ isOfQueue }) => isOfQueue === ofQueue).map(option),
      ...(ofQueue ? [] : [new Option(text('ruleFieldOther'), POINTER)]),
    ),
  );
  const choice = element('select', {}, ...groups);
  choice.value = isNamed ? String(compare.field) : POINTER;
  choice.addEventListener('change', () => {
    if (choice.value === POINTER) focusNext(place);
    become(shape.withField(words, compare, choice.value));
  });
  if (isNamed) return [labelled(placed(choice, place), text('ruleField'))];
  choice.dataset.key = `${place}-kind`;
  choice.id = `pick${at.replaceAll('/', '-')}`;
  const box = textBox(place);
  box.setAttribute('placeholder', '/routing/skill');
  return [labelled(choice, text('ruleField')), labelled(box, text('ruleFieldPointer'))];
}

/** @param {string} at @param {Vocabulary} words @param {Compare} compare @param {(next: Compare) => void} become */
function windows(at, words, compare, become) {
  if (!shape.hasWindow(shape.field(words, compare.field))) return [];
  const { window } = compare;
  const kind = !window ? 'now' : 'seconds' in window ? 'seconds' : 'values';
  const kinds = /** @type {const} */ (['now', 'values', 'seconds']);
  const choice = element('select', {}, ...kinds.map((kind) => new Option(text(`ruleWindow_${kind}`), kind)));
  choice.value = kind;
  choice.addEventListener('change', () =>
    become(shape.withWindow(words, compare, /** @type {'now' | 'values' | 'seconds'} */ (choice.value))),
  );
  /** @type {{ control: HTMLElement, shown: HTMLElement }[]} */
  const made = [labelled(placed(choice, `${at}/window`), text('ruleWindow'))];
  if (!window) return made;
  const name = text(kind === 'values' ? 'ruleWindowValues' : 'ruleWindowSeconds');
  const { box, input } = numberBox(`${at}/window/${kind}`, name, 'plain', {
    step: kind === 'values' ? 1 : 10,
    words: kind === 'seconds' ? text('dashboard_secondsUnit') : '',
  });
  made.push(labelled(input, name, box));
  const figures = words.figures.map(
    (figure) => /** @type {[string, string]} */ ([figure, text(`ruleFigure_${figure}`)]),
  );
  const figure = select(`${at}/window/figure`, figures, (figure) =>
    become({ ...compare, window: { ...window, figure } }),
  );
  made.push(labelled(figure, text('ruleFigure')));
  return made;
}

/** @param {string} at @param {Vocabulary} words @param {Compare} compare @param {(next: Compare) => void} become */
function operator(at, words, compare, become) {
  const known = shape.operators(words, compare);
  const options = known.map(({ name }) => /** @type {[string, string]} */ ([name, text(`ruleOperator_${name}`)]));
  const choice = select(`${at}/operator`, options, (operator) => become(shape.withOperator(words, compare, operator)));
  return labelled(choice, text('ruleOperator'));
}

/** @param {string} at @param {Vocabulary} words @param {Compare} compare */
function value(at, words, compare) {
  const place = `${at}/value`;
  const name = text('ruleValue');
  switch (shape.takes(words, compare)) {
    case 'none':
      return [];
    case 'number': {
      const unit = shape.unitOf(words, compare);
      const words_ = unit === 'duration' ? text('dashboard_secondsUnit') : unit === 'percent' ? '%' : '';
      const isWhole = compare.window?.figure === 'count' || /Waiting|PerMinute/.test(String(compare.field));
      const { box, input } = numberBox(place, name, unit, { words: words_, ...(isWhole && { step: 1 }) });
      return [labelled(input, name, box)];
    }
    case 'text': {
      const box = textBox(place, { read: (typed) => (typed === '' ? null : typed) });
      if (compare.field === 'queue') box.setAttribute('list', 'queues-heard');
      return [labelled(box, name)];
    }
    default: {
      const show = (/** @type {unknown} */ value) => (Array.isArray(value) ? value.join(', ') : String(value ?? ''));
      const box = textBox(place, { show, read: (typed) => lines(typed.replaceAll(',', '\n')) });
      box.setAttribute('placeholder', text('ruleValuesHint'));
      return [labelled(box, text('ruleValues'))];
    }
  }
}
