/** What the parser accepts: the schema is made from its table of settings (`src/settings/table.rs`). */
import schema from '../../settings.schema.json' with { type: 'json' };

/** @typedef {'text' | 'secret' | 'address' | 'number' | 'time' | 'lines' | 'paragraph' | 'choice' | 'switch'} Kind */

/**
 * @typedef {object} Spec
 * @property {unknown} default
 * @property {number} [minimum]
 * @property {number} [maximum]
 * @property {number} [maxLength]
 * @property {{ maxLength: number }} [items]
 * @property {string[]} [enum]
 * @property {string} [x-unit]
 * @property {number} [x-step] of a slider
 * @property {Kind} [x-control]
 * @property {string} [x-section] of the settings page
 * @property {string[]} [x-for] the ways to connect that have the field; absent: all
 * @property {boolean} [writeOnly] a secret
 */

/** Members of a settings file that no control shows: `rules` has a page of its own. */
const OTHERS = ['$schema', 'rules'];

/** Every setting, by name, in the order of an exported file. */
export const specs = /** @type {Record<string, Spec>} */ (
  Object.fromEntries(Object.entries(schema.properties).filter(([name]) => !OTHERS.includes(name)))
);

/** @param {string} name @returns {Spec} */
export const spec = (name) => specs[name] ?? { default: '' };

/** The control that a setting is entered in. @param {string} name @returns {Kind} */
export const kindOf = (name) => spec(name)['x-control'] ?? 'text';

/** The bounds and the step of a number. @param {string} name */
export function bounds(name) {
  const { minimum = 0, maximum = 0, 'x-step': step = 1 } = spec(name);
  return { minimum, maximum, step };
}
