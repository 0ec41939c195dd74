/** A rule of the gallery in the language of the page: its name and the texts of its card. The id stays as it is. */

/** @typedef {import('../draft.js').Rule} Rule */
/** @typedef {import('../../lib/words/text.js').Text} Text */

/** The rules of the contract: the contract words their cards, so only their names are translated. */
const CONTRACT = ['negative-sentiment', 'long-wait'];

/** The most that the core takes for the name of a rule. */
const MOST_NAMED = 100;

/** @param {Rule} rule @param {Text} text @returns {Rule} */
export function spoken(rule, text) {
  const id = String(rule.id).replaceAll('-', '_');
  const isOfContract = CONTRACT.includes(rule.id);
  const name = text(isOfContract ? `rule_${id}` : `preset_${id}_name`) || String(rule.name);
  const named = { ...rule, name: name.slice(0, MOST_NAMED) };
  if (isOfContract) return named;
  const { title, content, reason } = rule.card;
  const say = (/** @type {string} */ what) => text(`preset_${id}_${what}`);
  return {
    ...named,
    card: {
      title: say('title') || title,
      content: say('content') || content || text('presetContent'),
      reason: say('reason') || reason,
    },
  };
}

/** What a rule of the gallery is for. @param {Rule} rule @param {Text} text */
export const hint = (rule, text) => text(`preset_${String(rule.id).replaceAll('-', '_')}_hint`);
