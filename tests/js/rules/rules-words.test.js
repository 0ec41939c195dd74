/** The rules page speaks: sentences, mistakes, names and the gallery, by the core that ships. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { nearest, ofRule, why } from '../../../extension/rules/model/errors.js';
import { sentence } from '../../../extension/rules/model/sentence.js';
import { bench, readable, setOf } from '../lib/workbench.js';
import { messages, text } from '../lib/words.js';

const LOW = { compare: { field: 'sentimentScore', operator: 'below', value: -0.5 } };
const SURE = { compare: { field: 'sentimentConfidence', operator: 'atLeast', value: 0.6 } };
const gallery = JSON.parse(
  readFileSync(new URL('../../../extension/rules/model/gallery.json', import.meta.url), 'utf8'),
);
const plain = (/** @type {string} */ words) => words.replaceAll('\u00a0', ' ');

/** @param {object} rule */
function says(rule) {
  const [said] = readable(setOf(rule)).sentences;
  assert.ok(said);
  return plain(sentence(said, text));
}

test('a rule is read back as the core reads it in English', () => {
  assert.equal(
    says({ when: { all: [LOW, SURE] }, holdSeconds: 20, queues: { include: ['billing', 'sales'] } }),
    'When sentiment stays below −0.5 and confidence stays at least 60 % for 20 s in billing or sales, send a warning card, ' +
      'once per interaction, whichever rule is first.',
  );
});

test('times, hours, queues and the level at which it clears are said', () => {
  const said = says({
    when: LOW,
    severity: 'error',
    once: 'episode',
    cooldownSeconds: 90,
    keepFiringSeconds: 1.5,
    clears: { compare: { field: 'sentimentScore', operator: 'above', value: 0 } },
    queues: { exclude: ['test'] },
    schedule: { days: ['mon', 'fri'], from: '09:00', to: '17:30', zone: 'Europe/Berlin' },
  });
  assert.equal(
    said,
    'When sentiment is below −0.5, not in test, on Mon and Fri from 9:00 to 17:30 (Europe/Berlin), send an error card, each time. ' +
      'It clears when sentiment is above 0. It keeps firing for 1.5 s after that ends. It fires at most once in 1 min 30 s.',
  );
});

test('a group inside another stands in brackets, and a pointer for itself', () => {
  const any = { any: [{ compare: { field: '/vip', operator: 'isTrue' } }, { not: SURE }] };
  assert.match(
    says({ when: { all: [LOW, any] } }),
    /and \(\/vip is true or it is not so that confidence is at least 60 %\)/,
  );
});

test('windows and texts are said', () => {
  const slope = {
    compare: { field: 'queueWaitMs', window: { figure: 'slope', seconds: 90 }, operator: 'above', value: -5000 },
  };
  const names = { compare: { field: 'queue', operator: 'oneOf', value: ['a', 'b'] } };
  assert.match(says({ when: slope }), /the change of wait per minute over the last 1 min 30 s is above −5 s/);
  assert.match(says({ when: names }), /queue is one of “a” or “b”/);
});

test('every field, operator, figure and window has its words', () => {
  const { fields, operators, figures } = bench.vocabulary();
  const wanted = [
    ...fields.flatMap(({ name }) => [`ruleField_${name}`, `say_field_${name}`]),
    ...operators.flatMap(({ name }) => [`ruleOperator_${name}`, `say_is_${name}`]),
    ...figures.flatMap((name) => [`ruleFigure_${name}`, `say_figure_${name}`]),
    ...['info', 'warning', 'success', 'error', 'shadow'].map((name) => `say_card_${name}`),
    ...['interaction', 'rule', 'episode'].flatMap((name) => [`ruleOnce_${name}`, `say_once_${name}`]),
  ];
  assert.ok(wanted.length > 70);
  assert.deepEqual(
    wanted.filter((key) => !(key in messages)),
    [],
  );
});

test('a comparison that is says in the same words that it stays, as the core does in English', () => {
  for (const { name } of bench.vocabulary().operators) {
    const held = messages[`say_is_${name}`]?.message.replace(/^\$1 is /, '$1 stays ');
    const lasts = held?.startsWith('$1 stays ') ? held : undefined;
    assert.equal(messages[`say_stays_${name}`]?.message, lasts, name);
  }
});

