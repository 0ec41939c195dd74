/** Evidence as people read it, and as a file holds it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  askedWords,
  evidenceLine,
  fieldWords,
  ruleWords,
  seenWords,
  whyWords,
} from '../../../extension/lib/words/evidence.js';
import { text } from '../lib/words.js';

/** @typedef {import('../../../extension/lib/words/evidence.js').Evidence} Evidence */

/** @typedef {{ [Part in keyof Evidence]?: Evidence[Part] | undefined }} Parts */

/** @param {Parts} parts */
const evidence = (parts) =>
  /** @type {Evidence} */ ({
    rule: 'long-wait',
    field: 'queueWaitMs',
    seen: 125_000,
    operator: 'above',
    threshold: 120_000,
    verdict: true,
    ...parts,
  });

/** Units stand behind a space that does not break. @param {string} words */
const plain = (words) => words.replaceAll('\u00a0', ' ');

/** What is seen, and what is asked for. @param {Parts} parts */
const both = (parts) => {
  const one = evidence(parts);
  return plain(`${fieldWords(one, text)}: ${seenWords(one, text)}, ${askedWords(one, text)}`);
};

test('numbers, times and texts read as people write them', () => {
  assert.equal(both({}), 'Queue wait: 2 min 5 s, above 2 min');
  const score = { field: 'sentimentScore', seen: -0.72, operator: 'below', threshold: -0.5 };
  assert.equal(both(score), 'Sentiment: −0.72, below −0.5');
  const queue = { field: 'queue', seen: 'VIP', operator: 'oneOf', threshold: ['VIP', 'Gold'] };
  assert.equal(both(queue), 'Queue name: VIP, one of VIP, Gold');
});

test('missing data says so, and an operator that takes nothing stands alone', () => {
  const absent = { seen: undefined, operator: 'absent', threshold: undefined };
  assert.equal(both(absent), 'Queue wait: no data, absent');
});

test('a rule, a field or an operator without a text goes by its own name', () => {
  assert.equal(ruleWords('vip-waits', text), 'vip-waits');
  assert.equal(ruleWords('long-wait', text), 'Long wait');
  assert.equal(ruleWords('long-wait', text, [{ id: 'long-wait', name: 'Too long' }]), 'Too long');
  const unknown = { field: 'mood.now', seen: 'sour', operator: 'soundsLike', threshold: 'bitter' };
  assert.equal(both(unknown), 'mood.now: sour, soundsLike bitter');
});

test('the reason in few words is the rule with what it saw, and nothing of other rules', () => {
  const other = evidence({ rule: 'negative-sentiment', field: 'sentimentScore', seen: -0.9 });
  const words = (/** @type {Evidence[]} */ all) =>
    plain(whyWords({ rule: 'long-wait', reason: 'Because', evidence: all }, text));
  assert.equal(words([evidence({}), other]), 'Long wait · Queue wait 2 min 5 s');
  assert.equal(words([evidence({ verdict: false }), other]), 'Because');
  assert.equal(words([]), 'Because');
});

test('a file has each comparison with its verdict', () => {
  const all = [
    evidence({}),
    evidence({ field: 'queue', seen: 'a "b"; c', operator: 'oneOf', threshold: ['VIP'], verdict: false }),
    evidence({ seen: undefined, verdict: undefined }),
    evidence({ operator: 'present', threshold: undefined }),
  ];
  assert.equal(
    evidenceLine(all),
    'queueWaitMs 125000 above 120000 (true); queue "a \\"b\\"; c" oneOf ["VIP"] (false); ' +
      'queueWaitMs none above 120000 (none); queueWaitMs 125000 present (true)',
  );
});
