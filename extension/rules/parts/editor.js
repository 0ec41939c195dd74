/** The form of one rule. It is drawn anew as the shape of the rule changes; while a person types, only what depends on it changes. */
import { element } from '../../lib/parts/dom.js';
import { find } from '../../lib/parts/page.js';
import { preview, showCard } from '../../lib/parts/preview.js';
import { text } from '../../lib/words/text.js';
import * as checked from '../checked.js';
import * as draft from '../draft.js';
import { examples as exampleList, showVerdicts } from '../examples/list.js';
import { nearest, ofRule, why } from '../model/errors.js';
import { look, newRow } from '../model/shape.js';
import { sentence } from '../model/sentence.js';
import { completing } from './complete.js';
import { condition } from './condition.js';
import { enter, field, numberBox, select, textBox, toggle } from './controls.js';
import { keepFocus } from './focus.js';
import { queues, schedule } from './scope.js';

/** @typedef {import('../../pkg/workbench.js').Vocabulary} Vocabulary */

const SEVERITIES = ['info', 'warning', 'success', 'error'];
const PLACEHOLDERS = ['queue', 'score', 'wait', 'waited', 'interaction'];

const root = find('#editor', HTMLElement);
/** @type {Vocabulary} */
let words;

/** @param {Vocabulary} vocabulary */
export function prepareEditor(vocabulary) {
  words = vocabulary;
  draft.subscribe((_, { typed }) => {
    if (!typed) draw();
    follow();
  });
  checked.subscribe(judge);
  root.addEventListener('focusout', draft.settle);
}

/** Draws the rule that is being edited. */
export function draw() {
  keepFocus(() => {
    const rule = draft.chosen();
    find('#no-rule', HTMLElement).hidden = rule !== undefined;
    root.hidden = rule === undefined;
    if (rule) find('.sections', HTMLElement, root).replaceChildren(...sections());
  });
  follow();
  judge(checked.get());
}

function sections() {
  return [
    section('ruleBasics', [
      element('div', { className: 'beside' }, field(text('ruleName'), textBox('/name')), severity(), mode()),
    ]),
    section('ruleWhen', [condition('/when', words), times()]),
    section('ruleEnds', [...clears(), endTimes(), once()]),
    section('ruleScope', [
      element('div', { className: 'beside wide' }, queues('include'), queues('exclude')),
      ...schedule(),
    ]),
    section('optionsCard', card()),
    section('ruleNote', [
      field(text('ruleNoteLabel'), textBox('/note', { lines: 2 })),
      element('div', { id: 'examples' }, ...exampleList()),
    ]),
  ];
}

/** @param {string} key @param {Node[]} parts */
function section(key, parts) {
  const heading = element('h3', { id: `${key}-title`, textContent: text(key) });
  const made = element('section', { className: 'section' }, heading, ...parts);
  made.setAttribute('aria-labelledby', heading.id);
  return made;
}

function severity() {
  const options = SEVERITIES.map((name) => /** @type {[string, string]} */ ([name, text(`choice_cardType_${name}`)]));
  return field(text('ruleSeverity'), select('/severity', options));
}

function mode() {
  const options = /** @type {[string, string][]} */ (
    ['live', 'shadow'].map((name) => [name, text(`ruleMode_${name}`)])
  );
  return field(text('ruleMode'), select('/mode', options));
}

/** @param {string} at @param {string} label @param {number} [step] */
function seconds(at, label, step = 5) {
  const { box, input } = numberBox(at, text(label), 'seconds', { words: text('dashboard_secondsUnit'), step });
  return field(text(label), input, { box, hint: text(`${label}_hint`) });
}

const times = () => element('div', { className: 'beside' }, seconds('/holdSeconds', 'ruleHold'));

const endTimes = () =>
  element(
    'div',
    { className: 'beside wide' },
    seconds('/keepFiringSeconds', 'ruleKeepFiring'),
    seconds('/cooldownSeconds', 'ruleCooldown', 30),
  );

function once() {
  const options = /** @type {[string, string][]} */ (
    ['interaction', 'rule', 'episode'].map((name) => [name, text(`ruleOnce_${name}`)])
  );
  return field(text('ruleOnce'), select('/once', options));
}

/** Another level at which the rule clears. */
function clears() {
  const on = look(draft.chosen(), '/clears') !== undefined;
  const start = () => ({ compare: { ...newRow().compare, operator: 'above', value: 0 } });
  const made = toggle(text('ruleClears'), on, '/clears', (on) => enter('/clears', on ? start() : undefined, false));
  return on ? [made, condition('/clears', words)] : [made];
}

function card() {
  const title = textBox('/card/title');
  const content = textBox('/card/content', { lines: 3 });
  const reason = textBox('/card/reason', { read: (typed) => (typed === '' ? undefined : typed) });
  const all = ['reason', ...PLACEHOLDERS];
  return [
    element(
      'div',
      { className: 'card-form' },
      element(
        'div',
        {},
        field(text('field_cardTitle'), title, { box: completing(title, all) }),
        field(text('field_cardContent'), content, { box: completing(content, all) }),
        field(text('ruleReason'), reason, { box: completing(reason, PLACEHOLDERS), hint: text('ruleReason_hint') }),
      ),
      preview(text),
    ),
  ];
}

/** What depends on what is typed. */
function follow() {
  const rule = draft.chosen();
  if (!rule) return;
  find('.rule-name', HTMLElement, root).textContent = String(rule.name ?? '');
  find('.rule-id', HTMLElement, root).textContent = text('ruleId', String(rule.id ?? ''));
  const { title, content, reason } = rule.card ?? {};
  const card = { type: String(rule.severity ?? 'warning'), title: String(title ?? ''), content: String(content ?? '') };
  showCard(find('.preview', HTMLElement, root), { ...card, reason: String(reason ?? rule.name ?? '') }, text);
}

/** Says what the core says. @param {checked.Verdict} verdict */
function judge({ errors, sentence: said, examples, failed }) {
  if (root.hidden) return;
  const own = ofRule(errors, draft.get().chosen);
  const line = find('.sentence', HTMLElement, root);
  const reading = said ? sentence(said, text) : text(failed ? 'diagnosis_wasmFailed_what' : 'ruleUnfinished', failed);
  if (line.textContent !== reading) line.textContent = reading;
  line.classList.toggle('muted', !said);
  showVerdicts(
    find('#examples', HTMLElement, root),
    own.map(({ at }) => at),
    examples,
  );

  const controls = new Map(
    [.../** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[data-at]'))].map((made) => [
      made.dataset.at ?? '',
      made,
    ]),
  );
  /** @type {Map<string, string[]>} */
  const wrong = new Map();
  /** @type {string[]} */
  const others = [];
  for (const error of own) {
    const place = nearest(error.at, [...controls.keys()]);
    if (place === undefined) others.push(text('ruleWrongAt', error.at, why(error, text)));
    else wrong.set(place, [...(wrong.get(place) ?? []), why(error, text)]);
  }
  for (const [place, made] of controls) blame(made, wrong.get(place)?.join(' ') ?? '');
  const list = find('.others', HTMLElement, root);
  list.hidden = others.length === 0;
  list.replaceChildren(...others.map((words) => element('li', { textContent: words })));
}

/** @param {HTMLElement} control @param {string} words */
function blame(control, words) {
  const line = document.getElementById(`${control.id}-error`);
  if (!line) return;
  if (line.textContent !== words) line.textContent = words;
  line.hidden = words === '';
  if (words && control.matches('input, select, textarea')) control.setAttribute('aria-invalid', 'true');
  else control.removeAttribute('aria-invalid');
}
