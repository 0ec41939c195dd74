/** The sections of the page. Rust says which settings stand in each, and judges their values. */
import { specs } from '../lib/words/specs.js';

/** The settings of a section, but for those placed by hand. @param {string} section @param {string[]} placed */
const settings = (section, ...placed) =>
  Object.keys(specs).filter((name) => specs[name]?.['x-section'] === section && !placed.includes(name));

/** Each section with its settings; a mark (`#…`) names a template. @type {{ name: string, parts: string[] }[]} */
export const SECTIONS = [
  { name: 'connection', parts: [...settings('connection'), '#published', '#test'] },
  { name: 'rules', parts: [...settings('rules'), '#rules-page'] },
  { name: 'card', parts: ['#preview', ...settings('card')] },
  { name: 'limits', parts: [...settings('limits', 'notify'), 'notify', '#snooze'] },
  { name: 'privacy', parts: ['maskIds', ...settings('privacy', 'maskIds'), '#clear'] },
  { name: 'data', parts: ['#transfer'] },
];
