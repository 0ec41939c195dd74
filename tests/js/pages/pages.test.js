/**
 * Parts that pages repeat have one source, this file: the top of each head, and the dot that shows the state.
 *
 * After a change: `CUEWIRE_WRITE=1 node --test tests/js/pages/pages.test.js` writes both into every page.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

/** The icon of the extension. Only a page in a tab has one. */
const TAB = '<link rel="icon" href="../icons/32.png">';

/** Each page with its title. @type {Record<string, string[]>} */
const EXTENSION = {
  'dashboard/dashboard.html': ['<title>Cuewire</title>', TAB],
  'options/options.html': ['<title data-text="optionsTitle">Cuewire settings</title>', TAB],
  'popup/popup.html': ['<title>Cuewire</title>'],
  'rules/rules.html': ['<title data-text="rulesTitle">Cuewire rules</title>', TAB],
  'welcome/welcome.html': ['<title data-text="welcomeTitle">Set up Cuewire</title>', TAB],
};

/** The pages of the simulator follow the system's light or dark before their styles are there. */
const SIMULATOR = {
  'index.html': '<title>Agent desktop (simulator)</title>',
  'sign-in.html': '<title>Sign in (simulator)</title>',
};

const DOT = `<svg class="dot" viewBox="0 0 12 12" aria-hidden="true">
  <circle class="streaming" cx="6" cy="6" r="5"/>
  <circle class="connecting" cx="6" cy="6" r="4"/>
  <path class="paused" d="M3 1.5v9M9 1.5v9"/>
  <path class="needsAttention" d="M6 .5 11.7 11H.3z"/>
</svg>`;

/** @param {string[]} lines of the head, after those of every page @param {string} look @param {string} [indent] */
function top(lines, look, indent = '') {
  const head = [
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    ...lines,
    `<link rel="stylesheet" href="${look}">`,
  ];
  return [
    '<!doctype html>',
    '<html lang="en">',
    `${indent}<head>`,
    ...head.map((line) => `${indent}  ${line}`),
    '',
  ].join('\n');
}

/** The simulator's pages close each empty element. @param {string} text */
const closed = (text) => text.replaceAll(/(<(?:meta|link) [^>]*)>/g, '$1 />');

/**
 * The page with its repeated parts as they should be.
 * @param {string} page
 * @param {string} head
 */
function mended(page, head) {
  const rest = page.slice(page.indexOf('\n', page.indexOf('look.css"')) + 1);
  const dot = /^( *)<svg class="dot" viewBox="0 0 12 12" aria-hidden="true">\n[\s\S]*?<\/svg>/gm;
  return head + rest.replace(dot, (_, /** @type {string} */ indent) => DOT.replaceAll(/^/gm, indent));
}

/** @param {string} path @param {string} head */
function check(path, head) {
  const file = new URL(`../../../${path}`, import.meta.url);
  const page = readFileSync(file, 'utf8');
  const wanted = mended(page, head);
  if (process.env.CUEWIRE_WRITE) writeFileSync(file, wanted);
  else assert.equal(page, wanted, `${path}: see the top of this test`);
}

for (const [path, lines] of Object.entries(EXTENSION)) {
  test(`${path} begins as every page of the extension does, and has its dot`, () => {
    check(`extension/${path}`, top(lines, '../lib/look/look.css'));
  });
}

for (const [path, title] of Object.entries(SIMULATOR)) {
  test(`${path} begins as every page of the simulator does`, () => {
    const scheme = '<meta name="color-scheme" content="light dark">';
    const lines = [scheme, title, '<link rel="icon" href="/favicon.svg">'];
    check(`www/${path}`, closed(top(lines, '/look.css', '  ')));
  });
}
