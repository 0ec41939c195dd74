/** The playground, served as files and opened without the extension: rules, a recording, and what the rules do on it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { chromiumProgram, root } from '../lib/environment.mjs';
import { serve } from '../lib/peers/static-server.mjs';
import { PATIENCE, until } from '../lib/wait.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {{ at: number, interaction: string, queue: string }} Due */

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const sample = readFileSync(join(root, 'www/playground/sample.ndjson'), 'utf8');
const given = JSON.parse(readFileSync(join(root, 'www/playground/rules.json'), 'utf8'));

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof serve>>} */
let server;

before(async () => {
  server = await serve(join(root, 'dist/playground'));
  browser = await chromium.launch({ executablePath: chromiumProgram });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test('the rule that is there reads back, and fires on the sample where it is due', async (t) => {
  const { page, asked, errors } = await opened(t);
  assert.match(await page.locator('#sentences li').innerText(), /sentiment stays below −0\.5 for 20\ss in billing/i);
  await page.getByRole('button', { name: 'Load the sample' }).click();
  const expected = due('billing', -0.5, 20_000);
  assert.ok(expected.length >= 3);
  assert.deepEqual(await listed(page, expected.length), newestFirst(expected));
  assert.match(await page.locator('#firings tbody tr').first().innerText(), /Sentiment −\d.* below −0\.5/i);
  assert.match(await page.locator('#about').innerText(), /446 events of 45 interactions/);
  assert.deepEqual(errors, []);
  assert.ok(asked.length > 5);
  assert.deepEqual(
    asked.filter((url) => new URL(url).origin !== server.origin),
    [],
  );
});

test('an edited rule is tried at once', async (t) => {
  const { page } = await opened(t);
  await page.getByRole('button', { name: 'Load the sample' }).click();
  await listed(page, due('billing', -0.5, 20_000).length);
  const [rule] = given.rules;
  const when = { compare: { field: 'sentimentScore', operator: 'below', value: -0.2 } };
  const edited = { ...rule, when, holdSeconds: 10, queues: { include: ['sales'] } };
  await write(page, { version: 1, rules: [edited] });
  const expected = due('sales', -0.2, 10_000);
  assert.deepEqual(await listed(page, expected.length), newestFirst(expected));
  assert.match(await page.locator('#total').innerText(), new RegExp(`^${expected.length} cards on `));
  assert.match(await page.locator('#sentences li').innerText(), /for 10\ss in sales/i);
});

test('a mistake is named by its place, and no rule is taken', async (t) => {
  const { page } = await opened(t);
  await page.getByRole('button', { name: 'Load the sample' }).click();
  await page.locator('#firings tbody tr').first().waitFor();
  const [rule] = given.rules;
  await write(page, { version: 1, rules: [{ ...rule, holdSeconds: -1, severity: 'loud' }] });
  await page.locator('#errors li').nth(1).waitFor();
  const places = await page.locator('#errors code').allInnerTexts();
  assert.deepEqual(places.sort(), ['/rules/0/holdSeconds', '/rules/0/severity']);
  assert.equal(await page.locator('#firings').isVisible(), false);
  await conforms(page, 'with mistakes');
  await page.getByRole('textbox', { name: 'Rules' }).fill('{');
  await until('it is no JSON', async () => /not JSON/.test(await page.locator('#errors').innerText()));
  await write(page, given);
  await listed(page, due('billing', -0.5, 20_000).length);
  assert.equal(await page.locator('#errors').isVisible(), false);
});

test('a file is read as well packed as plain, and lines that are no events are counted', async (t) => {
  const { page } = await opened(t);
  const buffer = gzipSync(`${sample}neither\n{"atMs":1}\n`);
  await page.locator('#file').setInputFiles({ name: 'day.ndjson.gz', mimeType: 'application/gzip', buffer });
  const expected = due('billing', -0.5, 20_000);
  assert.deepEqual(await listed(page, expected.length), newestFirst(expected));
  assert.match(await page.locator('#about').innerText(), /^day\.ndjson\.gz: 446 events .* 2 lines are no events/);
  const broken = buffer.subarray(0, 400);
  await page.locator('#file').setInputFiles({ name: 'cut.gz', mimeType: 'application/gzip', buffer: broken });
  await until('it says so', async () => /^cut\.gz cannot be read/.test(await page.locator('#about').innerText()));
});

test('rules that look at a whole queue, mute others or are in shadow say what each did', async (t) => {
  const { page } = await opened(t);
  await page.getByRole('button', { name: 'Load the sample' }).click();
  const below = { compare: { field: 'sentimentScore', operator: 'below', value: -0.5 } };
  // A critical rule mutes rules in shadow, too.
  const content = { compare: { field: 'sentimentScore', operator: 'above', value: 0 } };
  const crowd = { compare: { field: 'queueWaiting', operator: 'atLeast', value: 2 } };
  await write(page, {
    version: 1,
    rules: [
      { id: 'critical', name: 'Critical', severity: 'error', once: 'rule', when: below },
      { id: 'lesser', name: 'Lesser', once: 'rule', when: below, holdSeconds: 1 },
      { id: 'watched', name: 'Watched', once: 'rule', mode: 'shadow', when: content },
      { id: 'crowd', name: 'Crowd', once: 'rule', when: crowd },
    ],
  });
  const row = (/** @type {string | RegExp} */ words) => page.locator('#firings tbody tr', { hasText: words });
  for (const words of ['muted by Critical', 'Watched shadow', 'Crowd']) await row(words).first().waitFor();
  assert.equal(await page.locator('[data-rule="critical"]').innerText(), `${plural(due('', -0.5, 0).length)}.`);
  assert.match(await page.locator('[data-rule="crowd"]').innerText(), /^[1-9]\d* cards on /);
  // Cards, muted ones and those in shadow are all there is, each counted once.
  const counted = (await page.locator('#total').innerText()).match(/\d+ (?=cards|more)/g) ?? [];
  const rows = await page.locator('#firings tbody tr').count();
  assert.equal(
    counted.reduce((sum, one) => sum + Number(one), 0),
    rows,
  );
  assert.equal(await page.locator('#more').isVisible(), false);
});

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  test(`the page conforms in the ${colorScheme}, and fits a narrow window`, async (t) => {
    const { page } = await opened(t);
    await page.emulateMedia({ colorScheme });
    await conforms(page, 'empty');
    await page.getByRole('button', { name: 'Load the sample' }).click();
    await page.locator('#firings tbody tr').first().waitFor();
    await conforms(page, 'with firings');
    await page.setViewportSize({ width: 400, height: 800 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'it scrolls sideways');
    await conforms(page, 'narrow');
  });
}

/** @param {import('node:test').TestContext} t */
async function opened(t) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  t.after(() => page.close());
  page.setDefaultTimeout(PATIENCE);
  /** @type {{ asked: string[], errors: string[] }} */
  const { asked, errors } = { asked: [], errors: [] };
  page.on('request', (request) => asked.push(request.url()));
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(`${server.origin}/www/playground.html`);
  await page.locator('#sentences li').first().waitFor();
  return { page, asked, errors };
}

/** @param {Page} page @param {unknown} rules */
const write = (page, rules) => page.getByRole('textbox', { name: 'Rules' }).fill(JSON.stringify(rules, null, 2));

/** The firings of the table, once there are so many. @param {Page} page @param {number} count */
async function listed(page, count) {
  const rows = page.locator('#firings tbody tr');
  await until(`${count} firings are listed`, async () => (await rows.count()) === count, { seen: () => rows.count() });
  return rows.evaluateAll((rows) =>
    rows.map((row) => {
      const [when, , interaction, queue] = [...row.children].map(({ textContent }) =>
        textContent.replaceAll('\u00a0', ' '),
      );
      return { when, interaction, queue };
    }),
  );
}

/**
 * When each interaction's score has been below a level for so long, by a slow look at every line of the sample: the first
 * time counts, and an interaction that names no new score keeps its last.
 *
 * @param {string} queue any, if empty
 * @param {number} level
 * @param {number} holdMs
 * @returns {Due[]}
 */
function due(queue, level, holdMs) {
  const lines = sample
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const end = lines.at(-1).atMs;
  const ids = new Set(lines.map(({ event }) => event.id));
  /** @type {Due[]} */
  const found = [];
  for (const id of ids) {
    const own = lines.filter(({ event }) => event.id === id);
    const name = own[0].event.routing.queueName;
    if (queue !== '' && name !== queue) continue;
    const scores = own.filter(({ event }) => event.sentiment);
    const first = scores.find(({ atMs, event: { sentiment } }, index) => {
      if (sentiment.score >= level || scores[index - 1]?.event.sentiment.score < level) return false;
      const next = scores.slice(index).find(({ event }) => event.sentiment.score >= level);
      return atMs + holdMs <= Math.min(next?.atMs ?? Number.POSITIVE_INFINITY, end);
    });
    if (first) found.push({ at: first.atMs + holdMs, interaction: id, queue: name });
  }
  return found;
}

/** As the table writes them. @param {Due[]} due */
const newestFirst = (due) =>
  due
    .sort((one, other) => other.at - one.at)
    .map(({ at, interaction, queue }) => ({ when: clock(at), interaction, queue }));

/** @param {number} ms */
function clock(ms) {
  const [minutes, seconds] = [Math.floor(ms / 60_000), (ms % 60_000) / 1_000];
  return [minutes > 0 ? `${minutes} min` : '', seconds > 0 ? `${seconds} s` : ''].filter(Boolean).join(' ');
}

/** @param {number} count of cards, each on an interaction of its own */
const plural = (count) => `${count} cards on ${count} interactions`;

/** @param {Page} page @param {string} what */
async function conforms(page, what) {
  // By the debugger, which no policy of the page keeps out.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => Reflect.get(window, 'axe').run(document));
  const found = violations.map((/** @type {any} */ { id, nodes }) => ({
    id,
    where: nodes.map((/** @type {any} */ n) => n.failureSummary),
  }));
  assert.deepEqual(found, [], what);
}
