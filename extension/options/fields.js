/** The sections of the page. Which settings stand in each, and what is a good value, is Rust's to say. */
import { specs } from '../lib/specs.js';

/** The settings of a section, in order. @param {string} section */
const settings = (section) => Object.keys(specs).filter((name) => specs[name]?.['x-section'] === section);

/** Each with its settings, and the marks (`#…`) of what stands around them. @type {{ name: string, parts: string[] }[]} */
export const SECTIONS = [
  { name: 'connection', parts: [...settings('connection'), '#test'] },
  { name: 'rules', parts: settings('rules') },
  { name: 'card', parts: ['#preview', ...settings('card')] },
  { name: 'limits', parts: [...settings('limits'), '#snooze'] },
  { name: 'privacy', parts: [...settings('privacy'), '#clear'] },
  { name: 'data', parts: ['#transfer'] },
];