test('every mistake that the core can name has its words', () => {
  const folder = new URL('../../../src/rules/text/', import.meta.url);
  const sources = readdirSync(folder).filter((file) => file.endsWith('.rs') && !/tests|schema/.test(file));
  const code = sources.map((file) => readFileSync(new URL(file, folder), 'utf8')).join('\n');
  const named = [
    ...code.matchAll(/(?:errors, |\.wrong(?:::<\(\)>)?\(errors, |errors\.add\([^;]*?, )"(\w+)"(?:, &\[&"(\w+)"\])?/g),
  ];
  const keys = named.map(([, name, kind]) => (name === 'wrongType' ? `wrongType_${kind}` : name));
  assert.ok(new Set(keys).size >= 25, `${new Set(keys).size} codes found`);
  assert.deepEqual(
    [...new Set(keys)].filter((key) => !(`ruleWrong_${key}` in messages)),
    [],
  );
});

test('a mistake is said with its bound, and an unknown one by its code', () => {
  const checked = bench.check(setOf({ when: LOW, holdSeconds: 86_401 }));
  assert.ok(checked.kind === 'rejected' && checked.value[0]);
  assert.equal(why(checked.value[0], text), 'At most 86400.');
  assert.equal(why({ at: '', code: 'brandNew', values: [] }, text), 'This is not valid (brandNew).');
});

test('a mistake with many values is said all the same, because browsers take nine', () => {
  const values = Array.from({ length: 15 }, (_, index) => String(index));
  let most = 0;
  const counting = (/** @type {string} */ key, /** @type {(string | number)[]} */ ...given) => {
    most = Math.max(most, given.length);
    return text(key, ...given);
  };
  assert.equal(why({ at: '', code: 'badChoice', values }, counting), 'Choose one of those that are offered.');
  assert.equal(most, 9);
});

test('a mistake belongs to its own rule, and to the control nearest to it', () => {
  const error = (/** @type {string} */ at) => ({ at, code: 'required', values: [] });
  const found = ofRule([error('/rules/1/when/all/0/compare/value'), error('/rules/10/name'), error('/rules/1')], 1);
  assert.deepEqual(
    found.map(({ at }) => at),
    ['/when/all/0/compare/value', ''],
  );
  const places = ['/name', '/when/all/0/compare/value', '/when/all/0/compare/window', '/card/title'];
  assert.equal(nearest('/when/all/0/compare/value', places), '/when/all/0/compare/value');
  assert.equal(nearest('/when/all/0/compare/window/seconds', places), '/when/all/0/compare/window');
  assert.equal(nearest('/card', places), '/card/title');
  assert.equal(nearest('/examples/0', places), undefined);
});

test('the rules of the gallery are right, and their examples come out as they say', () => {
  const { sentences, examples } = readable(JSON.stringify(gallery));
  assert.equal(sentences.length, 7);
  assert.deepEqual(examples, [[], [], [], [], [], [], []]);
  for (const rule of gallery.rules) assert.ok(rule.examples.length > 0, rule.id);
});

test('the first two of the gallery are the rules of the contract', () => {
  const [negative, wait] = gallery.rules;
  assert.deepEqual([negative.id, wait.id], ['negative-sentiment', 'long-wait']);
  assert.deepEqual(negative.when.all[0], LOW);
  assert.deepEqual(wait.when, { compare: { field: 'queueWaitMs', operator: 'above', value: 120_000 } });
});

test('what the gallery says in English is what its rules say', () => {
  const key = (/** @type {any} */ rule, /** @type {string} */ what) => `preset_${rule.id}_${what}`.replaceAll('-', '_');
  for (const rule of gallery.rules) {
    assert.ok(key(rule, 'hint') in messages, rule.id);
    if (!(key(rule, 'name') in messages)) continue;
    assert.equal(text(key(rule, 'name')), rule.name);
    assert.equal(text(key(rule, 'title')), rule.card.title);
    assert.equal(text(key(rule, 'reason')), rule.card.reason);
    if (rule.card.content) assert.equal(text(key(rule, 'content')), rule.card.content);
  }
});
