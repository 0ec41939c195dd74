/** Rules as JSON: places in them, names for new ones, and rows of a condition. */

/** @typedef {import('../draft.js').Rule} Rule */
/** @typedef {import('../../pkg/workbench.js').Vocabulary} Vocabulary */
/** @typedef {import('../../pkg/workbench.js').FieldName} FieldName */
/** @typedef {Record<string, any>} Compare */

/** What stands at a pointer. @param {any} json @param {string} pointer @returns {any} */
export const look = (json, pointer) => keys(pointer).reduce((part, key) => part?.[key], json);

/** Puts a value at a pointer, and makes what is missing on the way; `undefined` removes. @param {any} json @param {string} pointer @param {unknown} value */
export function put(json, pointer, value) {
  const path = keys(pointer);
  const last = path.pop() ?? '';
  let part = json;
  for (const key of path) {
    if (typeof part[key] !== 'object' || part[key] === null) part[key] = {};
    part = part[key];
  }
  if (value === undefined) delete part[last];
  else part[last] = value;
}

/** @param {string} pointer */
const keys = (pointer) =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));

/** A copy under an id and a name that no other rule has. @param {Rule} rule @param {Rule[]} others @returns {Rule} */
export function named(rule, others) {
  const copy = structuredClone(rule);
  const taken = (/** @type {string} */ key, /** @type {string} */ value) =>
    others.some((other) => other[key] === value);
  const stem = String(copy.id).replace(/-\d+$/, '').slice(0, 60);
  const name = String(copy.name)
    .replace(/ \(\d+\)$/, '')
    .slice(0, 94);
  for (let count = 2; taken('id', copy.id); count += 1) copy.id = `${stem}-${count}`;
  for (let count = 2; taken('name', copy.name); count += 1) copy.name = `${name} (${count})`;
  return copy;
}

/** What a field holds, and how its numbers are written; of a pointer nothing is known. @param {Vocabulary} words @param {unknown} name @returns {FieldName} */
export function field(words, name) {
  const known = words.fields.find((field) => field.name === name);
  return known ?? { name: String(name ?? ''), holds: 'anything', unit: 'plain', isOfQueue: false };
}

/** Whether a field can have a window. @param {FieldName} field */
export const hasWindow = (field) => field.holds !== 'text' && !field.isOfQueue;

/** How the number of a comparison is written. @param {Vocabulary} words @param {Compare} compare */
export const unitOf = (words, compare) =>
  compare.window?.figure === 'count' ? 'plain' : field(words, compare.field).unit;

/** The operators that suit a comparison. @param {Vocabulary} words @param {Compare} compare */
export function operators(words, compare) {
  const holds = compare.window ? 'number' : field(words, compare.field).holds;
  return words.operators.filter(({ suits }) => suits.includes(holds));
}

/** What an operator takes. @param {Vocabulary} words @param {Compare} compare */
export const takes = (words, compare) => words.operators.find(({ name }) => name === compare.operator)?.takes ?? 'none';

/** A value to start from, in a rule's own unit. @type {Record<string, number>} */
const STARTS = {
  sentimentScore: -0.5,
  sentimentConfidence: 0.6,
  queueWaitMs: 120_000,
  queueWaiting: 5,
  queueLongestWaitMs: 300_000,
  queueMeanSentiment: -0.3,
  queueArrivalsPerMinute: 10,
  queueTriggersPerMinute: 3,
};

/** Fields of which a low number is the bad one. */
const LOW = ['sentimentScore', 'queueMeanSentiment'];

/** A first row. @returns {{ compare: Compare }} */
export const newRow = () => ({ compare: { field: 'sentimentScore', operator: 'below', value: STARTS.sentimentScore } });

/** A comparison that looks at another field. @param {Vocabulary} words @param {Compare} compare @param {string} name @returns {Compare} */
export function withField(words, compare, name) {
  /** @type {Compare} */
  const next = { field: name, ...(compare.window && { window: compare.window }), operator: compare.operator };
  if (!hasWindow(field(words, name))) delete next.window;
  const suiting = operators(words, next);
  const wanted = LOW.includes(name) ? 'below' : name in STARTS ? 'above' : 'is';
  const operator = suiting.find((operator) => operator.name === wanted) ?? suiting[0];
  return withOperator(words, { ...next, value: STARTS[name] ?? null }, operator?.name ?? '');
}

/** A comparison by another operator; its value stays where the operator takes such a value. @param {Vocabulary} words @param {Compare} compare @param {string} operator @returns {Compare} */
export function withOperator(words, compare, operator) {
  /** @type {Compare} */
  const next = { ...compare, operator };
  const kind = takes(words, next);
  const { value } = compare;
  if (kind === 'none') delete next.value;
  else if (kind === 'number') next.value = typeof value === 'number' ? value : (STARTS[String(compare.field)] ?? null);
  else if (kind === 'texts')
    next.value = Array.isArray(value) ? value : typeof value === 'string' && value ? [value] : [];
  else next.value = Array.isArray(value) ? (value[0] ?? null) : typeof value === 'string' ? value : null;
  return next;
}

/** A comparison over another window: none, so many values, or so many seconds. @param {Vocabulary} words @param {Compare} compare @param {'now' | 'values' | 'seconds'} kind @returns {Compare} */
export function withWindow(words, compare, kind) {
  const { window, ...rest } = compare;
  const figure = window?.figure ?? 'mean';
  const next = kind === 'now' ? rest : { ...rest, window: { figure, [kind]: kind === 'values' ? 5 : 60 } };
  const suits = operators(words, next).some(({ name }) => name === next.operator);
  return suits ? next : withOperator(words, next, 'above');
}
