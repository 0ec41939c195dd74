/** Bytes of the WebAssembly, and how soon the worker can call it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { extensionFolder } from '../../lib/environment.mjs';
import { onStage, streamingFromOther } from '../../lib/scene.mjs';

/** @returns {Promise<import('../row.mjs').Row[]>} */
export async function measureSize() {
  const modules = /** @type {const} */ ([
    ['the worker’s wasm', 'cuewire_bg.wasm', '≤ 150 KB', (/** @type {number} */ kilobytes) => kilobytes <= 150],
    ['the wasm of the pages that edit rules', 'workbench_bg.wasm', '', undefined],
  ]);
  return Promise.all(
    modules.map(async ([name, file, aim, holds]) => {
      const bytes = await readFile(join(extensionFolder, 'pkg', file));
      const own = [gzipSync(bytes, { level: 9 }).length / 1_000];
      return {
        name: `${name} (${Math.round(bytes.length / 1_000)} KB raw)`,
        unit: 'KB gzipped',
        own,
        aim,
        ...(holds && { holds }),
      };
    }),
  );
}

/** @param {number} runs @returns {Promise<import('../row.mjs').Row[]>} */
export async function measureReady(runs) {
  return onStage(async (stage) => {
    const { browser } = await streamingFromOther(stage);
    const worker = browser.context.serviceWorkers()[0];
    if (worker === undefined) throw new Error('there is no worker');
    const own = await worker.evaluate(compileInWorker, runs);
    return [
      {
        name: 'wasm ready in a worker',
        unit: 'ms',
        own,
        aim: '≤ 15 ms',
        holds: (/** @type {number} */ ms) => ms <= 15,
      },
    ];
  });
}

/** Runs in the worker: compiles the module and makes an instance. @param {number} runs */
async function compileInWorker(runs) {
  const bytes = new Uint8Array(await (await fetch('/pkg/cuewire_bg.wasm')).arrayBuffer());
  const spans = [];
  for (let run = 0; run < runs; run += 1) {
    // The browser keeps what it compiled, so each run has a section of its own (custom, named "r").
    const own = new Uint8Array([0, 6, 1, 114, ...crypto.getRandomValues(new Uint8Array(4))]);
    const all = new Uint8Array(bytes.length + own.length);
    all.set(bytes);
    all.set(own, bytes.length);
    const begun = performance.now();
    const module = await WebAssembly.compile(all);
    /** @type {Record<string, Record<string, any>>} */
    const imports = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      const named = imports[from] ?? {};
      named[name] = () => 0;
      imports[from] = named;
    }
    await WebAssembly.instantiate(module, imports);
    spans.push(performance.now() - begun);
  }
  return spans;
}
