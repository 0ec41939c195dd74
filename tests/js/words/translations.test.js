/** Every language says all that English says, with the same values in it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { messages } from '../lib/words.js';

const folder = new URL('../../../extension/_locales/', import.meta.url);
const languages = readdirSync(folder).filter((name) => name !== 'en');

/** @param {string} language @returns {Record<string, { message: string }>} */
const read = (language) => JSON.parse(readFileSync(new URL(`${language}/messages.json`, folder), 'utf8'));

/** `$1`, `{reason}` and the like, in any order. @param {string | undefined} message */
const values = (message) => (message?.match(/\$\d|\{\w+\}/g) ?? []).sort();

test('German, Spanish, French and Japanese are there', () => {
  assert.deepEqual(languages.sort(), ['de', 'es', 'fr', 'ja']);
});

test('no message stands twice, except where a language needs two forms', () => {
  const everyLanguage = ['en', ...languages].map((language) => read(language));
  const words = Object.keys(messages).map((key) => JSON.stringify(everyLanguage.map((all) => all[key]?.message)));
  assert.deepEqual(
    Object.keys(messages).filter((_, index) => words.indexOf(words[index] ?? '') !== index),
    [],
  );
});

for (const language of languages) {
  const translated = read(language);

  test(`${language} has every message, and no other`, () => {
    assert.deepEqual(Object.keys(translated).sort(), Object.keys(messages).sort());
    assert.equal(translated.language?.message, language);
  });

  test(`${language} has the same values in each message, and leaves none empty`, () => {
    for (const [key, { message }] of Object.entries(messages)) {
      assert.deepEqual(values(translated[key]?.message), values(message), key);
      assert.notEqual(translated[key]?.message.trim(), '', key);
      // `$1$2` is the name of a placeholder to Chromium, which then refuses the whole extension.
      assert.doesNotMatch(translated[key]?.message ?? '', /\$[\w@]+\$/, key);
    }
  });
}
