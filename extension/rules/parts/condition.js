/** A condition as rows and groups, each of which can be moved, wrapped, added and removed by mouse or keys. */
import { element, icon } from '../../lib/parts/dom.js';
import { text } from '../../lib/words/text.js';
import * as draft from '../draft.js';
import { look, newRow, put } from '../model/shape.js';
import * as tree from '../model/tree.js';
import { button, errorLine, placed } from './controls.js';
import { focusNext } from './focus.js';
import { handle } from './reorder.js';
import { row } from './row.js';

/** @typedef {import('../model/tree.js').Path} Path */
/** @typedef {import('../model/tree.js').Node} Node */
/** @typedef {import('../../pkg/workbench.js').Vocabulary} Vocabulary */
/** What all parts of one condition share. @typedef {{ base: string, words: Vocabulary, root: Node }} Shared */

const CROSS = 'm6 6 12 12M18 6 6 18';
const BRACKETS = 'M8 4H5v16h3M16 4h3v16h-3M9 12h6';
const OPEN = 'M5 4v16M19 4v16M9 9l3-3 3 3M9 15l3 3 3-3';

/** @param {'/when' | '/clears'} base @param {Vocabulary} words */
export function condition(base, words) {
  const shared = { base, words, root: look(draft.chosen(), base) ?? {} };
  return element('div', { className: 'condition' }, part(shared, []));
}

/** @param {Shared} shared @param {Path} path @returns {HTMLElement} */
function part(shared, path) {
  const node = tree.at(shared.root, path);
  const shape = tree.read(node);
  const made = element('div', { className: `part ${shape.is}`, role: 'group' });
  Object.assign(made.dataset, { base: shared.base, path: path.join('.') });
  if (shape.is === 'row') {
    made.setAttribute('aria-label', text('ruleCondition', (path.at(-1) ?? 0) + 1));
    const at = `${shared.base}${tree.pointer(shared.root, path)}/compare`;
    made.append(...lead(shared, path), ...row(at, shared.words), tools(shared, path, shape));
    if (path.length === 0) return element('div', {}, made, adders(shared, path, 1));
  } else if (shape.is === 'group') {
    made.setAttribute('aria-label', text(`ruleGroup_${shape.kind}`));
    const parts = shape.parts.map((_, index) => part(shared, [...path, index]));
    const head = element(
      'div',
      { className: 'group-head' },
      ...lead(shared, path),
      kind(shared, path, shape),
      tools(shared, path, shape),
    );
    made.append(head, element('div', { className: 'parts' }, ...parts), adders(shared, path, shape.parts.length));
  } else {
    const line = placed(
      element('p', { className: 'muted', tabIndex: -1, textContent: text('ruleOdd') }),
      `${shared.base}${tree.pointer(shared.root, path)}`,
    );
    made.append(...lead(shared, path), line, errorLine(line), tools(shared, path, shape));
  }
  return made;
}

/** @param {Shared} shared @param {Path} path */
function lead(shared, path) {
  if (path.length === 0) return [];
  const key = (/** @type {Path} */ path) => `move${shared.base}.${path.join('.')}`;
  const go = (/** @type {Path} */ to, /** @type {number} */ index) => {
    const moved = tree.move(shared.root, path, to, index);
    focusNext(key(moved.path));
    change(shared, () => moved.root);
  };
  const name = text('ruleCondition', (path.at(-1) ?? 0) + 1);
  return [
    handle({
      name,
      key: key(path),
      places: '.part',
      press: (pressed) => {
        const found = tree.target(shared.root, path, pressed);
        if (found) go(found.to, found.index);
        return found !== undefined || pressed === 'ArrowUp' || pressed === 'ArrowDown';
      },
      drop: (over, after) => {
        const place = (over.dataset.path ?? '')
          .split('.')
          .filter((index) => index !== '')
          .map(Number);
        if (over.dataset.base !== shared.base || tree.isWithin(place, path)) return;
        const last = place.at(-1);
        if (last === undefined) go([], after ? tree.parts(shared.root).length : 0);
        else go(place.slice(0, -1), after ? last + 1 : last);
      },
    }),
  ];
}

/** What a group asks of its parts. @param {Shared} shared @param {Path} path @param {tree.Group} group */
function kind(shared, path, group) {
  const choice = element('select', {}, ...tree.KINDS.map((kind) => new Option(text(`ruleGroup_${kind}`), kind)));
  choice.value = group.kind;
  choice.setAttribute('aria-label', text('ruleGroupKind'));
  placed(choice, `${shared.base}${tree.pointer(shared.root, path)}`);
  choice.addEventListener('change', () => {
    const kind = /** @type {import('../model/tree.js').Kind} */ (choice.value);
    change(shared, (root) => tree.replace(root, path, (node) => tree.write(kind, tree.parts(node))) ?? root);
  });
  return element('span', { className: 'kind' }, choice, errorLine(choice));
}

/** @param {Shared} shared @param {Path} path @param {ReturnType<typeof tree.read>} shape */
function tools(shared, path, shape) {
  const made = element('span', { className: 'tools' });
  const add = (/** @type {string} */ label, /** @type {string} */ path, /** @type {() => void} */ act) => {
    const tool = button('', act, { label: text(label), className: 'tool' });
    tool.title = text(label);
    tool.append(icon(path));
    made.append(tool);
  };
  if (shape.is === 'group' && path.length > 0 && (shape.kind === 'all' || shape.kind === 'any')) {
    add('ruleUngroup', OPEN, () => change(shared, (root) => tree.unwrap(root, path)));
  }
  if (shape.is === 'row') add('ruleWrap', BRACKETS, () => change(shared, (root) => tree.wrap(root, path)));
  if (path.length > 0 && !isLast(shared.root, path)) {
    add('ruleRemove', CROSS, () => {
      focusNext(`add${shared.base}.${path.slice(0, -1).join('.')}`);
      change(shared, (root) => tree.remove(root, path));
    });
  }
  return made;
}

/** Whether nothing would be left. @param {Node} root @param {Path} path */
const isLast = (root, path) => path.every((_, depth) => tree.parts(tree.at(root, path.slice(0, depth))).length === 1);

/** @param {Shared} shared @param {Path} path of the group @param {number} index where the new part comes */
function adders(shared, path, index) {
  const add = (/** @type {Node} */ node) => {
    const root = tree.insert(shared.root, path, index, node);
    const inner = tree.read(node).is === 'group' ? [0] : [];
    focusNext(`${shared.base}${tree.pointer(root, [...path, index, ...inner])}/compare/field`);
    change(shared, () => root);
  };
  const group = path.join('.');
  return element(
    'p',
    { className: 'adders' },
    button(text('ruleAddCondition'), () => add(newRow()), { key: `add${shared.base}.${group}`, className: 'link' }),
    button(text('ruleAddGroup'), () => add(tree.write('any', [newRow()])), { className: 'link' }),
  );
}

/** @param {Shared} shared @param {(root: Node) => Node} to */
function change({ base }, to) {
  const { chosen } = draft.get();
  draft.edit((rules) => put(rules[chosen], base, to(look(rules[chosen], base))));
}
