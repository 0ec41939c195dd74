/** The state in one line, and what is wrong. */
import { diagnosisWords, lasting } from '../../lib/words/diagnosis.js';
import { element } from '../../lib/parts/dom.js';
import { find } from '../../lib/parts/page.js';
import { text } from '../../lib/words/text.js';
import { isAboutSignIn } from '../../lib/parts/trouble.js';
import { duration, stateWords } from '../../lib/words/words.js';
import { count, end } from '../words.js';

/** @typedef {import('../../pkg/cuewire.js').Dashboard} Dashboard */
/** @typedef {import('../../pkg/cuewire.js').Status} Status */
/** @typedef {import('../../pkg/cuewire.js').DiagnosisView} DiagnosisView */

/** The state that a screen reader announced last. */
let spoken = '';

const box = find('[data-field="diagnosis"]', HTMLElement);

/** @param {Dashboard} dashboard */
export function showSummary({ status }) {
  document.body.dataset.state = status.state.word;
  find('main', HTMLElement).setAttribute('aria-busy', 'false');
  put('[data-field="organization"]', status.organization);
  showTime(status);
  showTrouble(status);
  showActions(status);
  const wrong = status.diagnosis ? ` ${diagnosisWords(status.diagnosis, Date.now(), text).what}` : '';
  // Announce no countdown seconds, because a screen reader would repeat the state each second.
  const word =
    status.state.word === 'reconnecting' ? text('dashboard_reconnecting') : stateWords(status.state, 0, text);
  const known = `${word} ${status.diagnosis?.code ?? ''}`;
  if (known !== spoken) put('[data-show="spoken"]', `${word}.${wrong}`);
  spoken = known;
}

/** Shows the parts that change with time alone. @param {Status} status */
export function showTime({ state, streamingSince, dryRun }) {
  const now = Date.now();
  const words = stateWords(state, now, text);
  put('[data-field="state"]', words);
  document.title = text('dashboard_title', words);
  put(
    '[data-show="since"]',
    [since(state, streamingSince, now), dryRun && text('dryRunNote')].filter(Boolean).join(' · '),
  );
}

/** Shows that no engine answers. @param {string} why */
export function showFailure(why) {
  document.body.dataset.state = 'needsAttention';
  find('main', HTMLElement).setAttribute('aria-busy', 'false');
  put('[data-field="state"]', text('stateNeedsAttention'));
  put('[data-show="spoken"]', text('stateNeedsAttention'));
  showDiagnosis({ code: 'wasmFailed', values: [], tone: 'danger' }, []);
  put('.trouble .detail', why);
  find('.detail', HTMLElement, box).hidden = !why;
}

/** @param {Status['state']} state @param {number | undefined} streamingSince @param {number} now */
function since(state, streamingSince, now) {
  if (state.word === 'paused')
    return state.until ? text('until', end(state.until, now)) : text('dashboard_untilResumed');
  if (state.word === 'streaming' && streamingSince) return text('streamingFor', duration(now - streamingSince, text));
  return '';
}

/** @param {Status} status */
function showTrouble({ diagnosis, diagnoses }) {
  const others = diagnoses.filter(({ code, tone }) => code !== diagnosis?.code && tone !== 'calm');
  showDiagnosis(diagnosis ?? undefined, others);
}

/** @param {import('../../lib/parts/trouble.js').Shown | undefined} diagnosis @param {DiagnosisView[]} others */
function showDiagnosis(diagnosis, others) {
  box.hidden = !diagnosis;
  if (!diagnosis) return;
  const words = diagnosisWords(diagnosis, Date.now(), text);
  box.dataset.tone = diagnosis.tone;
  put('.trouble .what', words.what);
  put('.trouble .why', [words.why, lasting(diagnosis, Date.now(), text)].filter(Boolean).join(' '));
  put('.trouble .next', words.next);
  put('.trouble .detail', words.detail);
  find('.detail', HTMLElement, box).hidden = !words.detail;
  find('[data-do="signIn"]', HTMLElement, box).hidden = !isAboutSignIn(diagnosis.code);
  find('[data-do="tryAgain"]', HTMLElement, box).hidden = diagnosis.tone !== 'danger';
  find('[data-do="options"]', HTMLElement, box).hidden = diagnosis.tone !== 'danger';
  const more = find('details', HTMLElement, box);
  more.hidden = others.length === 0;
  put(
    '.trouble summary',
    others.length === 1 ? text('dashboard_moreTroubleOne') : text('dashboard_moreTrouble', count(others.length)),
  );
  const list = others.map((other) => {
    const { what, next } = diagnosisWords(other, Date.now(), text);
    return `${what} ${next}`;
  });
  const shown = [...more.querySelectorAll('li')].map((item) => item.textContent);
  if (shown.join('\n') === list.join('\n')) return;
  find('ul', HTMLElement, more).replaceChildren(...list.map((words) => element('li', { textContent: words })));
}

/** @param {Status} status */
function showActions({ state }) {
  find('[data-do="pause"]', HTMLButtonElement).hidden = state.word === 'paused';
  find('[data-do="pause"]', HTMLButtonElement).disabled = state.word === 'notSetUp';
  find('.bar [data-do="resume"]', HTMLElement).hidden = state.word !== 'paused';
  document.body.toggleAttribute('data-unused', state.word === 'notSetUp');
}

/** @param {string} selector @param {string} words */
function put(selector, words) {
  const element = find(selector, HTMLElement);
  // Write only changes, because a screen reader repeats a live region after each write.
  if (element.textContent !== words) element.textContent = words;
}
