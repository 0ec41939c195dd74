/** Every word that a page asks for is there, and every word that is there is asked for. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { messages } from '../lib/words.js';

const extension = join(import.meta.dirname, '../../../extension');
const sources = readdirSync(extension, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(?:js|html|json)$/.test(file) && !/^(?:pkg|_locales)\b|vendor/.test(file))
  .map((file) => readFileSync(join(extension, file), 'utf8'));
const all = sources.join('\n');

/** Keys that are put together from parts: `wrong_${code}` and the like. */
const COMPOSED =
  /^(?:diagnosis|field|choice|wrong|cardGivenUp|poll|rejection|reply|test|tokenFault|discoveryFault|value|operator|say|preset|rule|rule\w+)_|^options[A-Z][a-z]+(?:Lead)?$/;

test('every key that is written out has a message', () => {
  const asked = [
    ...all.matchAll(/data-(?:text|label|title|placeholder)="(\w+)"/g),
    ...all.matchAll(/\btext\(\s*'(\w+)'/g),
    ...all.matchAll(/__MSG_(\w+)__/g),
  ];
  assert.ok(asked.length > 30);
  assert.deepEqual(
    asked.map((match) => match[1] ?? '').filter((key) => !(key in messages)),
    [],
  );
});

test('every message is asked for', () => {
  const unused = Object.keys(messages).filter(
    (key) => !COMPOSED.test(key) && !new RegExp(`["'\`]${key}["'\`]|__MSG_${key}__`).test(all),
  );
  assert.deepEqual(unused, []);
});
