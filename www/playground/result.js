/** What came of it: mistakes by their place, each rule as a sentence, firings with their evidence. */
import { askedWords, fieldWords, seenWords } from '../../extension/lib/words/evidence.js';
import { count, duration } from '../../extension/lib/words/words.js';
import { why } from '../../extension/rules/model/errors.js';
import { sentence, span } from '../../extension/rules/model/sentence.js';
import { byId, make, write } from '../lib/dom.js';

/** @typedef {import('../../extension/lib/words/text.js').Text} Text */
/** @typedef {import('../../extension/pkg/workbench.js').Checked} Checked */
/** @typedef {import('../../extension/pkg/workbench.js').Count} Count */
/** @typedef {import('../../extension/pkg/workbench.js').Evidence} Evidence */
/** @typedef {import('../../extension/pkg/workbench.js').Fired} Fired */
/** @typedef {import('../../extension/pkg/workbench.js').Readable} Readable */
/** @typedef {import('../../extension/pkg/workbench.js').RuleError} RuleError */
/** @typedef {import('../../extension/pkg/workbench.js').TapeView} TapeView */
/** @typedef {import('../../extension/pkg/workbench.js').Together} Together */

const main = /** @type {HTMLElement} */ (document.querySelector('main'));
const table = byId('firings');
const body = /** @type {HTMLElement} */ (table.querySelector('tbody'));

export class Result {
  /** The words of the extension, once they are there. @type {Text} */
  text = (key) => key;
  /** Rules by id, as they are named. @type {Map<string, string>} */
  #names = new Map();
  #hasRecording = false;
  #file = '';

  /** @param {Checked} checked */
  check(checked) {
    main.setAttribute('aria-busy', 'false');
    const errors = checked.kind === 'rejected' ? checked.value : [];
    this.#blame(errors);
    if (checked.kind === 'rules') this.#read(checked.value);
    else this.#clear();
  }

