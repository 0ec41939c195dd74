/** The three ways to connect: their fields, and the hosts that the browser is asked for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { belongs, hintKeys, hostPatterns, SECRETS, secretOf, wayOf } from '../../../extension/lib/words/way.js';

const PUBLISHED = ['https://*.niceincontact.com/*', 'https://*.nice-incontact.com/*'];

test('a service and a sign-in are one way to connect', () => {
  assert.equal(wayOf({ service: 'stream', signIn: 'accessKey' }), 'stream');
  assert.equal(wayOf({}), 'stream');
  assert.equal(wayOf({ service: 'published', signIn: 'nice' }), 'nice');
  assert.equal(wayOf({ service: 'published', signIn: 'accessKey' }), 'accessKey');
});

test('each way has its own fields, and at most one secret', () => {
  assert.deepEqual(SECRETS, ['clientSecret', 'accessKeySecret']);
  assert.deepEqual(
    [secretOf('stream'), secretOf('accessKey'), secretOf('nice')],
    ['clientSecret', 'accessKeySecret', undefined],
  );
  assert.ok(belongs('organization', 'stream') && !belongs('organization', 'nice'));
  assert.ok(belongs('dryRun', 'stream') && belongs('dryRun', 'accessKey'), 'most fields belong to all');
  assert.deepEqual(hintKeys('clientId', 'nice'), [
    'field_clientId_hint_nice',
    'field_clientId_hint_published',
    'field_clientId_hint',
  ]);
});

test('the interaction stream is one host', () => {
  assert.deepEqual(hostPatterns({ organization: 'acme' }), ['https://acme.cxone.com/*']);
  assert.deepEqual(hostPatterns({}), []);
});

test('the published service is two domains, and a government or sovereign one its own', () => {
  const of = (/** @type {string} */ serviceAddress) => hostPatterns({ service: 'published', serviceAddress });
  assert.deepEqual(of(''), PUBLISHED);
  assert.deepEqual(of('https://cxone.staging.niceincontact.com'), PUBLISHED);
  assert.deepEqual(of('https://cxone-gov.niceincontact.com'), [...PUBLISHED, 'https://*.nicecxone-gov.com/*']);
  assert.deepEqual(of('https://nicecxone-sov1.uk'), ['https://*.nicecxone-sov1.uk/*']);
  assert.deepEqual(of('http://127.0.0.1:9000/issuer'), ['http://127.0.0.1/*']);
  assert.deepEqual(of('https://evilniceincontact.com'), ['https://evilniceincontact.com/*']);
  assert.deepEqual(of('nowhere'), []);
});

test('a host that the last test could not reach is asked for, too', () => {
  assert.deepEqual(hostPatterns({ service: 'published' }, 'api-x.nicecxone-gov.com'), [
    ...PUBLISHED,
    'https://api-x.nicecxone-gov.com/*',
  ]);
});
