/** The log as a file: CSV for spreadsheets, NDJSON for programs. Ids are hidden unless the settings say otherwise. */
import { evidenceLine } from '../../lib/words/evidence.js';

/** @typedef {import('../../pkg/cuewire.js').Entry} Entry */
/** That a person marked a trigger as handled. @typedef {Extract<Entry, { kind: 'handled' }>} Handled */
/** Each id gets another name, the same one throughout a file. @typedef {(interaction: string) => string} Mask */

const COLUMNS = [
  'time',
  'kind',
  'interaction',
  'queue',
  'rule',
  'reason',
  'evidence',
  'durable_time',
  'tries',
  'state',
  'why',
  'ended_time',
  'until',
  'detail',
  'signal',
  'handled_time',
  'handled_by',
  'handled_note',
];

/** Those of an entry itself; what follows is of the entry that marks it as handled. */
const OWN = COLUMNS.slice(0, COLUMNS.indexOf('handled_time'));

/** What a file begins with: spreadsheets take it for UTF-8 only by its mark. */
export const CSV_HEAD = `\uFEFF${COLUMNS.join(',')}\r\n`;

/** Names that tell interactions apart and lead nowhere. @returns {Mask} */
export function mask() {
  /** @type {Map<string, string>} */
  const names = new Map();
  return (interaction) => {
    const name = names.get(interaction) ?? `interaction-${names.size + 1}`;
    names.set(interaction, name);
    return name;
  };
}

/** The id goes wherever it stands, and so in what the server said. @param {Entry} entry @param {Mask} mask @returns {Entry} */
export function masked(entry, mask) {
  if (entry.kind === 'handled') {
    const { interaction } = entry.trigger;
    const name = mask(interaction);
    const note = entry.note && without(entry.note, interaction, name);
    return { ...entry, trigger: { ...entry.trigger, interaction: name }, note };
  }
  if (entry.kind !== 'trigger') return entry;
  const name = mask(entry.interaction);
  const { end } = entry;
  if (end?.is !== 'givenUp' || end.why.why !== 'refused') return { ...entry, interaction: name };
  const excerpt = without(end.why.excerpt, entry.interaction, name);
  return { ...entry, interaction: name, end: { ...end, why: { ...end.why, excerpt } } };
}

/** @param {string} words @param {string} interaction @param {string} name */
const without = (words, interaction, name) =>
  [interaction, encodeURIComponent(interaction.toWellFormed())].reduce(
    (words, id) => (id ? words.replaceAll(id, name) : words),
    words,
  );

/** @param {Entry} entry @param {Handled} [handled] */
export const ndjson = (entry, handled) =>
  `${JSON.stringify(handled ? { ...entry, handled: marked(handled) } : entry)}\n`;

/** @param {Entry} entry @param {Handled} [handled] */
export function csv(entry, handled) {
  const mark = handled && marked(handled);
  const cells = [...fields(entry), time(mark?.at), mark?.by, mark?.note];
  return `${cells.map(cell).join(',')}\r\n`;
}

/** @param {Handled} handled */
const marked = ({ at, by, note }) => ({ at, by, note });

/**
 * A cell that a spreadsheet takes as what it is: text that would begin a formula gets an apostrophe, numbers stay numbers.
 *
 * @param {unknown} value
 */
export function cell(value) {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return String(value);
  const words = String(value);
  const safe = /^[=+\-@\t\r\n]/.test(words) ? `'${words}` : words;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** In the order of the columns. @param {Entry} entry @returns {unknown[]} */
function fields(entry) {
  const { kind } = entry;
  switch (kind) {
    case 'trigger': {
      const why = entry.end?.is === 'givenUp' ? entry.end.why : undefined;
      const by = entry.end?.is === 'suppressed' ? entry.end.by : why?.why;
      const refused = why?.why === 'refused' ? `${why.status} ${why.excerpt}`.trim() : undefined;
      const tries = entry.tries.map(({ at, status, tookMs }) => `${time(at)} ${status} ${tookMs}ms`).join('; ');
      return [
        time(entry.at),
        kind,
        entry.interaction,
        entry.queue,
        entry.rule,
        entry.reason,
        evidenceLine(entry.evidence),
        time(entry.durableAt),
        tries,
        entry.end?.is ?? 'waiting',
        by,
        time(entry.endedAt),
        '',
        refused,
        entry.signal,
      ];
    }
    case 'gap': {
      const code = entry.cause.by === 'closed' ? entry.cause.code : undefined;
      return row({ time: time(entry.from), kind, why: entry.cause.by, until: time(entry.until), detail: code });
    }
    case 'settings':
      return row({ time: time(entry.at), kind, detail: entry.changed.join(' ') });
    case 'paused':
      return row({ time: time(entry.at), kind, until: time(entry.until), detail: entry.note });
    case 'handled': {
      const { interaction, rule } = entry.trigger;
      return row({ time: time(entry.at), kind, interaction, rule, why: entry.by, detail: entry.note });
    }
    default:
      return row({ time: time(entry.at), kind });
  }
}

/** @param {Record<string, unknown>} values by column */
const row = (values) => OWN.map((name) => values[name]);

/** @param {number | undefined | null} at */
const time = (at) => (typeof at === 'number' ? new Date(at).toISOString() : undefined);
