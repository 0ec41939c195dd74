/** A condition as rows and groups: read, moved, wrapped, and never broken. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tree from '../../../extension/rules/model/tree.js';

const row = (/** @type {string} */ field) => ({ compare: { field, operator: 'present' } });
const [a, b, c, d] = [row('/a'), row('/b'), row('/c'), row('/d')];
const root = { all: [a, { any: [b, c] }, { not: d }] };

test('a group is one of four kinds, and says where its parts stand', () => {
  assert.deepEqual(tree.read({ not: { any: [a, b] } }), {
    is: 'group',
    kind: 'none',
    parts: [a, b],
    at: ['/not/any/0', '/not/any/1'],
  });
  assert.equal(/** @type {any} */ (tree.read({ not: { all: [a] } })).kind, 'notAll');
  assert.deepEqual(tree.read({ not: a }), { is: 'group', kind: 'none', parts: [a], at: ['/not'] });
  assert.deepEqual(tree.read(row('/a')), { is: 'row', compare: a.compare });
});

test('what is no condition is shown as odd, and kept', () => {
  for (const odd of [{}, { all: 1 }, { any: [a], all: [b] }, { some: [a] }, { not: null }, { compare: null }]) {
    assert.equal(tree.read(odd).is, 'odd', JSON.stringify(odd));
  }
  const kept = { all: [a, { some: 1 }] };
  assert.deepEqual(tree.insert(kept, [], 0, b), { all: [b, a, { some: 1 }] });
});

test('the pointer of a part is the one that Rust names', () => {
  assert.equal(tree.pointer(root, []), '');
  assert.equal(tree.pointer(root, [1, 1]), '/all/1/any/1');
  assert.equal(tree.pointer(root, [2, 0]), '/all/2/not');
  assert.equal(tree.pointer({ not: { all: [a, b] } }, [1]), '/not/all/1');
});

test('a part that is removed takes its empty group with it, and the last one stays', () => {
  assert.deepEqual(tree.remove(root, [2, 0]), { all: [a, { any: [b, c] }] });
  assert.deepEqual(tree.remove({ all: [{ any: [a] }] }, [0, 0]), { all: [{ any: [a] }] });
});

test('a condition that is a single row becomes a group as another comes', () => {
  assert.deepEqual(tree.insert(a, [], 1, b), { all: [a, b] });
  assert.deepEqual(tree.insert({ not: a }, [], 1, b), { not: { any: [a, b] } });
});

test('a part moves within its group, out of it and into another', () => {
  assert.deepEqual(tree.move(root, [0], [], 3), { root: { all: [{ any: [b, c] }, { not: d }, a] }, path: [2] });
  assert.deepEqual(tree.move(root, [1, 0], [], 0), { root: { all: [b, a, { any: [c] }, { not: d }] }, path: [0] });
  assert.deepEqual(tree.move(root, [0], [1], 1), { root: { all: [{ any: [b, a, c] }, { not: d }] }, path: [0, 1] });
});

test('the last part that leaves a group leaves no empty one', () => {
  const { root: after, path } = tree.move({ all: [{ any: [a] }, b] }, [0, 0], [], 2);
  assert.deepEqual([after, path], [{ all: [b, a] }, [1]]);
});

test('a group does not move into itself', () => {
  assert.deepEqual(tree.move(root, [1], [1], 0), { root, path: [1] });
});

test('the arrow keys go up and down in a group, left out of it, right into the neighbour', () => {
  assert.deepEqual(tree.target(root, [1], 'ArrowUp'), { to: [], index: 0 });
  assert.equal(tree.target(root, [0], 'ArrowUp'), undefined);
  assert.deepEqual(tree.target(root, [1], 'ArrowDown'), { to: [], index: 3 });
  assert.deepEqual(tree.target(root, [1, 1], 'ArrowLeft'), { to: [], index: 2 });
  assert.deepEqual(tree.target(root, [0], 'ArrowRight'), { to: [1], index: 0 });
  assert.deepEqual(tree.target(root, [2], 'ArrowRight'), { to: [1], index: 2 });
  assert.equal(tree.target(root, [0], 'ArrowLeft'), undefined);
});

test('wrapping makes the other kind of group, and dissolving undoes it', () => {
  const wrapped = tree.wrap(root, [0]);
  assert.deepEqual(wrapped, { all: [{ any: [a] }, { any: [b, c] }, { not: d }] });
  assert.deepEqual(tree.wrap(root, [1, 0]).all[1], { any: [{ all: [b] }, c] });
  assert.deepEqual(tree.unwrap(wrapped, [0]), root);
  assert.deepEqual(tree.unwrap(root, [1]), { all: [a, b, c, { not: d }] });
});

test('nothing is changed in place', () => {
  const before = structuredClone(root);
  tree.move(root, [0], [1], 0);
  tree.wrap(root, [1, 0]);
  tree.remove(root, [1]);
  assert.deepEqual(root, before);
});
