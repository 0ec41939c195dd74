/** The firings behind the figures: of the edited version, and beside the saved one. */
import { evidenceLine, whyWords } from '../../lib/words/evidence.js';
import { element } from '../../lib/parts/dom.js';
import { text } from '../../lib/words/text.js';
import { count } from '../../lib/words/words.js';

/** @typedef {import('../../pkg/workbench.js').Tried} Tried */
/** @typedef {import('../../pkg/workbench.js').Fired} Fired */
/** @typedef {'all' | 'onlySecond' | 'onlyFirst' | 'both'} Side */

/** The list stays open, and on its side, from one try to the next. */
let isOpen = false;
/** @type {Side} */
let side = 'all';

/** @type {Record<Side, string>} */
const WORDS = { all: 'effectSideAll', onlySecond: 'effectSideNew', onlyFirst: 'effectSideOld', both: 'effectSideBoth' };

/** How a list names times and rules. @typedef {{ moment: (at: number) => string, rules: { id: string, name: string }[] }} Names */

/** @param {Tried} tried @param {Names} names */
export function firings(tried, names) {
  const place = element('div', { className: 'scroll', tabIndex: 0, role: 'region' });
  place.ariaLabel = text('effectFirings');
  const show = () => place.replaceChildren(table(fired(tried), names));
  const details = /** @type {HTMLDetailsElement} */ (
    element('details', { open: isOpen }, element('summary', {}, text('effectFirings')), ...choice(tried, show), place)
  );
  details.addEventListener('toggle', () => {
    isOpen = details.open;
  });
  show();
  return details;
}

/** @param {Tried} tried @returns {Fired[]} */
function fired({ fired, sides }) {
  return side === 'all' || !sides ? fired : sides[side];
}

/** Which side of the two versions is listed. @param {Tried} tried @param {() => void} show @returns {HTMLElement[]} */
function choice({ count: { interactions }, compared, sides }, show) {
  if (!compared || !sides) return [];
  const counts = { all: interactions, ...compared };
  const choices = Object.entries(WORDS).map(([value, key]) => {
    const radio = /** @type {HTMLInputElement} */ (
      element('input', { type: 'radio', name: 'effect-side', value, checked: value === side })
    );
    radio.addEventListener('change', () => {
      side = /** @type {Side} */ (value);
      show();
    });
    return element('label', {}, radio, text(key, count(counts[/** @type {Side} */ (value)])));
  });
  return [element('fieldset', { className: 'sides' }, element('legend', {}, text('effectSides')), ...choices)];
}

/** @param {Fired[]} fired @param {Names} names */
function table(fired, { moment, rules }) {
  if (fired.length === 0) return element('p', { className: 'muted' }, text('effectNone'));
  const rows = fired.map((one) =>
    element(
      'tr',
      {},
      element('td', {}, moment(one.at)),
      element('td', {}, one.queue ?? '–'),
      element('td', {}, one.interaction.slice(0, 8)),
      element(
        'td',
        { title: evidenceLine(one.evidence) },
        whyWords(one, text, rules) + (one.inGap ? ` · ${text('effectInGap')}` : ''),
      ),
    ),
  );
  const heads = ['log_when', 'queue', 'effectInteraction', 'why'].map((key) =>
    element('th', { scope: 'col' }, text(key)),
  );
  return element('table', {}, element('thead', {}, element('tr', {}, ...heads)), element('tbody', {}, ...rows));
}
