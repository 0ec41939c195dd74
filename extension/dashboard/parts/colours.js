/** The tokens of the look as a canvas needs them: resolved for the current scheme. */

const FORCED = {
  accent: 'Highlight',
  attention: 'CanvasText',
  muted: 'CanvasText',
  hairline: 'GrayText',
  ok: 'CanvasText',
};

/** @typedef {keyof typeof FORCED} Token */

const forced = matchMedia('(forced-colors: active)');
const dark = matchMedia('(prefers-color-scheme: dark)');

/** @returns {Record<Token, string>} */
export function colours() {
  if (forced.matches) return FORCED;
  const probe = document.createElement('span');
  document.body.append(probe);
  const tokens = /** @type {Token[]} */ (Object.keys(FORCED));
  const resolved = tokens.map((token) => {
    probe.style.color = `var(--${token})`;
    return [token, getComputedStyle(probe).color];
  });
  probe.remove();
  return Object.fromEntries(resolved);
}

/** @param {() => void} listener */
export function onColours(listener) {
  forced.addEventListener('change', listener);
  dark.addEventListener('change', listener);
}
