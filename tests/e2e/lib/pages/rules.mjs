/** The rules page, used by its accessible names. */
import { readFile } from 'node:fs/promises';
import { until } from '../wait.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('../browser.mjs').Browser} Browser */

export class Rules {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
  }

  /** Opens it in a tab. @param {Browser} browser */
  static async open(browser) {
    const rules = new Rules(await browser.open('rules/rules.html'));
    await rules.ready();
    return rules;
  }

  /** From the dashboard, as a person gets there. @param {Browser} browser @param {Page} dashboard @param {() => Promise<unknown>} press the button */
  static async from(browser, dashboard, press) {
    const opened = browser.context.waitForEvent('page');
    await dashboard.bringToFront();
    await press();
    const rules = new Rules(await opened);
    await rules.ready();
    return rules;
  }

  /**
   * From the dashboard by keyboard alone to the gallery's rule of negative sentiment, with the focus in its name.
   * @param {Browser} browser
   * @param {Page} dashboard
   */
  static async byKeys(browser, dashboard) {
    const rules = await Rules.from(browser, dashboard, async () => {
      await reach(dashboard, 'Rules');
      await dashboard.keyboard.press('Enter');
    });
    for (const name of ['New rule…', /^Negative sentiment/]) {
      await reach(rules.page, name);
      await rules.page.keyboard.press('Enter');
    }
    return rules;
  }

  /** By keyboard alone: for 20 s in billing. */
  async holdInBilling() {
    const { keyboard } = this.page;
    await reach(this.page, 'Must stay true for');
    for (let press = 0; press < 4; press += 1) await keyboard.press('ArrowUp');
    await reach(this.page, 'Include queues');
    await keyboard.type('billing');
  }

  ready() {
    return this.page.locator('main[aria-busy="false"] #work').waitFor();
  }

  /** @param {string | RegExp} name */
  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** @param {string} name */
  field(name) {
    return this.page.getByLabel(name, { exact: true });
  }

  /** The rules in their order. */
  names() {
    return this.page.locator('#rules .name').allInnerTexts();
  }

  /** The rule that is being edited, in words. @param {RegExp} words */
  async reads(words) {
    // Units stand behind a space that does not break.
    const said = async () => (await this.page.locator('.sentence').innerText()).replaceAll('\u00a0', ' ');
    await until(`the rule reads ${words}`, async () => words.test(await said()), { seen: said });
  }

  /** What the page says about the last thing done. @param {RegExp} words */
  async says(words) {
    const line = this.page.locator('.bar [role="status"]');
    await until(`it says ${words}`, async () => words.test(await line.innerText()), { seen: () => line.innerText() });
  }

  /** Adds a rule of the gallery. @param {RegExp} name */
  async add(name) {
    await this.button('New rule…').click();
    await this.page.getByRole('dialog').getByRole('button', { name }).click();
    await until('its name has the focus', () =>
      this.field('Rule name').evaluate((box) => box === document.activeElement),
    );
  }

  /** The rules that the worker uses. @returns {Promise<any[]>} */
  async inForce() {
    const answer = await this.page.evaluate(() => chrome.runtime.sendMessage({ kind: 'rules' }));
    return JSON.parse(answer.value.text).rules;
  }
}

/**
 * Puts a rule set into force, as the page of rules does.
 *
 * @param {Browser} browser
 * @param {string} file
 */
export async function putInForce(browser, file) {
  const { page } = await Rules.open(browser);
  const message = { kind: 'saveRules', text: await readFile(file, 'utf8'), checkOnly: false };
  const answer = await page.evaluate((message) => chrome.runtime.sendMessage(message), message);
  if (answer?.kind !== 'done') throw new Error(`${file}: ${JSON.stringify(answer)}`);
  await page.close();
}

/**
 * The simulator's flags for a rule set. The browser tells the time as this process does.
 *
 * @param {string | undefined} file
 */
export const judgedBy = (file) =>
  file === undefined ? [] : ['--rules', file, '--zone', `=${-new Date().getTimezoneOffset()}`];

/** Presses Tab until a control has the focus, as a person without a mouse does. @param {Page} page @param {string | RegExp} name @param {string} [key] */
export async function reach(page, name, key = 'Tab') {
  const seen = [];
  for (let press = 0; press < 120; press += 1) {
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      const label =
        element instanceof HTMLInputElement ||
        element instanceof HTMLTextAreaElement ||
        element instanceof HTMLSelectElement
          ? element.labels?.[0]?.textContent
          : undefined;
      return (element?.getAttribute('aria-label') ?? label ?? element?.textContent ?? '').trim();
    });
    if (typeof name === 'string' ? focused === name : name.test(focused)) return;
    seen.push(focused);
    await page.keyboard.press(key);
  }
  throw new Error(`the keyboard does not reach ${name}: ${seen.join(' · ')}`);
}
