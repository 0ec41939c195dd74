/** Each row of the answer table, once, in the real browser: what a card request is answered, and what is done about it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calm, ended, unhappy } from '../lib/events.mjs';
import { streamingFromOther } from '../lib/scene.mjs';
import { sleep, stays } from '../lib/wait.mjs';

/** @typedef {import('../lib/peers/other-server.mjs').OtherServer} OtherServer */

/** The time between two requests, in milliseconds. @param {OtherServer} server @param {number} [first] */
function delay(server, first = 0) {
  const [before, after] = [server.cardRequests[first], server.cardRequests[first + 1]];
  assert.ok(before && after, 'there are two requests');
  return after.at - before.at;
}

/** @param {OtherServer} server @param {number} count */
function oneIdentity(server, count) {
  assert.equal(server.cardRequests.length, count);
  assert.equal(new Set(server.cardRequests.map((request) => request.card.cardId)).size, 1);
}

test('200: the card is delivered, and says what the contract says', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  server.send(calm('quiet-1'));
  server.send(unhappy('loud-1'));
  const [request] = await server.cards(1);
  assert.ok(request);
  assert.equal(request.headers['content-type'], 'application/json');
  assert.equal(request.headers.accept, 'application/json');
  assert.match(request.token, /^other\//);
  const { cardId, type, title, content, metadata } = request.card;
  assert.match(cardId, /^trigger-loud-1-.+-.+$/);
  assert.deepEqual(
    { type, title, content },
    {
      type: 'warning',
      title: 'Customer Engagement Alert',
      content: 'Action required: Negative sentiment detected (-0.72)',
    },
  );
  assert.equal(metadata.source, 'real-time-trigger');
  assert.match(metadata.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  const shown = await browser.shows({
    state: 'Streaming',
    events: 2,
    triggers: 1,
    delivered: 1,
    waiting: 0,
    givenUp: 0,
  });
  assert.equal(shown.diagnosis, '');
  assert.deepEqual(server.strayRequests, []);
});

for (const [status, name] of /** @type {[number, string][]} */ ([
  [204, '204, an empty answer'],
  [409, '409, the server has this card'],
])) {
  test(`${name}: delivered, and not sent again`, async (t) => {
    const { server, browser } = await streamingFromOther(t);
    server.answerCard = () => ({ status });
    server.send(unhappy('a'));
    await browser.shows({ delivered: 1, waiting: 0 });
    await stays('one request', 1_500, () => server.cardRequests.length === 1);
  });
}

/** The three forms of an HTTP date. @type {[string, (date: Date) => string][]} */
const HTTP_DATES = [
  ['IMF-fixdate', (date) => date.toUTCString()],
  ['RFC 850', rfc850],
  ['asctime', asctime],
];

for (const [name, format] of HTTP_DATES) {
  test(`429 with Retry-After as ${name}, read against the server's own clock: it waits that long`, async (t) => {
    const { server } = await streamingFromOther(t);
    // A clock two hours behind: read against the browser's own, the wait would be over already.
    const now = Math.floor(Date.now() / 1000) * 1000 - 2 * 3600 * 1000;
    const headers = { date: new Date(now).toUTCString(), 'retry-after': format(new Date(now + 2_000)) };
    server.answerCard = ({ attempt }) => (attempt === 1 ? { status: 429, headers } : { status: 200 });
    server.send(unhappy('a'));
    await server.cards(2);
    assert.ok(delay(server) >= 1_990, `it waited ${delay(server)} ms of the 2000 asked`);
    oneIdentity(server, 2);
  });
}

test('429 with Retry-After in seconds: the whole destination waits, and never less than asked', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  let refused = 0;
  let limited = true;
  server.answerCard = () => {
    if (!limited) return { status: 200 };
    refused += 1;
    return { status: 429, headers: { 'retry-after': '3' } };
  };
  const popup = await browser.popup();
  server.send(unhappy('a'));
  await popup.diagnoses(/asked Cuewire to wait/);
  server.send(unhappy('b'));
  await popup.shows({ waiting: 2 });
  limited = false;
  await popup.shows({ delivered: 2, waiting: 0 });
  for (let index = 0; index < refused; index += 1) {
    assert.ok(delay(server, index) >= 2_990, `it waited ${delay(server, index)} ms of the 3000 asked`);
  }
});

for (const [name, body] of /** @type {[string, string][]} */ ([
  ['that never begins', ''],
  ['that never ends', 'wait'],
])) {
  test(`429 with a body ${name}: what the headers ask for holds for every card, and at once`, async (t) => {
    const { server, browser } = await streamingFromOther(t);
    server.answerCard = ({ attempt, interaction }) =>
      attempt === 1 && interaction === 'a'
        ? { status: 429, headers: { 'retry-after': '5' }, body, stalls: true }
        : { status: 200 };
    const popup = await browser.popup();
    server.send(unhappy('a'));
    await popup.diagnoses(/asked Cuewire to wait/);
    server.send(unhappy('b'));
    await popup.shows({ delivered: 2, waiting: 0 });
    assert.ok(delay(server) >= 4_990, `it waited ${delay(server)} ms of the 5000 asked`);
    assert.equal(server.cardRequests.length, 3);
  });
}

