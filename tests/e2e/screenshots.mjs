/**
 * The pictures of the README: the real extension on the real simulator, made the same way every time.
 * `cargo xtask screenshots` builds everything and starts this.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Browser } from './lib/browser.mjs';
import { extensionFolder, root } from './lib/environment.mjs';
import { connection } from './lib/pages/options.mjs';
import { Simulator } from './lib/peers/simulator.mjs';
import { sleep, until } from './lib/wait.mjs';

/** @typedef {import('playwright-core').Page} Page */

const { values } = parseArgs({
  options: { to: { type: 'string', default: 'docs/screenshots' }, seconds: { type: 'string', default: '60' } },
});
const folder = resolve(root, values.to);
const seconds = Number(values.seconds);
const WIDE = { width: 1280, height: 860 };
const SIDE_PANEL = { width: 400, height: 860 };
const POPUP = { width: 360, height: 560 };

await mkdir(folder, { recursive: true });
const simulator = await Simulator.start(['--rate', '40', '--seed', '5', '--due-share', '0.2', '--odd-ids', '0']);
const browser = await Browser.launch();
try {
  const desktop = await browser.context.newPage();
  await desktop.goto(`${simulator.url}/`);
  if (existsSync(join(extensionFolder, 'welcome/welcome.html'))) await picture('welcome', 'welcome/welcome.html');
  await browser.configure(connection(simulator));
  await until('it streams', async () => (await simulator.report()).streamsOpen > 0);

  // A day in a minute: a stream that drops and comes back, calm, a card that the server will not take, a rate limit.
  await sleep(seconds * 200);
  await simulator.fault('drop', { code: 1006, seconds: 2 });
  await sleep(seconds * 800);
  await browser.shows({ state: 'Streaming', diagnosis: '' }, 60_000);
  await picture('popup', 'popup/popup.html', { size: POPUP });
  await picture('settings', 'options/options.html', { hash: '#rules' });
  await picture('rules', 'rules/rules.html', { ready: startFromQueueOnFire });
  await picture('dashboard', 'dashboard/dashboard.html');
  await picture('dashboard-dark', 'dashboard/dashboard.html', { dark: true });
  await picture('side-panel', 'dashboard/dashboard.html', { size: SIDE_PANEL, dark: true });
  await shoot(desktop, 'agent-desktop', WIDE);
  await overview(['agent-desktop', 'dashboard'], 'popup');

  await simulator.fault('4xx', { status: 422, count: 1 });
  await browser.shows({ givenUp: 1 }, 60_000);
  await picture('log', 'dashboard/dashboard.html', { ready: chooseTheRefused });
  await simulator.fault('429', { retryAfter: 60, seconds: 60 });
  await browser.shows({ waiting: 2 }, 60_000);
  await picture('trouble', 'dashboard/dashboard.html');
} finally {
  await browser.close().catch(() => {});
  await simulator.stop();
}

/**
 * @param {string} name
 * @param {string} path
 * @param {{ hash?: string, size?: { width: number, height: number }, dark?: boolean, ready?: (page: Page) => Promise<unknown> }} [how]
 */
async function picture(name, path, { hash = '', size = WIDE, dark = false, ready } = {}) {
  const page = await browser.context.newPage();
  await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce' });
  await page.setViewportSize(size);
  await page.goto(`chrome-extension://${browser.extensionId}/${path}${hash}`);
  await page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
  await ready?.(page);
  await shoot(page, name, size);
  await page.close();
}

/** @param {Page} page @param {string} name @param {{ width: number, height: number }} size */
async function shoot(page, name, size) {
  await page.setViewportSize(size);
  await page.bringToFront();
  await sleep(1_500);
  const file = join(folder, `${name}.png`);
  await page.screenshot({ path: file });
  console.log(`${name.padEnd(16)} ${size.width} × ${size.height}, ${Math.ceil((await stat(file)).size / 1024)} kB`);
}

/** Two pictures beside each other and a small one before them. @param {string[]} wide @param {string} small */
async function overview(wide, small) {
  const page = await browser.context.newPage();
  const sources = await Promise.all(
    [...wide, small].map(async (name) => {
      const bytes = await readFile(join(folder, `${name}.png`));
      return `data:image/png;base64,${bytes.toString('base64')}`;
    }),
  );
  await page.setContent('<body></body>');
  await page.evaluate((sources) => {
    document.body.style.cssText =
      'margin:0;display:flex;gap:24px;padding:24px 24px 72px;background:#dfe4ec;position:relative';
    sources.forEach((source, index) => {
      const image = document.createElement('img');
      image.src = source;
      const last = index === sources.length - 1;
      const place = last ? 'position:absolute;width:252px;bottom:24px;left:calc(50% - 126px)' : 'width:784px';
      image.style.cssText = `${place};border:1px solid #aab3c0;border-radius:8px`;
      document.body.append(image);
    });
  }, sources);
  await shoot(page, 'overview', { width: 1640, height: 624 });
  await page.close();
}

/** @param {Page} page */
async function chooseTheRefused(page) {
  await page.getByLabel('State', { exact: true }).selectOption('given up');
  await page.locator('#log .row[data-tone="givenUp"]').first().click();
  await page.locator('#log').evaluate((log) => log.scrollIntoView({ block: 'start' }));
}

/** @param {Page} page */
async function startFromQueueOnFire(page) {
  await page.getByRole('button', { name: 'New rule…' }).click();
  await page.getByRole('button', { name: /^Queue on fire/ }).click();
  await page.locator('.sentence').filter({ hasText: 'waiting' }).waitFor();
}
