/**
 * A condition as rows and groups. Four kinds of groups: all, any, none (not any) and not all. A path names a part by its
 * place in each group from the outside in.
 */

/** @typedef {Record<string, any>} Node a condition's JSON */
/** @typedef {'all' | 'any' | 'none' | 'notAll'} Kind */
/** @typedef {number[]} Path */
/** @typedef {{ is: 'row', compare: Record<string, any> }} Row */
/** `at`: the pointers of the parts, from the group. @typedef {{ is: 'group', kind: Kind, parts: Node[], at: string[] }} Group */
/** What a form cannot show. @typedef {{ is: 'odd' }} Odd */

/** @type {Kind[]} */
export const KINDS = ['all', 'any', 'none', 'notAll'];

/** @param {Node} node @returns {Row | Group | Odd} */
export function read(node) {
  const [key, ...others] = Object.keys(node ?? {});
  const inside = key === undefined ? undefined : node[key];
  if (others.length > 0 || typeof inside !== 'object' || inside === null) return { is: 'odd' };
  if (key === 'compare') return { is: 'row', compare: inside };
  if (key === 'all' || key === 'any') return list(key, inside, `/${key}`);
  if (key !== 'not') return { is: 'odd' };
  if (Array.isArray(inside.all) && Object.keys(inside).length === 1) return list('notAll', inside.all, '/not/all');
  if (Array.isArray(inside.any) && Object.keys(inside).length === 1) return list('none', inside.any, '/not/any');
  return { is: 'group', kind: 'none', parts: [inside], at: ['/not'] };
}

/** @param {Kind} kind @param {unknown} parts @param {string} place @returns {Group | Odd} */
function list(kind, parts, place) {
  if (!Array.isArray(parts)) return { is: 'odd' };
  return { is: 'group', kind, parts, at: parts.map((_, index) => `${place}/${index}`) };
}

/** @param {Kind} kind @param {Node[]} parts @param {Node} [before] whose shape stays, where it can @returns {Node} */
export function write(kind, parts, before) {
  const [first = {}] = parts;
  switch (kind) {
    case 'all':
      return { all: parts };
    case 'any':
      return { any: parts };
    case 'notAll':
      return { not: { all: parts } };
    case 'none': {
      const wasPlain = before && 'not' in before && !before.not?.any && !before.not?.all;
      return wasPlain && parts.length === 1 && !('all' in first || 'any' in first)
        ? { not: first }
        : { not: { any: parts } };
    }
  }
}

/** @param {Node} root @param {Path} path @returns {Node} */
export function at(root, path) {
  return path.reduce((node, index) => parts(node)[index] ?? {}, root);
}

/** The JSON pointer of a part. @param {Node} root @param {Path} path */
export function pointer(root, path) {
  let [node, place] = [root, ''];
  for (const index of path) {
    const group = read(node);
    if (group.is !== 'group') break;
    place += group.at[index] ?? '';
    node = group.parts[index] ?? {};
  }
  return place;
}

/** @param {Node} node @returns {Node[]} */
export function parts(node) {
  const group = read(node);
  return group.is === 'group' ? group.parts : [];
}

/**
 * The tree with another part; a group without parts goes as well.
 *
 * @param {Node} root
 * @param {Path} path
 * @param {(node: Node) => Node | undefined} change
 * @returns {Node | undefined}
 */
export function replace(root, path, change) {
  const [index, ...rest] = path;
  if (index === undefined) return change(root);
  const group = read(root);
  if (group.is !== 'group') return root;
  const changed = replace(group.parts[index] ?? {}, rest, change);
  const after = group.parts.toSpliced(index, 1, ...(changed === undefined ? [] : [changed]));
  return after.length === 0 ? undefined : write(group.kind, after, root);
}

/** The tree without a part; the last one stays. @param {Node} root @param {Path} path @returns {Node} */
export const remove = (root, path) => replace(root, path, () => undefined) ?? root;