for (const [name, headers] of /** @type {[string, Record<string, string>][]} */ ([
  ['no Retry-After', {}],
  ['a Retry-After that says nothing', { 'retry-after': 'soon' }],
])) {
  test(`429 with ${name}: five seconds`, async (t) => {
    const { server } = await streamingFromOther(t);
    server.answerCard = ({ attempt }) => (attempt === 1 ? { status: 429, headers } : { status: 200 });
    server.send(unhappy('a'));
    await server.cards(2);
    assert.ok(delay(server) >= 4_990, `it waited ${delay(server)} ms of 5000`);
    assert.ok(delay(server) < 9_000, `it waited ${delay(server)} ms of 5000`);
  });
}

for (const [name, reaction] of /** @type {[string, import('../lib/peers/other-server.mjs').Reaction][]} */ ([
  ['408', { status: 408 }],
  ['500', { status: 500, body: 'oh no' }],
  ['503', { status: 503 }],
  ['a connection that is cut', 'cut'],
])) {
  test(`${name}: tried again after the backoff, as the same card`, async (t) => {
    const { server, browser } = await streamingFromOther(t, {}, { keepsConnections: false });
    server.answerCard = ({ attempt }) => (attempt <= 2 ? reaction : { status: 200 });
    server.send(unhappy('a'));
    await server.cards(3);
    assert.ok(delay(server, 0) >= 990, `the first pause was ${delay(server, 0)} ms of at least 1000`);
    assert.ok(delay(server, 1) >= 1_990, `the second pause was ${delay(server, 1)} ms of at least 2000`);
    await browser.shows({ delivered: 1, waiting: 0 });
    oneIdentity(server, 3);
  });
}

test('an answer that never comes is given up after 15 s and asked for again, as the same card', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  server.answerCard = ({ attempt }) => (attempt === 1 ? 'hang' : { status: 409 });
  server.send(unhappy('a'));
  await server.cards(2);
  assert.ok(delay(server) >= 14_900, `it waited ${delay(server)} ms of 15000`);
  await browser.shows({ delivered: 1, waiting: 0 });
  oneIdentity(server, 2);
});

test('at most four requests are in flight; the rest queue in order', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  server.answerCard = async () => {
    await sleep(200);
    return { status: 200 };
  };
  const ids = Array.from({ length: 16 }, (_, index) => `q${index}`);
  for (const id of ids) server.send(unhappy(id));
  await browser.shows({ delivered: 16 });
  assert.ok(Math.max(...server.cardRequests.map((request) => request.concurrent)) <= 4);
  assert.equal(server.cardRequests.length, 16);
  // Four at a time may overtake each other on the wire, but none by more than the window.
  for (const [place, request] of server.cardRequests.entries()) {
    assert.ok(Math.abs(place - ids.indexOf(request.interaction)) < 4, `${request.interaction} came as number ${place}`);
  }
});

test('five failures in a row hold the destination: one probe at a time, then everything goes', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  let broken = true;
  server.answerCard = async () => {
    await sleep(100);
    return broken ? { status: 503 } : { status: 200 };
  };
  const popup = await browser.popup();
  for (let index = 0; index < 12; index += 1) server.send(unhappy(`h${index}`));
  await popup.diagnoses(/keeps failing/);
  const before = server.cardRequests.length;
  await sleep(5_000);
  const probes = server.cardRequests.slice(before);
  assert.ok(
    probes.every((request) => request.concurrent === 1),
    'probes come one at a time',
  );
  assert.ok(probes.length <= 5, `${probes.length} probes in five seconds`);
  broken = false;
  await popup.shows({ delivered: 12, waiting: 0 });
});

test('401: one try with a fresh token, and the card arrives', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  server.revokeTokens();
  server.send(unhappy('a'));
  await server.cards(2);
  assert.notEqual(server.cardRequests[0]?.token, server.cardRequests[1]?.token);
  await browser.shows({ delivered: 1, waiting: 0 });
  oneIdentity(server, 2);
  assert.equal(server.tokenRequests.length, 2);
});

test('a second 401 pauses as sign-in rejected, keeps every card, and Resume goes on', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  server.answerCard = () => ({ status: 401, body: '{"error":"nope"}' });
  server.send(unhappy('a'));
  await server.cards(2);
  const shown = await browser.shows({ state: 'Needs attention', waiting: 1, givenUp: 0 });
  assert.notEqual(shown.diagnosis, '');
  server.send(unhappy('b'));
  await stays('no more tries', 3_000, () => server.cardRequests.length === 2);
  server.answerCard = () => ({ status: 200 });
  const popup = await browser.popup();
  await popup.press(/Resume|Try again/);
  await browser.shows({ delivered: 2, waiting: 0 });
});

