/** The page of the first run, used as a newcomer does. */
import { Options } from './options.mjs';
import { until } from '../wait.mjs';

/** @typedef {import('playwright-core').Page} Page */

export class Welcome {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    this.form = new Options(page);
  }

  /** The tab that installing has opened. @param {import('../browser.mjs').Browser} browser */
  static async opened(browser) {
    const page = await browser.welcomePage();
    await page.getByLabel('Organization ID', { exact: true }).waitFor();
    return new Welcome(page);
  }

  /** @param {Record<string, string>} settings by accessible name */
  async fill(settings) {
    const more = this.page.locator('details').filter({ hasText: 'Private gateway' });
    if ((await more.getAttribute('open')) === null) await more.locator('summary').click();
    await this.form.fill(settings);
  }

  /** Runs the test, and gives the words of each step once it has ended. */
  async test() {
    await this.page.getByRole('button', { name: 'Test connection' }).click();
    return steps(this.page);
  }

  /** What the page says of the last thing done. */
  said() {
    return this.form.status();
  }
}

/** The words of each step, once the test has ended. @param {Page} page */
export const steps = (page) =>
  until('the test has ended', async () => {
    const rows = page.locator('.steps li');
    const states = await rows.evaluateAll((rows) => rows.map((row) => row.getAttribute('data-state') ?? ''));
    const over = states.includes('failed') || states.every((state) => state === 'passed' || state === 'skipped');
    if (!over || states.length === 0) return null;
    const words = await rows.allInnerTexts();
    return states.map((state, index) => ({ state, words: (words[index] ?? '').replace(/\s+/g, ' ') }));
  });
