/** Every diagnosis of the core has its three sentences, and shows its values as people read them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { diagnosisWords, lasting, refusal } from '../../../extension/lib/words/diagnosis.js';
import { notification } from '../../../extension/lib/words/notification.js';
import { messages, text } from '../lib/words.js';

/** The names of an enumeration's variants, as the core derives them. @param {string} file @param {string} name */
function variants(file, name) {
  const source = readFileSync(new URL(`../../../src/${file}`, import.meta.url), 'utf8');
  const body = source.split(`pub enum ${name} {`)[1]?.split('\n}')[0] ?? '';
  return [...body.matchAll(/^ {4}([A-Z])(\w+)/gm)].map((match) => `${match[1]?.toLowerCase()}${match[2]}`);
}

const codes = variants('model/diagnosis.rs', 'Diagnosis');

/** @param {string} code @param {string[]} values @param {number} [now] */
const words = (code, values, now = 0) => {
  const { what, why, next, detail } = diagnosisWords({ code, values }, now, text);
  return { what: what.replaceAll('\u00a0', ' '), why, next, detail };
};

test('every code says what happened, why it usually does, and the one thing to do next', () => {
  assert.ok(codes.length > 20, 'the codes are found in the source');
  for (const code of [...codes, 'wasmFailed', 'scopeMissing_card']) {
    for (const part of ['what', 'why', 'next']) {
      assert.ok(messages[`diagnosis_${code}_${part}`]?.message, `diagnosis_${code}_${part}`);
    }
  }
});

test('no sentence is left for a code that the core does not know', () => {
  const known = new Set([...codes, 'wasmFailed', 'scopeMissing_card']);
  const told = Object.keys(messages).flatMap((key) => /^diagnosis_(\w+)_(?:what|why|next)$/.exec(key)?.[1] ?? []);
  assert.deepEqual(
    [...new Set(told)].filter((code) => !known.has(code)),
    [],
  );
});

test('a status is shown as one, and none as no answer', () => {
  assert.equal(words('credentialsRejected', ['401', 'who?']).what, 'Sign-in was refused (HTTP 401).');
  assert.equal(words('serverFailing', ['0']).what, 'The card service keeps failing (no answer).');
});

test('what the server said stands apart from our own words', () => {
  const { what, detail } = words('cardRefused', ['422', 'title too long']);
  assert.equal(detail, 'The server says: title too long');
  assert.doesNotMatch(what, /title/);
});

test('a wait is what is left of it', () => {
  assert.equal(words('rateLimited', ['41000'], 1_000).what, 'The server asked Cuewire to wait 40 s.');
});

test('a missing scope names the interaction, if it was one', () => {
  assert.match(words('scopeMissing', ['agentassist:write', '']).what, /lacks the permission agentassist:write/);
  assert.match(words('scopeMissing', ['agentassist:write', 'i-1']).why, /i-1/);
});

test('frames that are no events are said with their reason, which has words for each', () => {
  const reasons = variants('model/event.rs', 'Rejection');
  assert.ok(reasons.length > 5, 'the reasons are found in the source');
  for (const reason of reasons) assert.ok(messages[`rejection_${reason}`]?.message, reason);
  assert.match(words('eventsNotUnderstood', ['missingId']).what, /\(no interaction ID\)/);
});

test('an unusable token answer is said with its fault, which has words for each', () => {
  const faults = variants('api/grant.rs', 'TokenFault');
  assert.ok(faults.length > 4, 'the faults are found in the source');
  for (const fault of faults) assert.ok(messages[`tokenFault_${fault}`]?.message, fault);
  const { what, detail } = words('tokenUnusable', ['notBearer']);
  assert.match(what, /\(the token type is not Bearer\)/);
  assert.equal(detail, '', 'these are not the server’s words');
});

test('an unusable discovery answer is said with its fault and what that is about', () => {
  const discovery = readFileSync(new URL('../../../src/api/published/discovery.rs', import.meta.url), 'utf8');
  const faults = [...discovery.matchAll(/DiscoveryFault::\w+[^=]*=> "(\w+)"/g)].map((match) => match[1] ?? '');
  assert.ok(faults.length > 5, 'the faults are found in the source');
  for (const fault of faults) assert.ok(messages[`discoveryFault_${fault}`]?.message, fault);
  const { what } = words('discoveryUnusable', ['cxone.example', 'lacks', 'api_endpoint']);
  assert.equal(what, 'What cxone.example says about the service cannot be used: missing: api_endpoint');
});

test('a sign-in that ends says when, and a refused one what the service said', () => {
  assert.equal(words('signInSoon', ['601000'], 1_000).what, 'The sign-in with NICE ends in 10 min.');
  assert.equal(words('signInRefused', ['invalid_scope']).detail, 'The server says: invalid_scope');
});

test('where no server spoke, the browser is named', () => {
  assert.equal(words('signInClosed', ['No page.']).detail, 'The browser says: No page.');
  assert.equal(words('signInClosed', ['']).detail, '');
});

test('a request that was refused says why, in words of our own or of the browser', () => {
  for (const kind of /** @type {const} */ (['notReady', 'unusable', 'notUnderstood'])) {
    assert.equal(refusal({ kind }, text), messages[`reply_${kind}`]?.message);
  }
  assert.equal(refusal({ kind: 'failed', value: 'QuotaExceededError' }, text), 'QuotaExceededError');
  assert.equal(refusal({ kind: 'done' }, text), '');
});

test('trouble that lasts says since when, and new or light trouble does not', () => {
  const now = Date.now();
  assert.match(lasting({ tone: 'danger', since: now - 600_000 }, now, text), /^Since .+\.$/);
  assert.equal(lasting({ tone: 'danger', since: now - 5_000 }, now, text), '');
  assert.equal(lasting({ tone: 'attention', since: now - 600_000 }, now, text), '');
});

test('a code from a newer version is shown as it is', () => {
  assert.equal(words('somethingNew', ['1']).what, 'somethingNew');
});

test('notifications are grouped: one about triggers, one about trouble', () => {
  const rule = { id: 'vip', name: 'Important' };
  /** @type {import('../../../extension/pkg/cuewire.js').Evidence} */
  const seen = { rule: 'vip', field: 'sentimentScore', seen: -0.9, operator: 'below', threshold: -0.5, verdict: true };
  const card = (/** @type {object} */ parts) =>
    /** @type {any} */ ({ rule: 'vip', reason: 'Long', evidence: [], ...parts });
  const first = card({ queue: 'sales', evidence: [seen], entry: 7 });
  const one = notification({ about: 'triggers', count: 1, card: first, rule }, text);
  assert.deepEqual(one, {
    kind: 'triggers',
    about: '7',
    title: 'A card is due',
    message: 'Important · Sentiment −0.9 · sales',
  });
  const many = notification({ about: 'triggers', count: 3, card: card({ entry: 12 }), rule }, text);
  assert.deepEqual(many, { kind: 'triggers', about: '12', title: '3 cards are due', message: 'Long' });
  const trouble = notification(
    { about: 'trouble', diagnosis: { code: 'storageFull', tone: 'danger', values: [], at: 0, since: 0 } },
    text,
  );
  assert.equal(trouble.kind, 'trouble');
  assert.match(trouble.title, /no room/);
});
