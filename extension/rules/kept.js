/** Unsaved rules outlive a reload of their tab. */
import * as draft from './draft.js';

/** The key in `sessionStorage`, which is the tab's own. */
const KEY = 'rules';

/** Keeps whatever is edited from now on. */
export function keep() {
  draft.subscribe(({ rules, chosen }) => {
    if (draft.changes() === 0) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, JSON.stringify({ rules, chosen, before: draft.inForce() }));
  });
}

/** Restores the kept draft. @returns {'none' | 'kept' | 'conflict'} conflict: other rules were saved meanwhile */
export function recall() {
  const kept = read();
  if (!kept) return 'none';
  const { rules, chosen, before } = kept;
  const isSame = JSON.stringify(before) === JSON.stringify(draft.inForce());
  draft.edit(() => rules, { chosen });
  return isSame ? 'kept' : 'conflict';
}

/** @returns {{ rules: draft.Rule[], chosen: number, before: draft.Rule[] } | undefined} */
function read() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
    return Array.isArray(kept?.rules) ? kept : undefined;
  } catch {
    return undefined;
  }
}
