/** A rule's examples: added, copied, taken away, and made to agree, by the core that ships. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as draft from '../../../extension/rules/draft.js';
import * as model from '../../../extension/rules/model/example.js';
import { put } from '../../../extension/rules/model/shape.js';
import { bench, readable, setOf } from '../lib/workbench.js';

const LOW = { compare: { field: 'sentimentScore', operator: 'below', value: -0.5 } };
const gallery = JSON.parse(
  readFileSync(new URL('../../../extension/rules/model/gallery.json', import.meta.url), 'utf8'),
);

/** @param {object} rule */
const differences = (rule) => readable(setOf(rule)).examples[0] ?? [];

/** An example of an interaction with these scores, one a second. @param {number[]} scores @returns {model.Loose} */
const scored = (...scores) => ({
  name: '',
  events: scores.map((score, index) => ({ atMs: index * 1_000, event: { id: 'a', sentiment: { score } } })),
  fires: [],
});

test('a new example is one that the core runs, and comes after the others', () => {
  const before = [scored(0)];
  const after = model.withNew(before);
  assert.deepEqual([before.length, after.length, after[0]], [1, 2, before[0]]);
  assert.deepEqual(
    differences({ when: { compare: { field: 'sentimentScore', operator: 'above', value: 0.5 } }, examples: after }),
    [],
  );
  assert.equal(model.withNew(undefined).length, 1);
});

test('a copy stands behind its original and shares nothing with it', () => {
  const [first, second] = [scored(-0.1), scored(-0.2)];
  const all = model.withCopy([first, second], 0);
  assert.deepEqual(all, [first, first, second]);
  put(all[1], '/events/0/event/sentiment/score', 1);
  assert.equal(first.events[0].event.sentiment.score, -0.1);
});

test('a part taken away leaves the others, and the list before as it was', () => {
  const before = [scored(0.1), scored(0.2)];
  assert.deepEqual(model.without(before, 0), [before[1]]);
  assert.equal(before.length, 2);
});

test('a new event comes later than the last one, so that the core finds the events in order', () => {
  const example = scored(0, -0.6);
  const events = model.withEvent(example.events);
  assert.deepEqual(
    events.map(({ atMs }) => atMs),
    [0, 1_000, 11_000],
  );
  assert.notEqual(events[2]?.event, events[1]?.event);
  const checked = bench.check(setOf({ when: LOW, examples: [{ ...example, events }] }));
  assert.equal(checked.kind, 'rules');
  assert.equal(model.withEvent(undefined).length, 1);
});

test('a firing that should come is that of the last event, and the core agrees', () => {
  const example = scored(0, -0.6);
  assert.equal(differences({ when: LOW, examples: [example] }).length, 1);
  const fires = model.withFiring(example, { when: LOW });
  assert.deepEqual(fires, [{ atMs: 1_000, interaction: 'a', episode: 1 }]);
  assert.deepEqual(differences({ when: LOW, examples: [{ ...example, fires }] }), []);
});

test('firings are counted for an interaction only where the rule fires each time', () => {
  const rule = { when: LOW, once: 'episode' };
  const example = scored(-0.6, 0, -0.6);
  example.fires = [{ atMs: 0, interaction: 'a' }];
  const fires = model.withFiring(example, rule);
  assert.equal(fires[1]?.episode, 2);
  assert.deepEqual(differences({ ...rule, examples: [{ ...example, fires }] }), []);
  assert.equal(model.withFiring(example, { when: LOW })[1]?.episode, 1);
  assert.deepEqual(
    [model.isCounted(rule, []), model.isCounted({}, fires), model.isCounted({}, [])],
    [true, true, false],
  );
});

test('an example that expects what the rule does comes out as it says, whatever it said before', () => {
  for (const rule of gallery.rules) {
    const examples = rule.examples.map((/** @type {model.Loose} */ example, /** @type {number} */ index) => ({
      ...example,
      fires: index % 2 === 0 ? [] : [{ atMs: 7, interaction: 'nobody' }],
    }));
    const differing = differences({ ...rule, examples });
    assert.ok(differing.length > 0, rule.id);
    for (const difference of differing) {
      const example = examples[difference.example];
      example.fires = model.agreed(example.fires, difference);
    }
    assert.deepEqual(differences({ ...rule, examples }), [], rule.id);
  }
});

