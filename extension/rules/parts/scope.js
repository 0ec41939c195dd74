/** Where and when a rule applies: its queues, and its hours. */
import { element } from '../../lib/parts/dom.js';
import { ask, find } from '../../lib/parts/page.js';
import { text } from '../../lib/words/text.js';
import * as draft from '../draft.js';
import { look } from '../model/shape.js';
import { DAYS, dayName } from '../model/sentence.js';
import { lines } from '../model/value.js';
import { button, enter, errorLine, field, placed, textBox, toggle } from './controls.js';

/** Names that were heard, for those who have no keyboard at hand. @type {string[]} */
let heard = [];

/** Asks which queues were heard. */
export async function hearQueues() {
  const answer = await ask({ kind: 'dashboard' });
  if (answer.kind !== 'dashboard') return;
  heard = answer.value.figures.queues.map(({ name }) => name).filter((name) => name !== '');
  find('#queues-heard', HTMLDataListElement).replaceChildren(...heard.map((name) => new Option(name, name)));
}

const MOST_SUGGESTED = 8;

/** @param {'include' | 'exclude'} which */
export function queues(which) {
  const at = `/queues/${which}`;
  const box = textBox(at, { lines: 2, show: (names) => (Array.isArray(names) ? names.join('\n') : ''), read: lines });
  const named = (/** @type {any} */ list) => (Array.isArray(list) ? list : []);
  const suggested = heard
    .filter((name) => !named(look(draft.chosen(), at)).includes(name))
    .slice(0, MOST_SUGGESTED)
    .map((name) =>
      button(`+ ${name}`, () => enter(at, [...named(look(draft.chosen(), at)), name], false), {
        className: 'chip',
        label: text(which === 'include' ? 'ruleQueueAdd' : 'ruleQueueLeaveOut', name),
      }),
    );
  const more = suggested.length > 0 ? [element('p', { className: 'chips' }, ...suggested)] : [];
  const label = which === 'include' ? 'field_includeQueues' : 'field_excludeQueues';
  return field(text(label), box, { hint: text(`${label}_hint`), more });
}

/** Certain hours only, or always. */
export function schedule() {
  const at = '/schedule';
  const now = look(draft.chosen(), at);
  const office = { days: DAYS.slice(0, 5), from: '09:00', to: '17:00' };
  const on = toggle(text('ruleHours'), Boolean(now), at, (on) => enter(at, on ? office : undefined, false));
  if (!now) return [on];
  const days = placed(
    element('fieldset', { className: 'days' }, element('legend', { textContent: text('ruleDays') })),
    `${at}/days`,
  );
  const chosen = /** @type {string[]} */ (Array.isArray(now.days) ? now.days : DAYS);
  for (const day of DAYS) {
    days.append(
      toggle(dayName(day, text('language')), chosen.includes(day), `${at}/days-${day}`, (on) => {
        const before = /** @type {string[]} */ (look(draft.chosen(), `${at}/days`) ?? DAYS);
        enter(
          `${at}/days`,
          DAYS.filter((other) => (other === day ? on : before.includes(other))),
          false,
        );
      }),
    );
  }
  days.append(errorLine(days));
  const time = (/** @type {'from' | 'to'} */ which) => {
    const box = textBox(`${at}/${which}`);
    box.setAttribute('placeholder', '09:00');
    const made = field(text(which === 'from' ? 'columnFrom' : 'ruleHoursTo'), box);
    made.classList.add('time');
    return made;
  };
  const zone = textBox(`${at}/zone`, { read: (typed) => (typed.trim() === '' ? undefined : typed.trim()) });
  const zones = element(
    'datalist',
    { id: 'zones' },
    ...Intl.supportedValuesOf('timeZone').map((zone) => new Option(zone, zone)),
  );
  zone.setAttribute('list', zones.id);
  zone.setAttribute('placeholder', Intl.DateTimeFormat().resolvedOptions().timeZone);
  return [
    on,
    days,
    element(
      'div',
      { className: 'beside' },
      time('from'),
      time('to'),
      field(text('ruleZone'), zone, { hint: text('ruleZone_hint') }),
    ),
    zones,
  ];
}
