/** The gallery: a rule that a person adds speaks the language of the page, under the same id in each. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { named } from '../../../extension/rules/model/shape.js';
import { hint, spoken } from '../../../extension/rules/model/spoken.js';
import { readable } from '../lib/workbench.js';
import { textIn } from '../lib/words.js';

/** @typedef {import('../../../extension/rules/draft.js').Rule} Rule */

/** @type {Rule[]} */
const rules = JSON.parse(
  readFileSync(new URL('../../../extension/rules/model/gallery.json', import.meta.url), 'utf8'),
).rules;
const LANGUAGES = ['de', 'es', 'fr', 'ja'];

/** As the core stores them. @param {Rule[]} rules @returns {Rule[]} */
const stored = (rules) => JSON.parse(readable(JSON.stringify({ version: 1, rules })).text).rules;

for (const language of ['en', ...LANGUAGES]) {
  test(`a rule of the gallery is stored with its name in ${language}, and with its own id`, () => {
    const text = textIn(language);
    const added = stored(rules.map((rule) => spoken(rule, text)));
    assert.deepEqual(
      added.map(({ id }) => id),
      rules.map(({ id }) => id),
    );
    const key = (/** @type {Rule} */ { id }) => id.replaceAll('-', '_');
    assert.deepEqual(
      added.map(({ name }) => name),
      rules.map((rule) => text(`preset_${key(rule)}_name`) || text(`rule_${key(rule)}`)),
    );
    for (const rule of rules) assert.notEqual(hint(rule, text), '', rule.id);
  });
}

test('no name of the gallery stays English in another language', () => {
  for (const language of LANGUAGES) {
    const same = rules.filter((rule) => spoken(rule, textIn(language)).name === rule.name);
    assert.deepEqual(same, [], language);
  }
});

test('the cards of the contract are the same in every language, those of the others are not', () => {
  const [negative, wait, ...others] = rules.map((rule) => spoken(rule, textIn('de')));
  assert.deepEqual([negative?.card, wait?.card], [rules[0]?.card, rules[1]?.card]);
  for (const { id, card } of others) assert.notEqual(card.title, rules.find((rule) => rule.id === id)?.card.title);
});

test('a second copy has an id and a name of its own, in the language of the page', () => {
  const first = spoken(rules[2] ?? {}, textIn('fr'));
  const second = named(first, [first]);
  assert.deepEqual([second.id, second.name], ['abrupt-drop-2', 'Chute brutale (2)']);
});

test('a name that is too long for a rule is cut, and the core takes it', () => {
  const long = spoken(rules[2] ?? {}, (key) => (key.endsWith('_name') ? 'x'.repeat(120) : textIn('en')(key)));
  assert.equal(stored([long])[0]?.name, 'x'.repeat(100));
});
