/** What all rules did together, each with its figures. */
import { element } from '../../lib/parts/dom.js';
import { text } from '../../lib/words/text.js';
import { count } from '../../lib/words/words.js';

/** @typedef {import('../../pkg/workbench.js').Count} Count */
/** @typedef {import('../../pkg/workbench.js').Progress} Progress */

/** @param {Progress} progress */
export function progressWords(progress) {
  if (progress.kind === 'running') return text('effectRunning', Math.round(progress.value * 100));
  const { firings, interactions, muted, grouped, shadow } = progress.value;
  return [
    text('effectAll', count(firings), count(interactions)),
    muted > 0 ? text('effectMuted', count(muted)) : '',
    grouped > 0 ? text('effectGrouped', count(grouped)) : '',
    shadow > 0 ? text('effectShadow', count(shadow)) : '',
  ]
    .filter(Boolean)
    .join(' ');
}

/** The rules in their order, those that never fire, too. @param {{ id: string, name: string }[]} rules @param {[string, Count][]} counted */
export function ruleTable(rules, counted) {
  const counts = new Map(counted);
  const columns = /** @type {const} */ (['firings', 'interactions', 'muted', 'grouped', 'shadow']);
  const heads = [
    'log_rule',
    'dashboard_cards',
    'effectInteractions',
    'effectMutedHead',
    'effectGroupedHead',
    'effectShadowHead',
  ];
  const rows = rules.map(({ id, name }) => {
    const own = counts.get(id);
    const cells = columns.map((column) => element('td', { className: 'number' }, count(own?.[column] ?? 0)));
    return element('tr', {}, element('th', { scope: 'row' }, name), ...cells);
  });
  return element(
    'table',
    {},
    element('thead', {}, element('tr', {}, ...heads.map((key) => element('th', { scope: 'col' }, text(key))))),
    element('tbody', {}, ...rows),
  );
}
