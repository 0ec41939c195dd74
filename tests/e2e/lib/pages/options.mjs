/** The options page, used by its accessible names: the ones that people and screen readers rely on. */

/** @typedef {import('playwright-core').Page} Page */

export class Options {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
  }

  /** @param {string} name the accessible name */
  field(name) {
    return this.page.getByLabel(name, { exact: true });
  }

  /**
   * Fills in fields as a person would; those not named stay as they are.
   *
   * @param {Record<string, string | boolean>} settings by accessible name
   */
  async fill(settings) {
    for (const [name, value] of Object.entries(settings)) {
      const field = this.field(name);
      await field.waitFor();
      const kind = await field.evaluate((element) =>
        element instanceof HTMLSelectElement ? 'select' : element instanceof HTMLInputElement ? element.type : 'text',
      );
      if (kind === 'select') await field.selectOption(String(value));
      else if (kind === 'checkbox') await field.setChecked(Boolean(value));
      else await field.fill(String(value));
    }
  }

  async save() {
    await this.page.getByRole('button', { name: 'Save', exact: true }).click();
  }

  /** What the page says about the last thing done. */
  async status() {
    return (await this.page.getByRole('status').allInnerTexts()).join('\n').trim();
  }
}

/**
 * The fields that a newcomer enters to reach a server on this machine.
 *
 * @param {{ url: string, clientId?: string, clientSecret?: string }} server
 * @param {Record<string, string | boolean>} [more]
 */
export const connection = ({ url, clientId = 'supervisor', clientSecret = 'correct horse' }, more = {}) => ({
  'Organization ID': 'acme',
  'Client ID': clientId,
  'Client secret': clientSecret,
  'Service address': url,
  ...more,
});