  /** @param {RuleError[]} errors */
  #blame(errors) {
    const lines = errors.map((error) => {
      const place = error.at === '' ? [] : [make('code', {}, error.at), ' '];
      return make('li', {}, ...place, why(error, this.text));
    });
    byId('errors').replaceChildren(...lines);
    byId('errors').hidden = lines.length === 0;
    byId('rules').setAttribute('aria-invalid', String(lines.length > 0));
  }

  /** @param {Readable} readable */
  #read({ text, sentences, examples }) {
    /** @type {{ id: string, name: string, enabled?: boolean, examples?: unknown[] }[]} */
    const rules = JSON.parse(text).rules;
    this.#names = new Map(rules.map(({ id, name }) => [id, name]));
    const items = rules.map((rule, index) => {
      const said = sentences[index];
      const parts = [make('strong', {}, rule.name), make('p', {}, said ? sentence(said, this.text) : '')];
      const notes = [];
      if (rule.enabled === false) notes.push('Disabled.');
      const differing = examples[index]?.length ?? 0;
      if (rule.examples?.length)
        notes.push(`${rule.examples.length - differing} of ${rule.examples.length} examples pass.`);
      if (notes.length > 0) parts.push(make('p', { class: 'small muted' }, notes.join(' ')));
      return make('li', {}, ...parts, make('p', { class: 'figures', 'data-rule': rule.id }));
    });
    byId('sentences').replaceChildren(...items);
    byId('no-sentences').hidden = items.length > 0;
    write(byId('no-sentences'), 'No rule yet.');
    if (!this.#hasRecording) write(byId('total'), 'Load a recording to see.');
  }

  #clear() {
    byId('sentences').replaceChildren();
    byId('no-sentences').hidden = false;
    write(byId('no-sentences'), 'The rules have a mistake. None of them is taken.');
    write(byId('total'), 'The rules have a mistake.');
    this.#list([], 0);
  }

  /** @param {string} name of the file */
  loading(name) {
    this.#file = name;
    write(byId('about'), `Reading ${name}…`);
  }

  /** @param {TapeView | undefined} tape @param {number} unreadable */
  loaded(tape, unreadable) {
    this.#hasRecording = tape !== undefined;
    const held = tape
      ? `${count(tape.events, 'en')} events of ${count(tape.interactions, 'en')} interactions in ${duration(tape.until - tape.from, this.text)}.`
      : 'no event.';
    const wrong = unreadable > 0 ? ` ${count(unreadable, 'en')} lines are no events and were left out.` : '';
    write(byId('about'), `${this.#file}: ${held}${wrong}`);
    if (!tape) this.#list([], 0);
  }

  /** @param {string} reason */
  unread(reason) {
    write(byId('about'), `${this.#file || 'The recording'} cannot be read: ${reason}`);
  }

  /** @param {number} share */
  running(share) {
    write(byId('total'), this.text('effectRunning', Math.round(share * 100)));
  }

  /** @param {Count} total @param {Together | undefined} together */
  done(total, together) {
    write(byId('total'), this.#counted(total));
    const counts = new Map(together?.rules);
    for (const place of document.querySelectorAll('[data-rule]')) {
      const own = counts.get(place.getAttribute('data-rule') ?? '');
      write(place, own ? this.#counted(own) : 'No card.');
    }
    const all = total.firings + total.muted + total.grouped + total.shadow;
    this.#list(together?.fired ?? [], all);
  }

  /** @param {Count} count */
  #counted({ firings, interactions, muted, grouped, shadow }) {
    const cards = `${plural(firings, 'card')} on ${plural(interactions, 'interaction')}.`;
    const said = [firings > 0 ? cards : 'No card.'];
    if (muted > 0) said.push(this.text('effectMuted', count(muted, 'en')));
    if (grouped > 0) said.push(this.text('effectGrouped', count(grouped, 'en')));
    if (shadow > 0) said.push(this.text('effectShadow', count(shadow, 'en')));
    return said.join(' ');
  }

  /** @param {Fired[]} fired the newest first @param {number} all how many there are */
  #list(fired, all) {
    body.replaceChildren(...fired.map((one) => this.#row(one)));
    table.hidden = fired.length === 0;
    byId('more').hidden = fired.length === all;
    write(byId('more'), `The newest ${count(fired.length, 'en')} of ${count(all, 'en')} are listed.`);
  }

  /** @param {Fired} fired */
  #row({ at, rule, interaction, queue, evidence, mutedBy, grouped, shadow }) {
    const name = make('td', {}, this.#name(rule));
    if (shadow) name.append(' ', make('span', { class: 'note' }, 'shadow'));
    if (grouped) name.append(' ', make('span', { class: 'note' }, 'grouped'));
    if (mutedBy) name.append(' ', make('span', { class: 'note' }, `muted by ${this.#name(mutedBy)}`));
    const seen = evidence.filter((one) => one.rule === rule).map((one) => this.#evidence(one));
    return make(
      'tr',
      {},
      make('td', { class: 'when' }, span(at, this.text)),
      name,
      make('td', {}, interaction),
      make('td', {}, queue ?? '–'),
      make('td', {}, make('ul', { role: 'list' }, ...seen)),
    );
  }

  /** @param {string} rule */
  #name(rule) {
    return this.#names.get(rule) ?? rule;
  }

  /** @param {Evidence} one */
  #evidence(one) {
    const asked = askedWords(one, this.text);
    const verdict = { true: '', false: ' (not so)', undefined: ` (${this.text('noData')})` }[String(one.verdict)] ?? '';
    return make(
      'li',
      {},
      `${fieldWords(one, this.text)} `,
      make('strong', {}, seenWords(one, this.text)),
      make('span', { class: 'muted' }, ` ${asked}${verdict}`),
    );
  }

  /** The code has failed. @param {string} reason */
  fail(reason) {
    main.setAttribute('aria-busy', 'false');
    write(byId('total'), `Something is wrong: ${reason}`);
  }
}

/** @param {number} number @param {string} word */
const plural = (number, word) => `${count(number, 'en')} ${word}${number === 1 ? '' : 's'}`;
