/** The settings as the page groups them. Rust judges their values. */

/** @typedef {import('../lib/form.js').Field} Field */

/** Each section with its fields; a mark (`#…`) names a template that follows the field before it. @type {{ name: string, parts: (Field | string)[] }[]} */
export const SECTIONS = [
  {
    name: 'connection',
    parts: [
      { name: 'organization', kind: 'text' },
      { name: 'clientId', kind: 'text' },
      { name: 'clientSecret', kind: 'secret' },
      { name: 'keepSecret', kind: 'choice' },
      { name: 'serviceAddress', kind: 'address' },
      '#test',
    ],
  },
  {
    name: 'rules',
    parts: [
      { name: 'sentimentThreshold', kind: 'number' },
      { name: 'queueWaitThresholdSeconds', kind: 'number' },
      { name: 'minimumConfidence', kind: 'number' },
      { name: 'oncePer', kind: 'choice' },
      { name: 'rememberHours', kind: 'number' },
    ],
  },
  {
    name: 'card',
    parts: [
      '#preview',
      { name: 'cardType', kind: 'choice' },
      { name: 'cardTitle', kind: 'text' },
      { name: 'cardContent', kind: 'paragraph' },
      { name: 'cardTtlMinutes', kind: 'number' },
      { name: 'maxTries', kind: 'number' },
      { name: 'endAtDisposition', kind: 'switch' },
      { name: 'dryRun', kind: 'switch' },
    ],
  },
  {
    name: 'limits',
    parts: [
      { name: 'includeQueues', kind: 'lines' },
      { name: 'excludeQueues', kind: 'lines' },
      { name: 'quietHoursFrom', kind: 'time' },
      { name: 'quietHoursTo', kind: 'time' },
      { name: 'cardsPerInteraction', kind: 'number' },
      { name: 'cardsPerQueueHour', kind: 'number' },
      { name: 'notify', kind: 'switch' },
      '#snooze',
    ],
  },
  {
    name: 'privacy',
    parts: [
      { name: 'maskIds', kind: 'switch' },
      { name: 'historyDays', kind: 'number' },
      { name: 'historyEntries', kind: 'number' },
      '#clear',
    ],
  },
  { name: 'data', parts: ['#transfer'] },
];