/** Puts a part into a group; a row that is no group becomes one. @param {Node} root @param {Path} path @param {number} index @param {Node} node @returns {Node} */
export function insert(root, path, index, node) {
  const into = (/** @type {Node} */ there) => {
    const group = read(there);
    if (group.is !== 'group') return write('all', index === 0 ? [node, there] : [there, node]);
    return write(group.kind, group.parts.toSpliced(index, 0, node), there);
  };
  return replace(root, path, into) ?? root;
}

/** Moves a part to a place in a group, which is not within the part; says where the part is then. @param {Node} root @param {Path} from @param {Path} to @param {number} index @returns {{ root: Node, path: Path }} */
export function move(root, from, to, index) {
  if (from.length === 0 || isWithin(to, from)) return { root, path: from };
  const node = at(root, from);
  const moved = structuredClone(node);
  const after = without(insert(root, to, index, moved), node) ?? root;
  return { root: after, path: find(after, moved) ?? from };
}

/** @param {Node} root @param {Node} node @returns {Path | undefined} */
function find(root, node) {
  if (root === node) return [];
  for (const [index, part] of parts(root).entries()) {
    const rest = find(part, node);
    if (rest) return [index, ...rest];
  }
  return undefined;
}

/** @param {Node} root @param {Node} node @returns {Node | undefined} */
function without(root, node) {
  if (root === node) return undefined;
  const group = read(root);
  if (group.is !== 'group') return root;
  const after = group.parts.map((part) => without(part, node));
  if (after.every((part, index) => part === group.parts[index])) return root;
  const left = after.filter((part) => part !== undefined);
  return left.length === 0 ? undefined : write(group.kind, left, root);
}

/** @param {Path} path @param {Path} outer */
export const isWithin = (path, outer) => outer.every((index, depth) => path[depth] === index);

/** Where an arrow key moves a part to: within its group, out of it, or into its neighbour. @param {Node} root @param {Path} path @param {string} key @returns {{ to: Path, index: number } | undefined} */
export function target(root, path, key) {
  const index = path.at(-1);
  if (index === undefined) return undefined;
  const group = path.slice(0, -1);
  const siblings = parts(at(root, group));
  if (key === 'ArrowUp') return index > 0 ? { to: group, index: index - 1 } : undefined;
  if (key === 'ArrowDown') return index < siblings.length - 1 ? { to: group, index: index + 2 } : undefined;
  if (key === 'ArrowLeft') {
    const outer = group.at(-1);
    return outer === undefined ? undefined : { to: group.slice(0, -1), index: outer + 1 };
  }
  if (key !== 'ArrowRight') return undefined;
  const isGroup = (/** @type {number} */ index) => read(siblings[index] ?? {}).is === 'group';
  if (isGroup(index - 1)) return { to: [...group, index - 1], index: parts(siblings[index - 1] ?? {}).length };
  return isGroup(index + 1) ? { to: [...group, index + 1], index: 0 } : undefined;
}

/** Puts a part into a group of its own, of the other kind than the group around it. @param {Node} root @param {Path} path @returns {Node} */
export function wrap(root, path) {
  const around = path.length === 0 ? undefined : read(at(root, path.slice(0, -1)));
  const kind = around?.is === 'group' && around.kind === 'any' ? 'all' : 'any';
  return replace(root, path, (node) => write(kind, [node])) ?? root;
}

/** Puts the parts of a group in its place. @param {Node} root @param {Path} path @returns {Node} */
export function unwrap(root, path) {
  const index = path.at(-1);
  const inner = parts(at(root, path));
  if (inner.length === 0) return root;
  if (index === undefined) return inner.length === 1 ? (inner[0] ?? root) : root;
  const splice = (/** @type {Node} */ node) => {
    const group = read(node);
    return group.is === 'group' ? write(group.kind, group.parts.toSpliced(index, 1, ...inner), node) : node;
  };
  return replace(root, path.slice(0, -1), splice) ?? root;
}
