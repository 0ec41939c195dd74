/** A card as the agent sees it, with sample values. */
import { find } from '../lib/page.js';

/**
 * @param {HTMLElement} preview
 * @param {Map<string, import('../lib/form.js').Control>} controls
 * @param {import('../lib/text.js').Text} text
 */
export function showPreview(preview, controls, text) {
  /** @type {Record<string, string>} */
  const samples = {
    reason: text('sampleReason'),
    queue: text('sampleQueue'),
    score: '-0.72',
    wait: '48000ms',
    waited: '48 s',
    interaction: text('sampleInteraction'),
  };
  const fill = (/** @type {string} */ template) =>
    template.replace(/\{(\w+)\}/g, (whole, name) => samples[name] ?? whole);
  find('.card', HTMLElement, preview).dataset.type = controls.get('cardType')?.value;
  find('.title', HTMLElement, preview).textContent = controls.get('cardTitle')?.value ?? '';
  find('.content', HTMLElement, preview).textContent = fill(controls.get('cardContent')?.value ?? '');
}
