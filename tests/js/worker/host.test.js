/** The host permission that saving settings asks for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostPattern } from '../../../extension/lib/browser/host.js';

test('an organization is one host of the service', () => {
  assert.equal(hostPattern(' Acme ', ''), 'https://acme.cxone.com/*');
});

test('a service address comes first, without port and path', () => {
  assert.equal(hostPattern('acme', 'https://gateway.example.com:8443/cx'), 'https://gateway.example.com/*');
  assert.equal(hostPattern('', 'wss://gateway.example.com'), 'https://gateway.example.com/*');
  assert.equal(hostPattern('', 'http://127.0.0.1:8970'), 'http://127.0.0.1/*');
});

test('where there is no host there is nothing to ask for', () => {
  for (const address of ['', 'gateway', 'file:///etc/hosts', 'javascript:alert(1)']) {
    assert.equal(hostPattern('', address), undefined);
  }
});
