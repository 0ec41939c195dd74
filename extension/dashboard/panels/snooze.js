/** Pauses everything, or snoozes a queue or a rule; and the list of current pauses. */
import { element } from '../../lib/parts/dom.js';
import { refusal } from '../../lib/words/diagnosis.js';
import { ask, find } from '../../lib/parts/page.js';
import { text } from '../../lib/words/text.js';
import { duration } from '../../lib/words/words.js';
import { tell } from '../../lib/parts/toast.js';
import { end, ruleIds, scope as scopeWords } from '../words.js';

/** @typedef {import('../../pkg/cuewire.js').Scope} Scope */
/** @typedef {import('../../pkg/cuewire.js').PauseView} PauseView */

/** Minutes; an empty length lasts until a person resumes. */
const LENGTHS = ['15', '60', '240', '480', ''];
const OTHER = 'other';

const dialog = find('#snooze', HTMLDialogElement);
const form = find('form', HTMLFormElement, dialog);
/** @type {string[]} */
let queueNames = [];
/** Refreshes the page after an action. @type {() => Promise<void>} */
let look = async () => {};

/** Opens the dialog. @param {Scope | null} [scope] everything if null; the first queue if absent */
export function snooze(scope) {
  const select = /** @type {HTMLSelectElement} */ (form.elements.namedItem('scope'));
  const wanted =
    scope === undefined ? (queueNames[0] === undefined ? null : { by: 'queue', name: queueNames[0] }) : scope;
  const scopes = /** @type {(Scope | null)[]} */ ([
    null,
    ...[...new Set([...ruleIds(), ...(scope?.by === 'rule' ? [scope.name] : [])])].map((name) => ({
      by: 'rule',
      name,
    })),
    ...[...new Set([...queueNames, ...(scope?.by === 'queue' ? [scope.name] : [])])].map((name) => ({
      by: 'queue',
      name,
    })),
  ]);
  select.replaceChildren(...scopes.map((scope) => new Option(scopeWords(scope), JSON.stringify(scope))));
  select.value = JSON.stringify(wanted);
  say();
  find('.wrong', HTMLElement, form).textContent = '';
  dialog.showModal();
}

/** @param {() => Promise<void>} again */
export function preparePauses(again) {
  look = again;
  const choice = find('.choice', HTMLElement, form);
  for (const minutes of [...LENGTHS, OTHER]) {
    const radio = element('input', { type: 'radio', name: 'length', value: minutes, checked: minutes === '60' });
    choice.append(element('label', {}, radio, element('span', { textContent: lengthWords(minutes) })));
  }
  const other = find('.other', HTMLElement, form);
  const minutes = find('input', HTMLInputElement, other);
  const follow = () => {
    const on = new FormData(form).get('length') === OTHER;
    other.hidden = !on;
    minutes.required = on;
  };
  follow();
  form.addEventListener('change', () => {
    follow();
    say();
  });
  find('[data-do="cancel"]', HTMLElement, form).addEventListener('click', () => dialog.close());
  find('#pauses [data-do="snooze"]', HTMLElement).addEventListener('click', () => snooze());
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const data = new FormData(form);
    const scope = /** @type {Scope | null} */ (JSON.parse(String(data.get('scope'))));
    const length = String(data.get('length') === OTHER ? data.get('minutes') : data.get('length'));
    const request = {
      kind: /** @type {const} */ ('pause'),
      scope: scope ?? undefined,
      minutes: length ? Number(length) : undefined,
      note: String(data.get('note')).trim() || undefined,
    };
    const answer = await ask(request);
    if (answer.kind !== 'done') {
      find('.wrong', HTMLElement, form).textContent = refusal(answer, text) || text('dashboard_failed');
      return;
    }
    dialog.close();
    form.reset();
    follow();
    tell(text('dashboard_snoozed', scopeWords(scope)), { label: text('dashboard_undo'), act: () => resume(scope) });
    await look();
  });
}

/** @param {HTMLElement} root @returns {import('../parts/panel.js').Show} */
export function pauses(root) {
  const list = find('ul', HTMLUListElement, root);
  let shown = '';
  return ({ pauses, figures: { queues }, at }) => {
    queueNames = queues
      .map(({ name }) => name)
      .filter(Boolean)
      .sort((a, b) => a.localeCompare(b));
    find('.nothing', HTMLElement, root).hidden = pauses.length > 0;
    const state = JSON.stringify(pauses);
    if (state !== shown) {
      shown = state;
      list.replaceChildren(...pauses.map(item));
    }
    pauses.forEach(({ until }, index) => {
      const line = list.children[index]?.querySelector('.until');
      const words = until
        ? text('dashboard_endsAt', end(until, at), duration(until - at, text))
        : text('dashboard_untilResumed');
      if (line && line.textContent !== words) line.textContent = words;
    });
  };
}

/** @param {Scope | null | undefined} scope */
export async function resume(scope) {
  const answer = await ask({ kind: 'resume', scope: scope ?? undefined });
  tell(
    answer.kind === 'done'
      ? text('dashboard_resumed', scopeWords(scope))
      : refusal(answer, text) || text('dashboard_failed'),
  );
  await look();
}

/** @param {PauseView} pause */
function item({ scope, note }) {
  const button = element('button', { type: 'button', textContent: text('resume') });
  button.ariaLabel = text('dashboard_resumeThis', scopeWords(scope));
  button.addEventListener('click', () => resume(scope));
  return element(
    'li',
    {},
    element('span', { className: 'what', textContent: scopeWords(scope) }),
    element('span', { className: 'until small muted' }),
    element('span', { className: 'note small', textContent: note ?? '' }),
    button,
  );
}

/** Explains what the chosen scope does. */
function say() {
  const scope = JSON.parse(String(new FormData(form).get('scope')));
  find('[data-show="snooze-lead"]', HTMLElement, form).textContent = text(
    scope ? 'dashboard_snoozeLead' : 'dashboard_pauseLead',
  );
  find('[type="submit"]', HTMLElement, form).textContent = text(scope ? 'dashboard_snooze' : 'pause');
}

/** @param {string} minutes */
function lengthWords(minutes) {
  if (minutes === '') return text('dashboard_untilResumed');
  return minutes === OTHER ? text('dashboard_otherLength') : duration(Number(minutes) * 60_000, text);
}
