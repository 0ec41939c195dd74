/** The steps of a connection test, which depend on the way to connect: each turns to passed or failed, with its time or with what to do next. */
import { diagnosisWords, refusal } from '../words/diagnosis.js';
import { element, icon } from './dom.js';
import { ask } from './page.js';
import { text } from '../words/text.js';

/** @typedef {import('../../pkg/cuewire.js').FieldError} FieldError */
/** @typedef {import('../../pkg/cuewire.js').Status} Status */
/** @typedef {import('../../pkg/cuewire.js').TestStep} TestStep */

/** @type {TestStep['step'][]} */
const READS = ['time', 'queues', 'contacts', 'digital', 'messages'];

/** The steps of each way to connect, until the worker tells them. @type {Record<import('../words/way.js').Way, TestStep['step'][]>} */
const STEPS = {
  stream: ['token', 'scopes', 'stream', 'card'],
  nice: ['issuer', 'signIn', 'tenant', ...READS],
  accessKey: ['issuer', 'tenant', 'signIn', ...READS],
};

/** A shape per state, on a grid of 24. @type {Record<TestStep['state'], string>} */
const SHAPES = {
  waiting: 'M12 4.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 1 0 0-15',
  running: 'M12 4.5a7.5 7.5 0 0 1 7.5 7.5M12 12V8M12 12l3 2',
  passed: 'm5 12.5 4.5 4.5L19 7.5',
  failed: 'M6 6l12 12M18 6 6 18',
  skipped: 'M6 12h12',
};

export class ConnectionTest {
  #list;
  /** @type {HTMLLIElement[]} */
  #rows = [];
  #steps = STEPS.stream;
  /** The host that the last test could not reach for want of permission. @type {string | undefined} */
  missing;
  /** @type {'none' | 'running' | 'passed' | 'failed'} */
  verdict = 'none';

  /** @param {HTMLElement} list */
  constructor(list) {
    this.#list = list;
    this.clear();
  }

  /** Shows the steps of a way to connect. @param {import('../words/way.js').Way} way */
  of(way) {
    if (this.#steps === STEPS[way]) return;
    this.#steps = STEPS[way];
    this.clear();
  }

  /** Resets every step to pending. */
  clear() {
    this.verdict = 'none';
    this.#show(this.#steps.map((step) => ({ step, state: 'waiting', tookMs: undefined, diagnosis: undefined })));
  }

  /**
   * @param {string} settings as they would be saved
   * @param {string | undefined} interaction gets a real card
   * @returns {Promise<FieldError[]>} what is wrong with the settings; then nothing was tried
   */
  async run(settings, interaction) {
    this.clear();
    const answer = await ask({ kind: 'test', text: settings, interaction });
    if (answer.kind === 'done') this.verdict = 'running';
    if (answer.kind === 'rejected') return answer.value;
    const why = refusal(answer, text);
    if (why) {
      const tone = /** @type {const} */ ('danger');
      // A reply has one sentence of its own, where a diagnosis has three.
      const code = answer.kind === 'wasmFailed' ? answer.kind : why;
      const diagnosis = { code, tone, values: [why], at: 0, since: 0 };
      this.verdict = 'failed';
      this.#fill(0, { step: this.#steps[0] ?? 'token', state: 'failed', tookMs: undefined, diagnosis });
    }
    return [];
  }

  /** @param {Status} status @returns {boolean} whether the test has just ended */
  follow({ test }) {
    if (this.verdict !== 'running') return false;
    if (!test) {
      // A test ends with the worker that ran it.
      this.clear();
      return true;
    }
    this.#show(test);
    if (test.some(({ state }) => state === 'failed')) this.verdict = 'failed';
    this.missing = test.find(({ diagnosis }) => diagnosis?.code === 'permissionMissing')?.diagnosis?.values[0];
    if (this.verdict === 'running' && test.every(({ state }) => state === 'passed' || state === 'skipped'))
      this.verdict = 'passed';
    return this.verdict !== 'running';
  }

  /** @param {TestStep[]} steps */
  #show(steps) {
    if (this.#rows.length !== steps.length) {
      this.#rows = steps.map(() => element('li'));
      this.#list.replaceChildren(...this.#rows);
    }
    steps.forEach((step, index) => void this.#fill(index, step));
  }

  /** @param {number} index @param {TestStep} step */
  #fill(index, { step, state, tookMs, diagnosis }) {
    const row = this.#rows[index];
    const mark = JSON.stringify([step, state, tookMs, diagnosis]);
    if (!row || row.dataset.mark === mark) return;
    row.dataset.mark = mark;
    row.dataset.state = state;
    const took = tookMs === undefined || tookMs === null ? '' : span(tookMs);
    const words = element(
      'span',
      { className: 'how small muted' },
      took ? `${text(`test_${state}`)} · ${took}` : text(`test_${state}`),
    );
    row.replaceChildren(
      icon(SHAPES[state]),
      element('span', { className: 'step', textContent: text(`test_${step}`) }),
      words,
    );
    if (diagnosis) row.append(advice(diagnosis));
    else if (state === 'skipped')
      row.append(element('p', { className: 'advice small muted' }, text(`test_${step}_skipped`)));
    else if (state === 'waiting' || state === 'running')
      row.append(element('p', { className: 'advice small muted' }, text(`test_${step}_what`)));
  }
}

/** @param {{ code: string, values: string[] }} diagnosis */
function advice(diagnosis) {
  const { what, why, next, detail } = diagnosisWords(diagnosis, Date.now(), text);
  const box = element('div', { className: 'advice small' });
  box.append(
    element('p', { className: 'what', textContent: what }),
    element('p', { className: 'muted', textContent: why }),
  );
  box.append(element('p', { className: 'next', textContent: next }));
  if (detail) box.append(element('p', { className: 'muted detail', textContent: detail }));
  return box;
}

/** @param {number} ms */
function span(ms) {
  const [unit, value] = ms < 1_000 ? ['millisecond', ms] : ['second', ms / 1_000];
  const shape = { style: 'unit', unit, maximumFractionDigits: 1 };
  return new Intl.NumberFormat(document.documentElement.lang, /** @type {any} */ (shape)).format(Number(value));
}
