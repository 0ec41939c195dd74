/** Why this card: what was seen against what was asked for, each try, and the end. */
import { element, linkButton } from '../../lib/parts/dom.js';
import { askedWords, fieldWords, seenWords } from '../../lib/words/evidence.js';
import { handle, handledWords, unhandle } from '../../lib/parts/handled.js';
import { text } from '../../lib/words/text.js';
import { tell } from '../../lib/parts/toast.js';
import { httpStatus } from '../../lib/words/words.js';
import { snooze } from '../panels/snooze.js';
import { cause, count, moment, rule, span } from '../words.js';
import { endWords, fields, line, signalWords } from './words.js';

/** @typedef {import('../../pkg/cuewire.js').Entry} Entry */
/** @typedef {import('./words.js').TriggerEntry} TriggerEntry */

const VERDICTS = { true: 'log_true', false: 'log_false', none: 'noData' };

/**
 * @typedef {object} About an entry of the log
 * @property {number} number
 * @property {boolean} isKept the log has it, readable or not
 * @property {import('../../lib/parts/handled.js').Mark & { quiet: boolean } | undefined} handled a person handled it; quiet until it clears
 * @property {() => Promise<void>} look
 */

/** @param {HTMLElement} root @param {Entry | undefined} entry @param {About} about */
export function showDetails(root, entry, about) {
  if (!entry) {
    root.replaceChildren(say('p', text(about.isKept ? 'log_unreadable' : 'log_gone'), 'muted'));
    return;
  }
  const title = say('h3', line(entry).what);
  if (entry.kind !== 'trigger') {
    root.replaceChildren(title, list(plain(entry)));
    if (entry.kind === 'handled') root.append(toTrigger(entry.trigger.entry));
    if (entry.kind === 'unhandled') root.append(toTrigger(entry.entry));
    return;
  }
  const mark = about.handled ? [say('p', handledWords(about.handled), 'handled')] : [];
  if (about.handled?.quiet) mark.push(say('p', text('handled_quiet'), 'small muted'));
  root.replaceChildren(title, ...mark, facts(entry), why(entry), course(entry), actions(entry, about));
}

/** @param {number} entry */
function toTrigger(entry) {
  return element('a', { href: `#entry=${entry}`, textContent: text('handled_entry') });
}

/** @param {TriggerEntry} entry */
function facts(entry) {
  return list([
    [text('log_heardAt'), moment(entry.at)],
    [text('log_interaction'), entry.interaction],
    [text('queue'), entry.queue ?? text('log_noQueue')],
    [text('log_rule'), rule(entry.rule)],
    [text('log_reason'), entry.reason],
  ]);
}

/** What was seen against what was asked for, rule by rule. @param {TriggerEntry} entry */
function why({ evidence }) {
  const table = element('table');
  table.createCaption().textContent = text('log_why');
  const head = table.createTHead().insertRow();
  for (const key of ['log_whyValue', 'log_whySeen', 'log_whyThreshold', 'log_whyVerdict']) {
    head.append(heading(text(key), 'col'));
  }
  for (const id of new Set(evidence.map(({ rule }) => rule))) {
    const body = table.createTBody();
    const name = heading(rule(id), 'rowgroup');
    name.colSpan = head.cells.length;
    body.insertRow().append(name);
    for (const one of evidence.filter(({ rule }) => rule === id)) body.append(comparison(one));
  }
  return table;
}

/** @param {import('../../pkg/cuewire.js').Evidence} evidence */
function comparison(evidence) {
  const row = element('tr');
  row.dataset.verdict = String(evidence.verdict ?? 'none');
  row.append(
    heading(fieldWords(evidence, text), 'row'),
    say('td', seenWords(evidence, text)),
    say('td', askedWords(evidence, text)),
    say('td', text(VERDICTS[/** @type {keyof typeof VERDICTS} */ (row.dataset.verdict)])),
  );
  return row;
}

/** @param {string} words @param {string} scope */
function heading(words, scope) {
  return element('th', { textContent: words, scope });
}

