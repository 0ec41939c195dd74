/** Values as people type them, and what becomes of a row as its field, window or operator changes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as shape from '../../../extension/rules/model/shape.js';
import { lines, read, shown, stepped } from '../../../extension/rules/model/value.js';
import { bench, setOf } from '../lib/workbench.js';

const words = bench.vocabulary();

test('waits are typed in seconds, and confidence in per cent', () => {
  assert.equal(shown(120_000, 'duration'), '120');
  assert.equal(read('90.5', 'duration'), 90_500);
  assert.equal(shown(0.07, 'percent'), '7');
  assert.equal(read('7', 'percent'), 0.07);
});

test('a number may have a comma or a true minus; what is none stays as typed, and nothing is null', () => {
  assert.equal(read('−0,5', 'plain'), -0.5);
  assert.equal(read(' 1e3 ', 'plain'), 1000);
  assert.equal(read('abc', 'duration'), 'abc');
  assert.equal(read('1,2,3', 'plain'), '1,2,3');
  assert.equal(read('  ', 'plain'), null);
  assert.equal(shown('abc', 'duration'), 'abc');
  assert.equal(shown(null, 'plain'), '');
});

test('a step leaves no tail of decimals, and starts from zero where there is no number', () => {
  assert.equal(stepped('-0.3', 'plain', 1), '-0.2');
  assert.equal(stepped('0.1', 'plain', 2), '0.3');
  assert.equal(stepped('x', 'seconds', -1), '-5');
  assert.equal(stepped('3', 'plain', 1, 1), '4');
});

test('lines are names without what surrounds them', () => {
  assert.deepEqual(lines(' billing \n\n sales'), ['billing', 'sales']);
});

test('a place is read and written by its pointer, made on the way, and removed', () => {
  const rule = { card: {} };
  shape.put(rule, '/queues/include', ['a']);
  shape.put(rule, '/card/a~1b~0', 1);
  assert.deepEqual(rule, { queues: { include: ['a'] }, card: { 'a/b~': 1 } });
  assert.equal(shape.look(rule, '/card/a~1b~0'), 1);
  assert.equal(shape.look(rule, '/schedule/from'), undefined);
  shape.put(rule, '/queues', undefined);
  assert.ok(!('queues' in rule));
});

test('a copy has an id and a name of its own', () => {
  const others = [
    { id: 'long-wait', name: 'Long wait' },
    { id: 'long-wait-2', name: 'Long wait (2)' },
  ];
  assert.deepEqual(shape.named({ id: 'long-wait', name: 'Long wait' }, others), {
    id: 'long-wait-3',
    name: 'Long wait (3)',
  });
  assert.deepEqual(shape.named({ id: 'new', name: 'New' }, others), { id: 'new', name: 'New' });
});

const accepts = (/** @type {object} */ compare) => bench.check(setOf({ when: { compare } }));

test('whatever field is chosen, the row is right as soon as it has a value', () => {
  for (const { name } of [...words.fields, { name: '/vip' }]) {
    for (const start of [shape.newRow().compare, { field: 'queue', operator: 'oneOf', value: ['a'] }]) {
      const next = shape.withField(words, start, name);
      const filled = next.value === null ? { ...next, value: 'a' } : next;
      assert.equal(accepts(filled).kind, 'rules', JSON.stringify(next));
    }
  }
});

test('whatever operator is chosen, the value is of its kind or asked for', () => {
  for (const { name, holds } of [...words.fields, { name: '/vip', holds: 'anything' }]) {
    const start = shape.withField(words, shape.newRow().compare, name);
    for (const operator of words.operators.filter(({ suits }) => suits.includes(holds))) {
      const next = shape.withOperator(words, start, operator.name);
      const checked = accepts(next);
      const codes = checked.kind === 'rejected' ? checked.value.map(({ code }) => code) : [];
      assert.ok(
        codes.every((code) => ['required', 'empty'].includes(code)),
        `${JSON.stringify(next)} ${codes}`,
      );
    }
  }
});

test('whatever window is chosen, the operator compares numbers', () => {
  const starts = [
    shape.newRow().compare,
    { field: '/vip', operator: 'isTrue' },
    { field: '/vip', operator: 'is', value: 'a' },
  ];
  for (const start of starts) {
    for (const kind of /** @type {const} */ (['values', 'seconds'])) {
      const next = shape.withWindow(words, start, kind);
      assert.equal(accepts({ ...next, value: next.value ?? 1 }).kind, 'rules', JSON.stringify(next));
    }
  }
});

test('a count is a plain number, whatever it counts', () => {
  const compare = { field: 'queueWaitMs', window: { figure: 'count', values: 3 } };
  assert.equal(shape.unitOf(words, compare), 'plain');
  assert.equal(shape.unitOf(words, { field: 'queueWaitMs' }), 'duration');
});
