/** The popup: its figures by the field that each element says it shows, its buttons by their names. */
import { PATIENCE, until } from '../wait.mjs';

/** @typedef {import('playwright-core').Page} Page */
/**
 * @typedef {object} Shown
 * @property {string} state one of the state words; empty while there is nothing to show yet
 * @property {number} events
 * @property {number} triggers
 * @property {number} delivered
 * @property {number} waiting
 * @property {number} givenUp
 * @property {number} rejected frames that were no event
 * @property {string} diagnosis the newest diagnosis with its next step; empty when all is well
 */

export class Popup {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
  }

  /** @returns {Promise<Shown>} */
  async read() {
    const fields = await this.page.evaluate(() =>
      // `aria-busy` marks a popup that has no data yet.
      document.querySelector('[aria-busy="true"]')
        ? {}
        : Object.fromEntries(
            [...document.querySelectorAll('[data-field]')].map((element) => [
              element.getAttribute('data-field'),
              element instanceof HTMLElement && element.checkVisibility() ? element.innerText.trim() : '',
            ]),
          ),
    );
    return {
      state: fields.state ?? '',
      events: figure(fields.events),
      triggers: figure(fields.triggers),
      delivered: figure(fields.delivered),
      waiting: figure(fields.waiting),
      givenUp: figure(fields['given-up']),
      rejected: figure(fields.rejected),
      diagnosis: fields.diagnosis ?? '',
    };
  }

  /**
   * Waits until it shows these values, and gives all that it shows then.
   *
   * @param {Partial<Shown>} expected
   * @param {number} [within] milliseconds
   */
  shows(expected, within = PATIENCE) {
    // Skip an empty popup, because its figures would read as zeros.
    const holds = (/** @type {Record<string, unknown>} */ shown) =>
      shown.state !== '' && Object.entries(expected).every(([name, value]) => shown[name] === value);
    const look = async () => {
      const shown = await this.read();
      return holds(/** @type {any} */ (shown)) ? shown : null;
    };
    return until(`the popup shows ${JSON.stringify(expected)}`, look, { within, seen: () => this.read() });
  }

  /** Waits until its diagnosis says so. @param {RegExp} words */
  diagnoses(words) {
    const look = async () => words.test((await this.read()).diagnosis);
    return until(`the popup says ${words}`, look, { seen: () => this.read() });
  }

  /** @param {string | RegExp} name */
  async press(name) {
    await this.page.getByRole('button', { name }).click();
  }
}

/**
 * A number as it is shown to people: digits in groups, perhaps with a word beside it.
 *
 * @param {string | undefined} text
 */
function figure(text) {
  const digits = (text ?? '').match(/\d[\d\s.,\u00a0\u202f\u2009']*/)?.[0].replace(/\D/g, '');
  return digits ? Number(digits) : 0;
}
