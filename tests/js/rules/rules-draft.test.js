/** The draft: every edit can be undone, typing is one edit, and unsaved rules outlive a reload. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import * as draft from '../../../extension/rules/draft.js';
import { keep, recall } from '../../../extension/rules/kept.js';

/** @type {Record<string, string>} */
let session = {};
Object.assign(globalThis, {
  sessionStorage: {
    getItem: (/** @type {string} */ key) => session[key] ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void Object.assign(session, { [key]: value }),
    removeItem: (/** @type {string} */ key) => void delete session[key],
  },
});
keep();

const names = () => draft.get().rules.map(({ name }) => name);

beforeEach(() => {
  draft.adopt([
    { id: 'a', name: 'A' },
    { id: 'b', name: 'B' },
  ]);
  draft.choose(0);
  session = {};
});

test('an edit is undone and redone, with the rule that was chosen', () => {
  draft.edit((rules) => void rules.push({ id: 'c', name: 'C' }), { chosen: 2 });
  assert.deepEqual([names(), draft.get().chosen], [['A', 'B', 'C'], 2]);
  draft.undo();
  assert.deepEqual([names(), draft.get().chosen], [['A', 'B'], 0]);
  draft.redo();
  assert.deepEqual([names(), draft.get().chosen], [['A', 'B', 'C'], 2]);
});

test('what is typed into one field in a row is one edit', () => {
  const type = (/** @type {string} */ name) =>
    draft.edit((rules) => void Object.assign(rules[0] ?? {}, { name }), { about: 'name', typed: true });
  for (const name of ['x', 'xy', 'xyz']) type(name);
  draft.settle();
  type('xyz!');
  draft.undo();
  assert.deepEqual(names(), ['xyz', 'B']);
  draft.undo();
  assert.deepEqual(names(), ['A', 'B']);
  assert.ok(!draft.canUndo());
});

test('an edit after an undo ends what could be redone', () => {
  draft.edit((rules) => void rules.pop());
  draft.undo();
  draft.edit((rules) => void rules.reverse());
  assert.ok(!draft.canRedo());
});

test('what a listener got before is never changed in place', () => {
  const before = draft.get();
  draft.edit((rules) => void Object.assign(rules[0] ?? {}, { name: 'new' }));
  assert.equal(before.rules[0]?.name, 'A');
});

test('listeners hear of each change, until they end it', () => {
  /** @type {boolean[]} */
  const heard = [];
  const end = draft.subscribe((_, { typed }) => heard.push(typed));
  draft.edit(() => [], { typed: true });
  draft.undo();
  end();
  draft.redo();
  assert.deepEqual(heard, [true, false]);
});

test('changes are counted by rule, a new order is one, and none are left after going back', () => {
  draft.edit((rules) => void rules.reverse());
  assert.equal(draft.changes(), 1);
  draft.edit((rules) => void rules.push({ id: 'c', name: 'C' }));
  draft.edit((rules) => void Object.assign(rules[0] ?? {}, { name: 'new' }));
  assert.equal(draft.changes(), 2);
  draft.undo();
  draft.undo();
  draft.undo();
  assert.equal(draft.changes(), 0);
});

test('as the last rule goes, none is chosen', () => {
  draft.edit(() => []);
  assert.deepEqual([draft.get().chosen, draft.chosen()], [-1, undefined]);
});

test('unsaved rules come back after a reload, and once saved they do not', () => {
  draft.edit((rules) => void rules.pop());
  const kept = { ...session };
  draft.adopt(draft.inForce());
  session = kept;
  assert.equal(recall(), 'kept');
  assert.deepEqual(names(), ['A']);
  draft.adopt(draft.get().rules);
  assert.equal(recall(), 'none');
});

test('unsaved rules come back with a warning where others were saved meanwhile', () => {
  draft.edit((rules) => void rules.pop());
  const kept = { ...session };
  draft.adopt([{ id: 'c', name: 'C' }]);
  session = kept;
  assert.equal(recall(), 'conflict');
  assert.deepEqual(names(), ['A']);
});

test('what somebody else has put into the session is no draft', () => {
  for (const text of ['', '{', '[]', '{"rules":1}']) {
    session = { rules: text };
    assert.equal(recall(), 'none', text);
  }
});
