/** What lies ready in the playground. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readable } from '../lib/workbench.js';

const folder = join(import.meta.dirname, '../../../www/playground');

test('the sample is what its script writes, in the order of time', () => {
  const sample = readFileSync(join(folder, 'sample.ndjson'), 'utf8');
  assert.equal(execFileSync(process.execPath, [join(folder, 'make-sample.js')], { encoding: 'utf8' }), sample);
  const times = sample
    .trim()
    .split('\n', 1_000)
    .map((line) => JSON.parse(line).atMs);
  assert.ok(times.length > 200);
  assert.deepEqual(
    times,
    times.toSorted((one, other) => one - other),
  );
});

test('the rule that lies ready is right', () => {
  const { sentences } = readable(readFileSync(join(folder, 'rules.json'), 'utf8'));
  assert.equal(sentences.length, 1);
  assert.equal(sentences[0]?.holdMs, 20_000);
});
