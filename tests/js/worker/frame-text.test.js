import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../../..');

test('frame.js holds the module that text.wat describes', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'cuewire-text-'));
  t.after(() => rm(folder, { recursive: true }));
  const made = join(folder, 'text.wasm');
  const features = ['--enable-reference-types', '--enable-gc', '--enable-simd'];
  const source = join(root, 'src/web/stream/text.wat');
  execFileSync(join(root, 'node_modules/.bin/wasm-as'), [source, '-o', made, ...features]);
  const script = await readFile(join(root, 'src/web/stream/frame.js'), 'utf8');
  const held = /const TEXT = `\s*([^`]+)`/.exec(script)?.[1]?.replaceAll('\n', '');
  assert.equal(held, (await readFile(made)).toString('base64'));
});
