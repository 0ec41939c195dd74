/** What the rules page asks of the worker, and that its own WebAssembly is no second engine. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

/** @type {any[]} */
let asked = [];
/** @type {any} */
let answers = {};
Object.assign(globalThis, {
  chrome: {
    runtime: {
      sendMessage: async (/** @type {any} */ message) => {
        asked.push(message);
        return answers[message.kind];
      },
    },
  },
});
const { load, save } = await import('../../../extension/rules/stored.js');

test('the saved rules are read from the worker', async () => {
  answers = { rules: { kind: 'rules', value: { text: '{"version":1,"rules":[{"id":"a"}]}' } } };
  assert.deepEqual(await load(), [{ id: 'a' }]);
});

test('where no engine answers there are no rules to show', async () => {
  answers = { rules: { kind: 'wasmFailed', value: 'x' } };
  assert.equal(await load(), undefined);
});

test('rules are saved whole, and what the worker says is told', async () => {
  asked = [];
  answers = { saveRules: { kind: 'done' } };
  assert.deepEqual(await save('{}'), { is: 'done' });
  assert.deepEqual(asked, [{ kind: 'saveRules', text: '{}', checkOnly: false }]);
  const errors = [{ at: '/rules', code: 'required', values: [] }];
  answers = { saveRules: { kind: 'rulesRejected', value: errors } };
  assert.deepEqual(await save('{}'), { is: 'rejected', errors });
  answers = { saveRules: { kind: 'failed', value: 'no room' } };
  assert.deepEqual(await save('{}'), { is: 'failed', words: 'no room' });
});

test('the page’s worker loads the WebAssembly and nothing else of the extension', () => {
  const source = readFileSync(new URL('../../../extension/rules/worker.js', import.meta.url), 'utf8');
  const imported = [...source.matchAll(/\bimport\b[^;]*?from '([^']+)'/g)].map((match) => match[1]);
  assert.deepEqual(imported, ['../pkg/workbench.js']);
  assert.doesNotMatch(source, /\bEngine\b/);
});

test('a workbench touches no lock, no timer, no socket and no extension API', async () => {
  /** @type {string[]} */
  const touched = [];
  const guard = (/** @type {string} */ name) =>
    new Proxy(() => {}, {
      get: (_, key) => void touched.push(`${name}.${String(key)}`),
      apply: () => void touched.push(`${name}()`),
      construct: () => {
        touched.push(`new ${name}`);
        return {};
      },
    });
  const names = ['chrome', 'WebSocket', 'setTimeout', 'setInterval', 'fetch', 'indexedDB'];
  const before = Object.fromEntries(names.map((name) => [name, /** @type {any} */ (globalThis)[name]]));
  Object.assign(globalThis, Object.fromEntries(names.map((name) => [name, guard(name)])));
  try {
    const { bench, setOf } = await import('../lib/workbench.js');
    bench.vocabulary();
    const checked = bench.check(setOf({ when: { compare: { field: 'queue', operator: 'present' } } }));
    assert.equal(checked.kind, 'rules');
  } finally {
    Object.assign(globalThis, before);
  }
  assert.deepEqual(touched, []);
});
