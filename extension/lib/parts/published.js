/** What the published service has beside its fields: the redirect address, its limits, and what a tenant needs for it. */
import * as ext from '../browser/ext.js';
import { element } from './dom.js';
import { text } from '../words/text.js';

/** How long the button says that the address was copied. */
const SAID_MS = 2_000;

/** @param {HTMLElement} box @returns {(way: import('../words/way.js').Way) => void} shows what belongs to a way to connect */
export function published(box) {
  const redirect = redirectField();
  const app = line('publishedNeedsApp');
  const key = line('publishedNeedsKey');
  box.append(
    redirect,
    ...list(
      'publishedLimits',
      ['publishedNoVoice', 'publishedLate', 'publishedMessages', 'publishedUntried'].map(line),
    ),
    ...list('publishedNeeds', [
      ...['publishedNeedsAcd', 'publishedNeedsMessages', 'publishedNeedsDigital'].map(line),
      app,
      key,
    ]),
  );
  return (way) => {
    box.hidden = way === 'stream';
    redirect.hidden = app.hidden = way !== 'nice';
    key.hidden = way !== 'accessKey';
  };
}

function redirectField() {
  const address = element('input', {
    id: 'redirect',
    type: 'text',
    readOnly: true,
    value: ext.redirectAddress() ?? '',
  });
  address.setAttribute('aria-describedby', 'redirect-hint');
  const button = element('button', { type: 'button', textContent: text('redirectCopy') });
  const said = element('span', { className: 'small muted' });
  said.setAttribute('role', 'status');
  button.addEventListener('click', async () => {
    address.select();
    await navigator.clipboard.writeText(address.value).catch(ext.report);
    said.textContent = text('redirectCopied');
    setTimeout(() => said.replaceChildren(), SAID_MS);
  });
  return element(
    'div',
    { className: 'field' },
    element('label', { htmlFor: 'redirect', textContent: text('redirectAddress') }),
    element('div', { className: 'copy' }, address, button, said),
    element('p', { id: 'redirect-hint', className: 'hint small muted' }, text('redirectHint')),
  );
}

/** @param {string} heading @param {HTMLElement[]} items */
const list = (heading, items) => [
  element('h3', { textContent: text(heading) }),
  element('ul', { className: 'small' }, ...items),
];

/** @param {string} key */
const line = (key) => element('li', { textContent: text(key) });
