/** A card as the agent sees it, with sample values. */
import { element } from './dom.js';
import { find } from './page.js';

/** A card's templates. @typedef {{ type: string, title: string, content: string, reason?: string | undefined }} Templates */

/** An empty preview. @param {import('../words/text.js').Text} text */
export const preview = (text) =>
  element(
    'figure',
    { className: 'preview' },
    element('figcaption', { className: 'small muted', textContent: text('optionsPreview') }),
    element('div', { className: 'card' }, element('p', { className: 'title' }), element('p', { className: 'content' })),
  );

/**
 * @param {HTMLElement} preview
 * @param {Templates} card
 * @param {import('../words/text.js').Text} text
 */
export function showCard(preview, { type, title, content, reason }, text) {
  /** @type {Record<string, string>} */
  const samples = {
    queue: text('sampleQueue'),
    score: '-0.72',
    wait: '48000ms',
    waited: '48 s',
    interaction: text('sampleInteraction'),
  };
  const fill = (/** @type {string} */ template) =>
    template.replace(/\{(\w+)\}/g, (whole, name) => samples[name] ?? whole);
  samples.reason = fill(reason ?? text('sampleReason'));
  find('.card', HTMLElement, preview).dataset.type = type;
  find('.title', HTMLElement, preview).textContent = fill(title);
  find('.content', HTMLElement, preview).textContent = fill(content);
}
