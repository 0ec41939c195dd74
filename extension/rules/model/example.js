/** A rule's examples as lists: each edit makes new lists, so that an older draft keeps its own. */
import { look } from './shape.js';

/** @typedef {import('../draft.js').Rule} Rule */
/** @typedef {import('../../pkg/workbench.js').Difference} Difference */
/** What may be half typed. @typedef {Record<string, any>} Loose */
/** A field of a message: `at` is its place in it, `name` its name in a rule. @typedef {{ name: string, at: string }} Field */

/** Where a message has the fields that rules name. @type {Field[]} */
const NAMED = [
  { name: 'sentimentScore', at: '/sentiment/score' },
  { name: 'queueWaitMs', at: '/routing/queueWaitTimeMs' },
  { name: 'queue', at: '/routing/queueName' },
  { name: 'type', at: '/type' },
  { name: 'sentimentConfidence', at: '/sentiment/confidence' },
  { name: 'direction', at: '/participant/direction' },
];

/** Most rules look at these. */
const ALWAYS = ['sentimentScore', 'queueWaitMs', 'queue'];

/** How long after the last event a new one comes. */
const NEXT_MS = 10_000;

/** @param {unknown} list @returns {Loose[]} */
export const listed = (list) => (Array.isArray(list) ? list : []);

/** An example to start from: one event, and no firing. @returns {Loose} */
const fresh = () => ({ name: '', events: [newEvent([])], fires: [] });

/** The examples and one more. @param {unknown} examples */
export const withNew = (examples) => [...listed(examples), fresh()];

/** A list with a copy right behind its original. @param {unknown} list @param {number} index */
export const withCopy = (list, index) =>
  listed(list).toSpliced(index + 1, 0, structuredClone(listed(list)[index] ?? {}));

/** A list without one part. @param {unknown} list @param {number} index */
export const without = (list, index) => listed(list).toSpliced(index, 1);

/** One more event: the last one again, 10 s later, because an example mostly shows one value that changes. @param {unknown} events */
export const withEvent = (events) => [...listed(events), newEvent(listed(events))];

/** @param {Loose[]} events @returns {Loose} */
function newEvent(events) {
  const last = events.at(-1);
  if (!last) return { atMs: 0, event: { id: 'a', sentiment: { score: -0.6 } } };
  return { ...structuredClone(last), atMs: (Number(last.atMs) || 0) + NEXT_MS };
}

/** One more firing, of the last event. @param {Loose | undefined} example @param {Rule | undefined} rule @returns {Loose[]} */
export function withFiring(example, rule) {
  const fires = listed(example?.fires);
  const last = listed(example?.events).at(-1);
  const interaction = String(last?.event?.id ?? 'a');
  const earlier = rule?.once === 'episode' ? fires.filter((one) => one?.interaction === interaction).length : 0;
  return [...fires, { atMs: Number(last?.atMs) || 0, interaction, episode: earlier + 1 }];
}

/** The firings that an example would expect if the rule were right as it is. @param {unknown} fires @param {Difference} difference @returns {Loose[]} */
export function agreed(fires, { missing, unexpected }) {
  const left = [...missing];
  const kept = listed(fires).filter((one) => {
    const at = left.findIndex((gone) => isSame(gone, one));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  // A verdict may be older than the list: a firing that the list has already does not come twice.
  const added = unexpected.filter((one) => !kept.some((other) => isSame(one, other)));
  return [...kept, ...added].sort((one, other) => one.atMs - other.atMs);
}

/** @param {Loose} one @param {Loose} other */
const isSame = (one, other) =>
  one.atMs === other.atMs && one.interaction === other.interaction && (one.episode ?? 1) === (other.episode ?? 1);

/** Whether firings are counted: only then does their number say anything. @param {Rule | undefined} rule @param {unknown} fires */
export const isCounted = (rule, fires) =>
  rule?.once === 'episode' || listed(fires).some((one) => (one?.episode ?? 1) !== 1);

/** The fields that an example shows: the usual ones, those that its rule names, and those that an event has. @param {Rule | undefined} rule @param {Loose | undefined} example @returns {Field[]} */
export function fields(rule, example) {
  const asked = [...compared(rule?.when), ...compared(rule?.clears)];
  const said = listed(example?.events).map((heard) => heard?.event);
  const isShown = (/** @type {Field} */ { name, at }) =>
    ALWAYS.includes(name) || asked.includes(name) || said.some((event) => look(event, at) !== undefined);
  // Who waits in a queue depends on what an event says of its type.
  const isOfQueue = asked.some((name) => /^queue[A-Z]/.test(name) && name !== 'queueWaitMs');
  const named = NAMED.filter((field) => isShown(field) || (isOfQueue && field.name === 'type'));
  const places = NAMED.map(({ at }) => at);
  const others = asked.filter((name) => name.startsWith('/') && !places.includes(name) && !name.includes('__proto__'));
  return [...named, ...[...new Set(others)].map((at) => ({ name: at, at }))];
}

/** Every field that a condition names, whatever its shape. @param {unknown} part @returns {string[]} */
function compared(part) {
  if (typeof part !== 'object' || part === null) return [];
  if (Array.isArray(part)) return part.flatMap(compared);
  return Object.entries(part).flatMap(([key, inner]) =>
    key === 'compare' ? [String(/** @type {Loose} */ (inner)?.field ?? '')] : compared(inner),
  );
}

/** A value of any type as it is typed; a text that reads as another type stands in quotes. @param {unknown} value */
export function shownValue(value) {
  if (value === undefined) return '';
  return typeof value === 'string' && readValue(value) === value ? value : JSON.stringify(value);
}

/** A typed value: a number, true, false or any other JSON, otherwise a text; nothing is absent. @param {string} typed @returns {unknown} */
export function readValue(typed) {
  if (typed === '') return undefined;
  try {
    return JSON.parse(typed);
  } catch {
    return typed;
  }
}
