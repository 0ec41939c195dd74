/**
 * A real Chromium with the unpacked extension in a profile of its own, and the ways in which it is treated badly: its
 * worker stopped, the whole of it killed, started again on the same profile.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { chromiumProgram, extensionFolder } from './environment.mjs';
import { Options } from './pages/options.mjs';
import { Popup } from './pages/popup.mjs';
import { PATIENCE, sleep, until } from './wait.mjs';

/** @typedef {import('playwright-core').BrowserContext} BrowserContext */
/** @typedef {import('playwright-core').Page} Page */

export class Browser {
  /** @type {BrowserContext | null} */
  #context = null;
  /** @type {string} */
  #profile;
  /** @type {boolean} */
  #headless;
  /** @type {string} */
  #folder;
  /** Lines that the extension's pages and worker wrote as errors, and exceptions that nothing caught. @type {string[]} */
  errors = [];

  /** The extension's id: Chromium derives it from the manifest's key, or from the folder's path. */
  extensionId;

  /** @param {string} profile @param {boolean} headless @param {string} folder the extension's */
  constructor(profile, headless, folder) {
    this.#profile = profile;
    this.#headless = headless;
    this.#folder = folder;
    this.extensionId = extensionId(folder);
  }

  /**
   * Starts on a fresh profile, and closes the welcome page that installing opens. It comes to the front when it is ready,
   * and what is clicked on another page meanwhile is painted seconds later; left open, it wakes a worker that was ended.
   *
   * @param {{ headless?: boolean, folder?: string, welcome?: boolean }} [options] `welcome`: it stays open
   */
  static async launch({ headless = true, folder = extensionFolder, welcome = false } = {}) {
    const browser = new Browser(await mkdtemp(join(tmpdir(), 'cuewire-e2e-')), headless, folder);
    await browser.start();
    const page = await browser.welcomePage();
    // A page that is closed while it asks Chromium for its first words can leave every later page without any.
    await page.waitForLoadState();
    if (!welcome) await page.close();
    return browser;
  }

  /** The welcome page, once it is open. */
  async welcomePage() {
    const url = `chrome-extension://${this.extensionId}/welcome/welcome.html`;
    return until('the welcome page is open', () => this.context.pages().find((page) => page.url() === url));
  }