test('403: given up as forbidden, and the next card goes on', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  server.answerCard = ({ interaction }) => ({ status: interaction === 'a' ? 403 : 200 });
  server.send(unhappy('a'));
  const shown = await browser.shows({ givenUp: 1, waiting: 0 });
  assert.match(shown.diagnosis, /agentassist:write/);
  server.send(unhappy('b'));
  await browser.shows({ delivered: 1, givenUp: 1, waiting: 0 });
  oneIdentityFor(server, 'a');
});

test('three 403 in a row pause as missing permission: the fourth card is kept', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  server.answerCard = () => ({ status: 403 });
  const popup = await browser.popup();
  for (const [index, id] of ['a', 'b', 'c'].entries()) {
    server.send(unhappy(id));
    await popup.shows({ givenUp: index + 1 });
  }
  const shown = await popup.shows({ state: 'Needs attention' });
  assert.match(shown.diagnosis, /agentassist:write/);
  server.send(unhappy('d'));
  await popup.shows({ givenUp: 3, waiting: 1 });
  assert.equal(server.cardRequests.length, 3);
});

for (const status of [400, 404, 422]) {
  test(`${status}: given up with the status, and the next card goes on`, async (t) => {
    const { server, browser } = await streamingFromOther(t);
    server.answerCard = ({ interaction }) => ({ status: interaction === 'a' ? status : 200, body: 'no such thing' });
    server.send(unhappy('a'));
    server.send(unhappy('b'));
    const shown = await browser.shows({ delivered: 1, givenUp: 1, waiting: 0 });
    assert.match(shown.diagnosis, new RegExp(String(status)));
    await stays('no more tries', 1_500, () => server.cardRequests.length === 2);
  });
}

test('a refusal whose body never ends: given up with what came of it', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  server.answerCard = () => ({ status: 422, body: 'no such desktop', stalls: true });
  server.send(unhappy('a'));
  const shown = await browser.shows({ givenUp: 1, waiting: 0 });
  assert.match(shown.diagnosis, /422.*no such desktop/s);
  assert.equal(server.cardRequests.length, 1);
});

/** What stands between the extension and the server, such as a sign-in page of the network. @type {[string, (server: OtherServer) => import('../lib/peers/other-server.mjs').Answer][]} */
const BETWEEN = [
  ['a redirect', (server) => ({ status: 307, headers: { location: `${server.url}/elsewhere` } })],
  [
    'a web page',
    () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<!DOCTYPE html><title>Hi</title>' }),
  ],
];

for (const [name, answer] of BETWEEN) {
  test(`${name} is no answer of the server: the next card goes on, and the card is tried again`, async (t) => {
    const { server, browser } = await streamingFromOther(t);
    let between = true;
    server.answerCard = ({ interaction }) => (interaction === 'a' && between ? answer(server) : { status: 200 });
    const popup = await browser.popup();
    server.send(unhappy('a'));
    await popup.diagnoses(/Something between/);
    server.send(unhappy('b'));
    await popup.shows({ delivered: 1, givenUp: 0, waiting: 1 });
    between = false;
    await popup.shows({ delivered: 2, givenUp: 0, waiting: 0 });
    assert.equal(server.cardIds('a').length, 1);
    assert.deepEqual(server.strayRequests, []);
  });
}

test('a card whose time to live ends is given up as expired', async (t) => {
  const { server, browser } = await streamingFromOther(t, { 'Card time to live (minutes)': '0.2' });
  server.answerCard = () => ({ status: 503 });
  server.send(unhappy('a'));
  await browser.shows({ givenUp: 1, waiting: 0 });
  const tries = server.cardRequests.length;
  await stays('no more tries', 2_000, () => server.cardRequests.length === tries);
});

test('the end of an interaction does not end the first try', async (t) => {
  const { server, browser } = await streamingFromOther(t);
  server.send(unhappy('a'));
  server.send(ended('a'));
  await browser.shows({ delivered: 1 });
});

/** @param {OtherServer} server @param {string} interaction */
function oneIdentityFor(server, interaction) {
  assert.equal(server.cardIds(interaction).length, 1);
  assert.equal(server.cardRequests.filter((request) => request.interaction === interaction).length, 1);
}

/** @param {Date} date */
function rfc850(date) {
  const day = date.toLocaleString('en', { weekday: 'long', timeZone: 'UTC' });
  const [, dayOfMonth, month, year, time] = date.toUTCString().split(/,? /);
  return `${day}, ${dayOfMonth}-${month}-${String(year).slice(2)} ${time} GMT`;
}

/** @param {Date} date */
function asctime(date) {
  const [day, dayOfMonth, month, year, time] = date.toUTCString().split(/,? /);
  return `${day} ${month} ${String(Number(dayOfMonth)).padStart(2)} ${time} ${year}`;
}
