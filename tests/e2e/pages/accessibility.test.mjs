/** Every page, in every dress: axe-core finds nothing, nothing scrolls sideways at 200 %, and nothing moves for those who asked for that. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { Browser } from '../lib/browser.mjs';
import { Dashboard } from '../lib/pages/dashboard.mjs';
import { unhappy } from '../lib/events.mjs';
import { connection } from '../lib/pages/options.mjs';
import { OtherServer } from '../lib/peers/other-server.mjs';

/** @typedef {import('playwright-core').Page} Page */

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const DRESSES = /** @type {const} */ ({
  light: { colorScheme: 'light', forcedColors: 'none' },
  dark: { colorScheme: 'dark', forcedColors: 'none' },
  'forced colours': { colorScheme: 'dark', forcedColors: 'active' },
});
const WIDE = { width: 1280, height: 900 };
/** A window of 1280 × 900 at 200 %. */
const ZOOMED = { width: 640, height: 450 };
const SIDE_PANEL = { width: 400, height: 800 };

/**
 * @typedef {object} Looked
 * @property {string} path
 * @property {string} filled what is there once the page shows what it has to show
 * @property {{ width: number, height: number }} [size]
 * @property {Record<string, (page: Page) => Promise<unknown>>} [states] how to reach them
 */
/** Each page, and the states it is looked at in. @type {{ popup: Looked, settings: Looked, welcome: Looked, rules: Looked, dashboard: Looked }} */
const PAGES = {
  popup: { path: 'popup/popup.html', filled: 'main[aria-busy="false"]', size: { width: 360, height: 560 } },
  settings: {
    path: 'options/options.html',
    filled: 'form',
    states: {
      'with the published service': published,
      'with an access key': (page) => page.getByLabel('Sign in', { exact: true }).selectOption('accessKey'),
    },
  },
  welcome: {
    path: 'welcome/welcome.html',
    filled: '.running[data-state]',
    states: {
      'before set-up, with the published service': async (page) => {
        await page.getByRole('button', { name: 'Change the connection' }).click();
        await published(page);
      },
    },
  },
  rules: {
    path: 'rules/rules.html',
    filled: 'main[aria-busy="false"] #rules .rule',
    states: {
      'choosing a rule to start from': (page) => page.getByRole('button', { name: 'New rule…' }).click(),
      'with groups, hours and a mistake': async (page) => {
        await page
          .getByRole('dialog')
          .getByRole('button', { name: /^Queue on fire/ })
          .click();
        await page.getByLabel('Only at certain hours').check();
        await page.getByLabel('Clears only at another level').check();
        await page.getByLabel('Must stay true for', { exact: true }).fill('soon');
        await page.locator('#at-holdSeconds-error').waitFor();
      },
      'as JSON': (page) => page.getByRole('button', { name: 'JSON', exact: true }).click(),
    },
  },
  dashboard: {
    path: 'dashboard/dashboard.html',
    filled: 'main[aria-busy="false"] #log .row:not([data-loading])',
    states: {
      'with a proposed threshold': (page) => page.getByRole('slider', { name: 'Sentiment threshold' }).press('PageUp'),
      'with tables': async (page) => {
        for (const button of await page.locator('[data-table]').all()) await button.click();
      },
      'with an entry chosen': async (page) => {
        await page.locator('#log .row').first().click();
        await page.locator('#log-details h3').waitFor();
      },
      'asking what to snooze': (page) => page.locator('#pauses').getByRole('button', { name: 'Snooze…' }).click(),
      'asking before it clears': async (page) => {
        await page.keyboard.press('Escape');
        await page.locator('main > footer').getByRole('button', { name: 'Clear all data' }).click();
        await page.getByRole('dialog').waitFor();
      },
    },
  },
};

/** Chooses what NICE publishes. @param {Page} page */
async function published(page) {
  await page.getByLabel('Service', { exact: true }).selectOption('published');
  await page.getByLabel('Redirect address', { exact: true }).waitFor();
}

/** @type {Browser} */
let browser;
/** @type {OtherServer} */
let server;