test('an expected firing that stands twice loses only the one that did not come', () => {
  const one = { atMs: 0, interaction: 'a' };
  const missing = [{ ...one, episode: 1 }];
  assert.deepEqual(model.agreed([one, one], { example: 0, missing, unexpected: [], unreadable: [] }), [one]);
});

test('agreeing twice to one verdict is agreeing once', () => {
  const difference = {
    example: 0,
    missing: [{ atMs: 5, interaction: 'a', episode: 1 }],
    unexpected: [{ atMs: 9, interaction: 'a', episode: 1 }],
    unreadable: [],
  };
  const once = model.agreed(difference.missing, difference);
  assert.deepEqual(once, difference.unexpected);
  assert.deepEqual(model.agreed(once, difference), once);
});

test('an example shows the fields that its rule names or that its events have', () => {
  const names = (/** @type {model.Loose} */ rule, example = scored(0)) =>
    model.fields(rule, example).map(({ name }) => name);
  const usual = ['sentimentScore', 'queueWaitMs', 'queue'];
  const of = (/** @type {string} */ field) => ({ compare: { field, operator: 'present' } });
  assert.deepEqual(names({ when: LOW }), usual);
  assert.deepEqual(names({ when: LOW, clears: { not: { any: [of('/vip'), of('/vip')] } } }), [...usual, '/vip']);
  assert.deepEqual(names({ when: of('queueWaiting') }), [...usual, 'type']);
  assert.deepEqual(names({ when: of('direction') }), [...usual, 'direction']);
  const typed = { events: [{ atMs: 0, event: { id: 'a', type: 'waiting' } }] };
  assert.deepEqual(names({ when: LOW }, /** @type {any} */ (typed)), [...usual, 'type']);
  assert.deepEqual(names({ when: of('/__proto__/x') }), usual);
  assert.deepEqual(names({ when: null }, /** @type {any} */ ({ events: 1 })), usual);
});

test('each field is written where the core reads it', () => {
  const values = /** @type {Record<string, unknown>} */ ({
    sentimentScore: -0.25,
    queueWaitMs: 5_000,
    queue: 'billing',
    type: 'waiting',
    sentimentConfidence: 0.5,
    direction: 'inbound',
  });
  const operator = (/** @type {string} */ name) => (typeof values[name] === 'number' ? 'equals' : 'is');
  for (const [name, value] of Object.entries(values)) {
    const rule = { when: { compare: { field: name, operator: operator(name), value } } };
    const found = model.fields(rule, undefined).find((field) => field.name === name);
    assert.ok(found, name);
    const example = { events: [{ atMs: 0, event: { id: 'a' } }], fires: [{ atMs: 0, interaction: 'a' }] };
    assert.equal(differences({ ...rule, examples: [example] }).length, 1, name);
    put(example, `/events/0/event${found.at}`, value);
    assert.deepEqual(differences({ ...rule, examples: [example] }), [], name);
  }
});

test('any value is shown so that it reads back as the same, and nothing is absent', () => {
  for (const value of ['gold', '', '12', 'true', 12, -0.5, true, null, ['a'], { a: 1 }]) {
    assert.deepEqual(model.readValue(model.shownValue(value)), value, JSON.stringify(value));
  }
  assert.equal(model.shownValue(undefined), '');
  assert.equal(model.readValue(''), undefined);
  assert.equal(model.shownValue('gold'), 'gold');
});

test('every edit of an example can be undone by itself', () => {
  draft.adopt([{ id: 'a', name: 'A', when: LOW, examples: [] }]);
  const edit = (/** @type {unknown} */ list) => draft.edit((rules) => put(rules[0], '/examples', list));
  const now = () => draft.chosen()?.examples;
  edit(model.withNew(now()));
  edit(model.withCopy(now(), 0));
  edit(model.without(now(), 0));
  edit([{ ...now()[0], fires: model.withFiring(now()[0], draft.chosen()) }]);
  assert.equal(now()[0].fires.length, 1);
  const seen = [];
  while (draft.canUndo()) {
    draft.undo();
    seen.push(now().length);
  }
  assert.deepEqual(seen, [1, 2, 1, 0]);
});
