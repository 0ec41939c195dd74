/** The settings as a form asks for them. What is a good value is Rust's to say. */

/** @typedef {'text' | 'secret' | 'address' | 'number' | 'lines' | 'paragraph' | 'choice' | 'switch'} Kind */
/** @typedef {{ name: string, kind: Kind, choices?: string[] | undefined }} Field */

/** Each with its fields. @type {{ name: string, fields: Field[] }[]} */
export const SECTIONS = [
  {
    name: 'connection',
    fields: [
      { name: 'organization', kind: 'text' },
      { name: 'clientId', kind: 'text' },
      { name: 'clientSecret', kind: 'secret' },
      { name: 'keepSecret', kind: 'choice', choices: ['device', 'session'] },
      { name: 'serviceAddress', kind: 'address' },
    ],
  },
  {
    name: 'rules',
    fields: [
      { name: 'sentimentThreshold', kind: 'number' },
      { name: 'queueWaitThresholdSeconds', kind: 'number' },
      { name: 'minimumConfidence', kind: 'number' },
    ],
  },
  {
    name: 'noise',
    fields: [
      { name: 'includeQueues', kind: 'lines' },
      { name: 'excludeQueues', kind: 'lines' },
      { name: 'oncePer', kind: 'choice', choices: ['interaction', 'rule'] },
      { name: 'rememberHours', kind: 'number' },
    ],
  },
  {
    name: 'card',
    fields: [
      { name: 'cardType', kind: 'choice', choices: ['info', 'warning', 'success', 'error'] },
      { name: 'cardTitle', kind: 'text' },
      { name: 'cardContent', kind: 'paragraph' },
    ],
  },
  {
    name: 'delivery',
    fields: [
      { name: 'cardTtlMinutes', kind: 'number' },
      { name: 'maxTries', kind: 'number' },
      { name: 'endAtDisposition', kind: 'switch' },
      { name: 'dryRun', kind: 'switch' },
      { name: 'notify', kind: 'switch' },
    ],
  },
];

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown>} properties
 * @returns {HTMLElementTagNameMap[T]}
 */
export const element = (tag, properties) => Object.assign(document.createElement(tag), properties);

/** An empty control for a field. @param {Field} field @param {import('../lib/text.js').Text} text @returns {Control} */
export function control({ name, kind, choices = [] }, text) {
  if (kind === 'choice') {
    const select = element('select', {});
    select.append(...choices.map((choice) => new Option(text(`choice_${name}_${choice}`), choice)));
    return select;
  }
  if (kind === 'lines' || kind === 'paragraph') {
    return element('textarea', { rows: 3, spellcheck: kind === 'paragraph' });
  }
  return element('input', {
    type: { secret: 'password', switch: 'checkbox' }[/** @type {string} */ (kind)] ?? 'text',
    // A number box swallows what is no number; as text it can be said what is wrong with it.
    inputMode: { number: 'decimal', address: 'url' }[/** @type {string} */ (kind)] ?? '',
    autocomplete: kind === 'secret' ? 'new-password' : 'off',
    spellcheck: false,
  });
}

/** What a control holds, as it is sent. @param {Control} control @returns {string | boolean} */
export const valueIn = (control) =>
  control instanceof HTMLInputElement && control.type === 'checkbox' ? control.checked : control.value;

/** Shows a value that was stored. @param {Control} control @param {unknown} value */
export function showValue(control, value) {
  if (control instanceof HTMLInputElement && control.type === 'checkbox') control.checked = value === true;
  else control.value = Array.isArray(value) ? value.join('\n') : String(value ?? '');
}