/** What became of it, step by step, each with the time since the event was heard. @param {TriggerEntry} entry */
function course(entry) {
  const steps = element('ol', { className: 'course' });
  /** @param {number} at @param {string} words @param {string} [tone] */
  const step = (at, words, tone = '') => {
    const since = at - entry.at;
    const after = say('span', since > 0 ? text('log_after', span(since)) : '', 'when');
    const item = element('li', {}, after, say('span', words));
    item.dataset.tone = tone;
    steps.append(item);
  };
  step(entry.at, text('log_stepHeard', moment(entry.at)));
  if (entry.durableAt) step(entry.durableAt, text('log_stepDurable'));
  entry.tries.forEach(({ at, status, tookMs }, index) => {
    const answer = status === 0 ? text('noAnswer') : httpStatus(status, text);
    step(
      at,
      text('log_stepTry', count(index + 1), answer, span(tookMs)),
      (status >= 200 && status < 300) || status === 409 ? 'ok' : 'trouble',
    );
  });
  if (entry.end) {
    step(entry.endedAt ?? entry.at, ending(entry.end), entry.end.is);
    const refused = entry.end.is === 'givenUp' && entry.end.why.why === 'refused' ? entry.end.why.excerpt : '';
    if (refused) steps.append(say('li', `${text('diagnosisServerSays')} ${refused}`, 'excerpt'));
  } else {
    step(entry.at, text('log_stepOpen'), 'waiting');
  }
  if (typeof entry.signal === 'number') {
    const { what, next } = signalWords(entry.signal);
    step(entry.endedAt ?? entry.at, what, next ? 'trouble' : 'ok');
    if (next) steps.append(say('li', next, 'excerpt'));
  }
  return element('section', {}, say('h4', text('log_course')), steps);
}

/** @param {NonNullable<TriggerEntry['end']>} ended */
const ending = (ended) => text('log_stepEnd', endWords(ended));

/** @param {TriggerEntry} entry @param {About} about */
function actions({ queue, rule: name, interaction, ...entry }, { number, handled, look }) {
  const actions = element('div', { className: 'actions' });
  const mark = async () => {
    const trigger = { entry: number, interaction, rule: name };
    if (!(await handle(trigger, line({ queue, rule: name, interaction, ...entry }).what))) return;
    tell(text('handled_done'), { label: text('dashboard_undo'), act: undo });
    await look();
  };
  const undo = async () => {
    tell((await unhandle(number)) || text('handled_undone'));
    await look();
  };
  actions.append(handled ? linkButton(text('handled_undo'), undo) : linkButton(text('handled_mark'), mark));
  if (queue) actions.append(linkButton(text('log_snoozeQueue'), () => snooze({ by: 'queue', name: queue })));
  actions.append(linkButton(text('log_snoozeRule'), () => snooze({ by: 'rule', name })));
  return actions;
}

/** @param {Exclude<Entry, { kind: 'trigger' }>} entry @returns {[string, string][]} */
function plain(entry) {
  switch (entry.kind) {
    case 'gap':
      return [
        [text('columnFrom'), moment(entry.from)],
        [text('columnUntil'), moment(entry.until)],
        [text('dashboard_gapLength'), span(entry.until - entry.from)],
        [text('dashboard_gapCause'), cause(entry.cause)],
      ];
    case 'settings':
      return [
        [text('log_when'), moment(entry.at)],
        [text('log_changed'), fields(entry.changed)],
      ];
    case 'paused':
      return [
        [text('log_when'), moment(entry.at)],
        [text('appliesTo'), line(entry).state],
        [text('columnUntil'), entry.until ? moment(entry.until) : text('dashboard_untilResumed')],
        [text('log_note'), entry.note ?? '–'],
      ];
    case 'handled':
      return [
        [text('log_when'), moment(entry.at)],
        [text('log_interaction'), entry.trigger.interaction],
        [text('log_rule'), rule(entry.trigger.rule)],
        [text('log_by'), entry.by ?? ''],
        [text('log_note'), entry.note ?? '–'],
      ];
    default:
      return [[text('log_when'), moment(entry.at)]];
  }
}

/** @param {[string, string][]} pairs */
function list(pairs) {
  const said = pairs.filter(([, value]) => value);
  return element('dl', {}, ...said.flatMap(([name, value]) => [say('dt', name), say('dd', value)]));
}

/** @param {keyof HTMLElementTagNameMap} tag @param {string} words @param {string} [look] */
const say = (tag, words, look = '') => element(tag, { textContent: words, className: look });
