/** Values between Rust and JavaScript: text as both sides store and send it. */

/**
 * A field without a value is absent on this side. In a list a value keeps its place.
 *
 * @this {unknown}
 * @param {string} _key
 * @param {unknown} value
 */
function present(_key, value) {
  return value === null && !Array.isArray(this) ? undefined : value;
}

/** @param {string} text */
export const parsed = (text) => JSON.parse(text, present);

/** Empty where a value has no JSON. @param {unknown} value @returns {string} */
export const written = (value) => JSON.stringify(value) ?? '';
