/** The dashboard: its figures by the field that each element says it shows, its tables as people read them. */
import { PATIENCE, until } from '../wait.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('../browser.mjs').Browser} Browser */

export class Dashboard {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
  }

  /** Opens it in a tab and waits until it shows something. @param {Browser} browser @param {string} [hash] */
  static async open(browser, hash = '') {
    const dashboard = new Dashboard(await browser.open(`dashboard/dashboard.html${hash}`));
    await dashboard.page.locator('main[aria-busy="false"]').waitFor();
    return dashboard;
  }

  /** Every figure: digits only, by its field. @returns {Promise<Record<string, number>>} */
  async figures() {
    const shown = await this.page.evaluate(() =>
      [...document.querySelectorAll('[data-field], [data-show="events"]')].map((element) => [
        element.getAttribute('data-field') ?? 'events',
        element.textContent ?? '',
      ]),
    );
    return Object.fromEntries(shown.map(([name, words]) => [name, number(words ?? '')]));
  }

  /** @param {Record<string, number>} expected @param {number} [within] milliseconds */
  async shows(expected, within = PATIENCE) {
    const look = async () => {
      const shown = await this.figures();
      return Object.entries(expected).every(([name, value]) => shown[name] === value) ? shown : null;
    };
    await until(`the dashboard shows ${JSON.stringify(expected)}`, look, { within, seen: () => this.figures() });
  }

  /** The state word. */
  async state() {
    return (await this.page.locator('h1[data-field="state"]').textContent()) ?? '';
  }

  /** A panel. @param {string} id */
  panel(id) {
    return this.page.locator(`#${id}`);
  }

  /** The rows of a panel's table, cell by cell; shows the table first where the panel has a plot. @param {string} id */
  async table(id) {
    const toggle = this.panel(id).getByRole('button', { name: 'Show as table' });
    if (await toggle.isVisible()) await toggle.click();
    return this.panel(id)
      .locator('tbody tr')
      .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => (cell.textContent ?? '').trim())));
  }

  /** The entries of the log that are drawn, from the top, in words. @returns {Promise<string[]>} */
  entries() {
    return this.page
      .locator('#log .row')
      .evaluateAll((rows) =>
        rows
          .sort((a, b) => Number(a.getAttribute('aria-posinset')) - Number(b.getAttribute('aria-posinset')))
          .map((row) => [...row.children].map((cell) => cell.textContent ?? '').join(' | ')),
      );
  }

  /** What the log says about how many there are. */
  async found() {
    return (await this.page.locator('#log [data-show="found"]').textContent()) ?? '';
  }

  /** What was just done, as it is told. @param {RegExp} words */
  async tells(words) {
    await this.page.locator('.toast p').filter({ hasText: words }).waitFor();
  }

  /** Chooses an entry by what it says, and gives what is then said about it. @param {string | RegExp} words */
  async details(words) {
    await this.page.locator('#log .row').filter({ hasText: words }).first().click();
    return this.page.locator('#log-details').innerText();
  }
}

/** @param {string} words */
export const number = (words) => Number((words.match(/\d[\d,]*/)?.[0] ?? '0').replaceAll(',', ''));
