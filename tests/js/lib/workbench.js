/** The workbench of the rules page, in Node: the WebAssembly that ships. */
import { readFileSync } from 'node:fs';
import { initSync, Workbench } from '../../../extension/pkg/workbench.js';

initSync({ module: readFileSync(new URL('../../../extension/pkg/workbench_bg.wasm', import.meta.url)) });

export const bench = new Workbench();

/** A rule set of one rule. @param {object} rule */
export const setOf = (rule) => JSON.stringify({ version: 1, rules: [{ id: 'a', name: 'A', ...rule }] });

/** Reads a text that must be right. @param {string} text */
export function readable(text) {
  const checked = bench.check(text);
  if (checked.kind !== 'rules') throw new Error(JSON.stringify(checked.value));
  return checked.value;
}
