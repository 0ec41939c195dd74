/** The rules as they are edited: every edit can be undone, and whoever subscribes hears of each. */

/** A rule as its JSON has it; what is half typed is in there as it was typed. @typedef {Record<string, any>} Rule */
/** @typedef {{ rules: Rule[], chosen: number }} Draft the rule at `chosen` is being edited; −1: none is there */
/** @typedef {{ typed: boolean }} How a control shows already what was typed into it */
/** @typedef {(draft: Draft, how: How) => void} Listener */

/** Edits that can be undone. */
const MOST_UNDONE = 200;

/** @type {Draft} */
let draft = { rules: [], chosen: -1 };
/** The saved rules, as text. */
let saved = '[]';
/** @type {Draft[]} */
let past = [];
/** @type {Draft[]} */
let future = [];
/** What the last edit was about: typing in one field is one edit. @type {string | undefined} */
let about;
/** @type {Set<Listener>} */
const listeners = new Set();

/** @returns {Draft} never changed in place */
export const get = () => draft;

/** The rule that is being edited. @returns {Rule | undefined} */
export const chosen = () => draft.rules[draft.chosen];

/** The rule set as a text that the core reads. @param {Rule[]} [rules] */
export const text = (rules = draft.rules) => JSON.stringify({ version: 1, rules });

/** @param {Listener} listener hears of every later change @returns {() => void} ends that */
export function subscribe(listener) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/**
 * @param {(rules: Rule[]) => Rule[] | void} change gets a copy, to change or to replace
 * @param {{ about?: string, typed?: boolean, chosen?: number }} [how] edits `about` the same thing in a row are undone together
 */
export function edit(change, how = {}) {
  const copy = structuredClone(draft.rules);
  const rules = change(copy) ?? copy;
  const next = { rules, chosen: within(how.chosen ?? draft.chosen, rules) };
  if (how.about === undefined || how.about !== about) past = [...past.slice(1 - MOST_UNDONE), draft];
  about = how.about;
  future = [];
  become(next, how.typed ?? false);
}

/** Ends a row of edits about one thing. */
export function settle() {
  about = undefined;
}

/** @param {number} index */
export function choose(index) {
  about = undefined;
  become({ ...draft, chosen: within(index, draft.rules) }, false);
}

export const canUndo = () => past.length > 0;
export const canRedo = () => future.length > 0;

export const undo = () => step(past, future);
export const redo = () => step(future, past);

/** @param {Draft[]} from @param {Draft[]} to takes the present draft */
function step(from, to) {
  const other = from.pop();
  if (!other) return;
  to.push(draft);
  about = undefined;
  become(other, false);
}

/** Takes the saved rules; no earlier edit can be undone. @param {Rule[]} rules */
export function adopt(rules) {
  saved = JSON.stringify(rules);
  past = [];
  future = [];
  about = undefined;
  become({ rules, chosen: within(Math.max(0, draft.chosen), rules) }, false);
}

/** The saved rules, as they were adopted. @returns {Rule[]} */
export const inForce = () => JSON.parse(saved);

/** How many rules differ from the saved ones; a new order counts as one. */
export function changes() {
  if (saved === JSON.stringify(draft.rules)) return 0;
  const before = new Map(inForce().map((rule) => [rule.id, JSON.stringify(rule)]));
  const now = new Map(draft.rules.map((rule) => [rule.id, JSON.stringify(rule)]));
  const ids = new Set([...before.keys(), ...now.keys()]);
  return [...ids].filter((id) => before.get(id) !== now.get(id)).length || 1;
}

/** @param {Draft} next @param {boolean} typed */
function become(next, typed) {
  draft = next;
  for (const listener of listeners) listener(draft, { typed });
}

/** @param {number} index @param {Rule[]} rules */
const within = (index, rules) => Math.min(index, rules.length - 1);