  /** Starts, on the profile as it was left. Opens no page of the extension. */
  async start() {
    const context = await chromium.launchPersistentContext(this.#profile, {
      executablePath: chromiumProgram,
      headless: this.#headless,
      viewport: this.#headless ? { width: 1280, height: 800 } : null,
      // Playwright starts Chromium without extensions unless told otherwise.
      ignoreDefaultArgs: ['--disable-extensions', '--disable-component-extensions-with-background-pages'],
      args: this.#arguments(),
    });
    context.setDefaultTimeout(PATIENCE);
    context.on('weberror', (error) => this.errors.push(`uncaught: ${error.error().message}`));
    context.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(`console: ${message.text()}`);
    });
    this.#context = context;
  }

  /**
   * Starts, on the profile as it was left, as a plain program that nobody is attached to: a debugger keeps workers alive.
   *
   * @returns {Promise<{ quit: () => Promise<void> }>}
   */
  async startUnattended() {
    const own = [`--user-data-dir=${this.#profile}`, '--no-first-run', '--password-store=basic'];
    if (this.#headless) own.push('--headless=new');
    if (process.getuid?.() === 0) own.push('--no-sandbox');
    const child = spawn(chromiumProgram, [...own, ...this.#arguments(), 'about:blank'], { stdio: 'ignore' });
    const gone = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    return {
      quit: async () => {
        if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
        const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
        await gone;
        clearTimeout(late);
      },
    };
  }

  #arguments() {
    return [
      `--disable-extensions-except=${this.#folder}`,
      `--load-extension=${this.#folder}`,
      '--disable-features=DisableLoadExtensionCommandLineSwitch',
      '--hide-crash-restore-bubble',
    ];
  }

  /** @returns {BrowserContext} */
  get context() {
    if (this.#context === null) throw new Error('the browser is not running');
    return this.#context;
  }

  /**
   * Opens a page of the extension in a tab.
   *
   * @param {string} path such as `popup/popup.html`
   */
  async open(path) {
    const page = await this.context.newPage();
    await page.goto(`chrome-extension://${this.extensionId}/${path}`);
    return page;
  }

  /** Opens the options page. */
  async options() {
    return new Options(await this.open('options/options.html'));
  }

  /** Opens the popup in a tab. */
  async popup() {
    return new Popup(await this.open('popup/popup.html'));
  }

  /** Opens the popup, reads what it shows once it has something, and closes it. */
  async status() {
    const popup = await this.popup();
    try {
      return await until('the popup shows a state', async () => {
        const shown = await popup.read();
        return shown.state === '' ? null : shown;
      });
    } finally {
      await popup.page.close();
    }
  }

  /**
   * Waits until the popup shows these values, and gives all that it shows then.
   *
   * @param {Partial<import('./pages/popup.mjs').Shown>} expected
   * @param {number} [within] milliseconds
   */
  async shows(expected, within = PATIENCE) {
    const popup = await this.popup();
    try {
      return await popup.shows(expected, within);
    } finally {
      await popup.page.close();
    }
  }

  /** The text on the toolbar button. */
  async badge() {
    const page = await this.open('popup/popup.html');
    try {
      return await page.evaluate(() => chrome.action.getBadgeText({}));
    } finally {
      await page.close();
    }
  }

  /**
   * Fills in the options page and saves.
   *
   * @param {Record<string, string | boolean>} settings by accessible name
   */
  async configure(settings) {
    const options = await this.options();
    try {
      await options.fill(settings);
      await options.save();
      await until('the options page says Saved', async () => /\bSaved\b/.test(await options.status()), {
        seen: () => options.status(),
      });
    } finally {
      await options.page.close();
    }
  }

  /**
   * Stops every service worker at once, as the browser itself would, but without a reason.
   *
   * @returns {Promise<number>} when, as `Date.now()` has it
   */
  async stopWorkers() {
    const page = await this.open('manifest.json');
    const session = await this.context.newCDPSession(page);
    try {
      await session.send('ServiceWorker.enable');
      const at = Date.now();
      await session.send('ServiceWorker.stopAllWorkers');
      return at;
    } finally {
      await session.detach().catch(() => {});
      await page.close().catch(() => {});
    }
  }

  /** The browser's process, the parent of all of its others. */
  get processId() {
    return browserProcess(this.#profile);
  }

  /** Kills the whole browser at once (`kill -9`), as a power cut would. */
  async kill() {
    const context = this.context;
    const closed = new Promise((resolve) => context.once('close', resolve));
    const pid = browserProcess(this.#profile);
    process.kill(pid, 'SIGKILL');
    await Promise.race([closed, sleep(5_000)]);
    await context.close().catch(() => {});
    this.#context = null;
    await until('the killed browser is gone', () => !isAlive(pid));
  }

  /** Closes the browser as a person would. */
  async quit() {
    await this.#context?.close();
    this.#context = null;
  }

  /** Closes the browser and removes its profile. */
  async close() {
    await this.quit();
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/**
 * The process of the browser that has this profile open: Chromium's lock is a link to `host-pid`.
 *
 * @param {string} profile
 */
function browserProcess(profile) {
  const pid = Number(readlinkSync(join(profile, 'SingletonLock')).split('-').at(-1));
  if (!Number.isInteger(pid) || pid <= 1) throw new Error('the profile names no browser process');
  return pid;
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    // A killed child of a process that has not waited for it yet is a zombie: gone for all that matters.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** @param {string} folder */
function extensionId(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  const source = typeof manifest.key === 'string' ? Buffer.from(manifest.key, 'base64') : Buffer.from(folder);
  const digest = createHash('sha256').update(source).digest('hex').slice(0, 32);
  return digest.replace(/./g, (digit) => String.fromCharCode(97 + Number.parseInt(digit, 16)));
}
