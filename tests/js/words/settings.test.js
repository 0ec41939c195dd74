/** Every setting of the schema has its words and its place on the settings page. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { messages } from '../lib/words.js';

const extension = join(import.meta.dirname, '../../../extension');
const read = (/** @type {string} */ file) => readFileSync(join(extension, file), 'utf8');
/** @type {[string, { enum?: string[], 'x-section': string }][]} */
const settings = Object.entries(JSON.parse(read('settings.schema.json')).properties).filter(
  ([name]) => !['$schema', 'rules'].includes(name),
);

test('every setting has a label, a hint, and a word for each choice', () => {
  assert.ok(settings.length > 20);
  const wanted = settings.flatMap(([name, { enum: choices = [] }]) => [
    `field_${name}`,
    `field_${name}_hint`,
    ...choices.map((choice) => `choice_${name}_${choice}`),
  ]);
  assert.deepEqual(
    wanted.filter((key) => !(key in messages)),
    [],
  );
});

test('every section of a setting is one of the page', () => {
  const page = read('options/fields.js');
  const sections = new Set(settings.map(([, setting]) => setting['x-section']));
  assert.deepEqual(
    [...sections].filter((section) => !page.includes(`settings('${section}'`)),
    [],
  );
});
