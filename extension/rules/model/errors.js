/** What Rust finds wrong in a rule set, in words and by place. */

/** @typedef {import('../../lib/words/text.js').Text} Text */
/** @typedef {import('../../pkg/workbench.js').RuleError} RuleError */

/** Why a value is rejected, in a sentence of its own. @param {RuleError} error @param {Text} text */
export function why({ code, values }, text) {
  // The browser takes at most nine values. Only lists of names are longer, and these the controls offer anyway.
  const said = values.slice(0, 9);
  const words = text(`ruleWrong_${code === 'wrongType' ? `wrongType_${values[0]}` : code}`, ...said);
  return words || text('ruleWrong_other', code);
}

/** The errors of one rule, with their places inside it. @param {RuleError[]} errors @param {number} index @returns {RuleError[]} */
export function ofRule(errors, index) {
  const place = `/rules/${index}`;
  return errors
    .filter(({ at }) => at === place || at.startsWith(`${place}/`))
    .map((error) => ({ ...error, at: error.at.slice(place.length) }));
}

/** The control an error belongs to: the one at its place, otherwise the nearest around it or inside it. @param {string} at @param {string[]} places @returns {string | undefined} */
export function nearest(at, places) {
  for (let place = at; place !== ''; place = place.slice(0, place.lastIndexOf('/'))) {
    if (places.includes(place)) return place;
  }
  return places.find((place) => place.startsWith(`${at}/`));
}
