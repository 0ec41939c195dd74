/** `web-ext lint` finds no error, and no warning without a written reason; and no reason is left without its warning. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../../..');

/** @returns {Promise<{ code: string, message: string, file?: string }[]>} */
function lint() {
  const program = join(root, 'node_modules/web-ext/bin/web-ext.js');
  const flags = ['lint', '--source-dir', join(root, 'extension'), '--output', 'json', '--no-config-discovery'];
  return new Promise((resolve, reject) => {
    // `web-ext` exits with an error code when it finds an error; the test judges its report instead.
    execFile(process.execPath, [program, ...flags], { maxBuffer: 1 << 24 }, (error, output) => {
      try {
        const { errors, warnings, notices } = JSON.parse(output);
        resolve([...errors, ...warnings, ...notices]);
      } catch {
        reject(error ?? new Error(`no JSON: ${output}`));
      }
    });
  });
}

test('every message of web-ext lint has a written reason, and every reason its message', async () => {
  const table = readFileSync(join(root, 'tests/web-ext-lint.md'), 'utf8');
  const reasons = [...table.matchAll(/^\| `(\w+)` \| `([\w.]+)` \| `([\w./]+)` \|/gm)].map(([, code, what, file]) => ({
    code,
    what: what ?? '',
    file,
  }));
  const found = await lint();
  const fits = (/** @type {typeof found[0]} */ said, /** @type {typeof reasons[0]} */ reason) =>
    said.code === reason.code && said.file === reason.file && said.message.includes(reason.what);
  assert.deepEqual(
    found.filter((said) => !reasons.some((reason) => fits(said, reason))),
    [],
  );
  assert.deepEqual(
    reasons.filter((reason) => !found.some((said) => fits(said, reason))),
    [],
  );
});