before(async () => {
  server = await OtherServer.start();
  browser = await Browser.launch();
  await browser.configure(connection(server));
  await server.streaming();
  server.answerCard = ({ interaction }) => ({ status: interaction === 'refused' ? 422 : 200 });
  for (const id of ['a', 'b', 'refused']) server.send(unhappy(id));
  await browser.shows({ delivered: 2, givenUp: 1 });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

for (const [name, looked] of Object.entries(PAGES)) {
  const { size = WIDE, states = {} } = looked;
  for (const [dress, media] of Object.entries(DRESSES)) {
    test(`${name}, ${dress}: axe-core finds nothing`, async (t) => {
      const page = await opened(looked, size, media);
      t.after(() => page.close());
      let passes = await clean(page, name, media);
      for (const [state, reach] of Object.entries(states)) {
        await reach(page);
        passes += await clean(page, `${name} ${state}`, media);
      }
      t.diagnostic(`${1 + Object.keys(states).length} states, ${passes} rules passed`);
    });
  }

  test(`${name} at 200 %: nothing scrolls sideways, axe-core finds nothing`, async (t) => {
    const page = await opened(looked, name === 'popup' ? size : ZOOMED, DRESSES.light);
    t.after(() => page.close());
    assert.ok(await fits(page), 'it is wider than the window');
    await clean(page, name);
  });

  test(`${name}: nothing moves for those who asked for that`, async (t) => {
    const page = await opened(looked, size, { ...DRESSES.light, reducedMotion: 'reduce' });
    t.after(() => page.close());
    const moving = await page.evaluate(() =>
      [...document.querySelectorAll('*')]
        .filter((element) => {
          const { animationName, transitionDuration } = getComputedStyle(element);
          return animationName !== 'none' || transitionDuration.split(',').some((time) => Number.parseFloat(time) > 0);
        })
        .map((element) => element.outerHTML.slice(0, 80)),
    );
    assert.deepEqual(moving, []);
  });
}

test('the dashboard in the side panel is one column, and fits', async (t) => {
  const page = await opened(PAGES.dashboard, SIDE_PANEL, DRESSES.light);
  t.after(() => page.close());
  assert.ok(await fits(page), 'it is wider than the side panel');
  const lefts = await page
    .locator('.panel')
    .evaluateAll((panels) => panels.map((panel) => panel.getBoundingClientRect().left));
  assert.equal(new Set(lefts).size, 1);
  await clean(page, 'dashboard');
});

for (const dress of /** @type {const} */ (['light', 'dark'])) {
  test(`dashboard, ${dress}: what has just come can be read at once`, async (t) => {
    const page = await opened(PAGES.dashboard, WIDE, DRESSES[dress]);
    t.after(() => page.close());
    // Every animation stands still, at the moment that is looked at.
    await page.evaluate(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('* { animation-play-state: paused !important; }');
      document.adoptedStyleSheets.push(sheet);
    });
    server.send(unhappy(`new in the ${dress}`));
    await page.locator('#log .row.fresh').first().waitFor();
    for (const share of [0, 0.5]) {
      await page.evaluate((share) => {
        for (const animation of document.getAnimations()) {
          animation.currentTime = share * Number(animation.effect?.getComputedTiming().duration);
        }
      }, share);
      await conforms(page, `dashboard with a new entry, ${share} of its arrival over`);
    }
  });
}

test('the dashboard is used with the keyboard alone', async (t) => {
  const { page } = await Dashboard.open(browser);
  t.after(() => page.close());
  /** @type {Set<string>} */
  const reached = new Set();
  for (let press = 0; press < 60; press += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const ring = element.matches('.choice input')
        ? getComputedStyle(/** @type {Element} */ (element.nextElementSibling))
        : { outlineStyle, outlineWidth };
      return {
        name:
          (element.getAttribute('aria-label') ?? element.textContent ?? '').trim() ||
          element.getAttribute('name') ||
          element.className,
        seen: ring.outlineStyle !== 'none' && Number.parseFloat(ring.outlineWidth) >= 2,
      };
    });
    if (!focused) continue;
    assert.ok(focused.seen, `the focus on ${focused.name} is not seen`);
    reached.add(focused.name);
  }
  for (const name of [
    'Sentiment threshold',
    'Queue wait threshold',
    'Snooze queue billing',
    'Activity log',
    'Clear all data',
  ]) {
    assert.ok(reached.has(name), `${name} among ${[...reached].join(', ')}`);
  }
});

/** @param {Looked} looked @param {{ width: number, height: number }} size @param {Parameters<Page['emulateMedia']>[0]} media */
async function opened({ path, filled }, size, media) {
  const page = await browser.context.newPage();
  await page.setViewportSize(size);
  await page.emulateMedia(media);
  await page.goto(`chrome-extension://${browser.extensionId}/${path}`);
  await page.locator(filled).first().waitFor();
  return page;
}

/** Once nothing moves. @param {Parameters<typeof conforms>} parameters */
async function clean(...[page, what, media]) {
  await page.evaluate(still);
  return conforms(page, what, media);
}

/** @param {Page} page @param {string} what @param {{ forcedColors: string }} [media] @returns {Promise<number>} how many rules passed */
async function conforms(page, what, { forcedColors } = DRESSES.light) {
  // By the debugger, which no policy of the page keeps out.
  await page.evaluate(axe);
  // Forced colours are the system's own pairs; axe-core reads the page's, which are not painted.
  const rules = { 'color-contrast': { enabled: forcedColors !== 'active' } };
  const options = { runOnly: { type: 'tag', values: TAGS }, resultTypes: ['violations'], rules };
  const { violations, passes } = await page.evaluate(
    (options) => Reflect.get(window, 'axe').run(document, options),
    options,
  );
  const found = violations.map((/** @type {any} */ { id, help, nodes }) => ({
    id,
    help,
    where: nodes.slice(0, 4).map((/** @type {any} */ { target, failureSummary }) => `${target}: ${failureSummary}`),
  }));
  assert.deepEqual(found, [], what);
  return passes.length;
}

/** In the page: what comes and goes has its own look only afterwards. */
async function still() {
  const moving = () =>
    document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
  for (let left = moving(); left.length > 0; left = moving()) {
    await Promise.allSettled(left.map(({ finished }) => finished));
  }
}

/** @param {Page} page */
const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
