/** Which messages the worker accepts, from whom, and how large. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

// The module needs only the extension's own id and address from the browser.
Object.assign(globalThis, {
  chrome: { runtime: { id: 'own', getURL: (/** @type {string} */ path) => `chrome-extension://own/${path}` } },
});
const { isFromOurselves, isRequest } = await import('../../../extension/lib/browser/messages.js');

test('own pages are heard', () => {
  assert.ok(
    isFromOurselves({ id: 'own', origin: 'chrome-extension://own', url: 'chrome-extension://own/popup/popup.html' }),
  );
});

test('a browser that tells no origin is judged by the address', () => {
  assert.ok(isFromOurselves({ id: 'own', url: 'chrome-extension://own/popup/popup.html' }));
  assert.ok(!isFromOurselves({ id: 'own', url: 'https://acme.cxone.com/' }));
});

test('content scripts, other extensions and nobody are not heard', () => {
  assert.ok(!isFromOurselves({ id: 'own', origin: 'https://acme.cxone.com', url: 'https://acme.cxone.com/' }));
  assert.ok(!isFromOurselves({ id: 'other', origin: 'chrome-extension://other' }));
  assert.ok(!isFromOurselves({ id: 'own' }));
  assert.ok(!isFromOurselves({}));
  assert.ok(!isFromOurselves(undefined));
});

test('a request is an object with a kind', () => {
  assert.ok(isRequest({ kind: 'status' }));
  for (const other of [undefined, null, 'status', 7, {}, { kind: 7 }, []]) assert.ok(!isRequest(other));
});

test('rules may be as long as Rust reads them, and no longer', () => {
  assert.ok(isRequest({ kind: 'saveRules', text: 'x'.repeat(1024 * 1024), checkOnly: false }));
  assert.ok(!isRequest({ kind: 'saveRules', text: 'x'.repeat(1024 * 1024 + 2048), checkOnly: false }));
});

test('a request is of bounded size, however it is nested', () => {
  assert.ok(isRequest({ kind: 'save', text: 'x'.repeat(256 * 1024), checkOnly: true }));
  assert.ok(!isRequest({ kind: 'save', text: 'x'.repeat(5 * 1024 * 1024) }));
  assert.ok(!isRequest({ kind: 'save', deep: [{ text: 'x'.repeat(5 * 1024 * 1024) }] }));
});
