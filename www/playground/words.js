/** The words of the extension, without the extension: its messages by `fetch`, filled in as a browser does. */

/** @typedef {import('../../extension/lib/words/text.js').Text} Text */

const MESSAGES = new URL('../../extension/_locales/en/messages.json', import.meta.url);

/** @returns {Promise<Text>} */
export async function loadWords() {
  const answer = await fetch(MESSAGES);
  if (!answer.ok) throw new Error(`${MESSAGES.pathname}: ${answer.status}`);
  /** @type {Record<string, { message: string }>} */
  const messages = await answer.json();
  return (key, ...values) =>
    (messages[key]?.message ?? '').replace(/\$(\d)/g, (_, place) => String(values[Number(place) - 1] ?? ''));
}
