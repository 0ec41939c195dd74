/** Which entries a person wants to see. */

/** @typedef {import('../../pkg/cuewire.js').Entry} Entry */
/**
 * Empty or absent: any.
 *
 * @typedef {object} Filter
 * @property {string} [words] all of them must be found
 * @property {string} [kind] `cards`, `stream` or `changes`
 * @property {string} [queue]
 * @property {string} [rule]
 * @property {string} [state] see {@link standing}
 */

/** @type {Record<string, Entry['kind'][]>} */
export const KINDS = {
  cards: ['trigger'],
  stream: ['gap', 'started'],
  changes: ['settings', 'paused', 'resumed', 'handled', 'unhandled'],
};

export const STATES = ['waiting', 'delivered', 'givenUp', 'suppressed', 'dropped', 'dryRun', 'shadow'];

/** How a trigger stands: how it ended, or `waiting`. @param {Entry} entry */
export const standing = (entry) => (entry.kind === 'trigger' ? (entry.end?.is ?? 'waiting') : undefined);

/** @param {Filter} filter */
export const isFiltering = (filter) => Object.values(filter).some(Boolean);

/** @param {Entry} entry @param {Filter} filter */
export function matches(entry, { words, kind, queue, rule, state }) {
  if (kind && !KINDS[kind]?.includes(entry.kind)) return false;
  if ((queue || rule || state) && entry.kind !== 'trigger') return false;
  if (entry.kind === 'trigger') {
    if (queue && entry.queue !== queue) return false;
    if (rule && entry.rule !== rule) return false;
    if (state && standing(entry) !== state) return false;
  }
  if (!words) return true;
  const within = wordsOf(entry).toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => within.includes(word));
}

/** Everything of an entry that can be searched for. @param {Entry} entry */
function wordsOf(entry) {
  switch (entry.kind) {
    case 'trigger': {
      const why = entry.end?.is === 'givenUp' && entry.end.why.why === 'refused' ? entry.end.why : undefined;
      const tries = entry.tries.map(({ status }) => status);
      return [
        entry.interaction,
        entry.reason,
        entry.queue,
        entry.rule,
        standing(entry),
        why?.status,
        why?.excerpt,
        ...tries,
      ].join(' ');
    }
    case 'gap':
      return entry.cause.by === 'closed' ? `gap closed ${entry.cause.code}` : `gap ${entry.cause.by}`;
    case 'settings':
      return `settings ${entry.changed.join(' ')}`;
    case 'paused':
      return `paused ${entry.note ?? ''}`;
    case 'handled':
      return ['handled', entry.trigger.interaction, entry.trigger.rule, entry.by, entry.note].join(' ');
    default:
      return entry.kind;
  }
}
