/** Numbers, times and states as people read them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cardWords,
  count,
  duration,
  moment,
  pollWords,
  secondsUntil,
  stateWords,
} from '../../../extension/lib/words/words.js';
import { text } from '../lib/words.js';

/** Units stand behind a space that does not break. @param {number} ms */
const plain = (ms) => duration(ms, text).replaceAll('\u00a0', ' ');

test('a duration shows its two largest units', () => {
  const spans = [0, 4_000, 60_000, 125_000, 3_600_000, 11_520_000, 86_400_000, 187_200_000];
  assert.deepEqual(spans.map(plain), ['0 s', '4 s', '1 min', '2 min 5 s', '1 h', '3 h 12 min', '1 d', '2 d 4 h']);
});

test('a duration that is over is none', () => {
  assert.equal(plain(-5_000), '0 s');
});

test('a wait says whole seconds, and never that it ends in none', () => {
  assert.equal(secondsUntil(5_000, 1_200), 4);
  assert.equal(secondsUntil(5_000, 5_000), 1);
});

test('a state is one of the words, and a reconnect says when', () => {
  const words = (/** @type {import('../../../extension/lib/words/words.js').State} */ state) =>
    stateWords(state, 1_000, text);
  assert.equal(words({ word: 'notSetUp' }), 'Not set up');
  assert.equal(words({ word: 'paused', until: undefined }), 'Paused');
  assert.equal(words({ word: 'needsAttention' }), 'Needs attention');
  assert.equal(words({ word: 'streaming' }), 'Streaming');
  assert.equal(words({ word: 'connecting' }), 'Connecting');
  assert.equal(words({ word: 'reconnecting', at: 5_000 }).replaceAll('\u00a0', ' '), 'Reconnecting in 4 s');
});

/** @param {[what: string, seconds: number][]} polls */
const asked = (polls) =>
  pollWords(
    polls.map(([what, seconds]) => ({ what, every: seconds * 1_000 })),
    text,
  ).replaceAll('\u00a0', ' ');

test('a service that is asked again and again says how often, and that a card may be so much later', () => {
  assert.equal(
    asked([
      ['queues', 10],
      ['contacts', 15],
      ['digital', 20],
    ]),
    'Cuewire asks for queue waits every 10 s, contacts every 15 s, and digital contacts every 20 s: ' +
      'a card may come that much later than shown here.',
  );
});

test('a part that is asked in two ways is said once, as what an event waits for', () => {
  const two = asked([
    ['digital', 20],
    ['digital', 1],
  ]);
  assert.match(two, /^Cuewire asks for digital contacts every 20 s:/);
});

test('nothing is said of polls where none are made, or only for the clock of the service', () => {
  assert.equal(asked([]), '');
  assert.equal(asked([['time', 300]]), '');
});

test('a card that was given up says why', () => {
  const card = (/** @type {any} */ why) => /** @type {any} */ ({ state: { is: 'givenUp', why } });
  assert.equal(cardWords(card({ why: 'expired' }), text), 'given up: too late');
  assert.equal(cardWords(card({ why: 'refused', status: 404, excerpt: '' }), text), 'given up: HTTP 404');
  assert.equal(cardWords(card({ why: 'refused', status: 0, excerpt: '' }), text), 'given up: no answer');
});

test('a card that could not be saved yet says so, and one that waits to be sent does not', () => {
  const card = (/** @type {string} */ is) => /** @type {any} */ ({ state: { is } });
  assert.equal(cardWords(card('accepting'), text), 'not saved yet');
  assert.equal(cardWords(card('waiting'), text), 'waiting');
});

test('a number is grouped as its language does', () => {
  assert.equal(count(1204, 'en'), '1,204');
  assert.equal(count(1204567, 'de'), '1.204.567');
});

test('a moment is a time today and a date before', () => {
  const noon = new Date(2026, 10, 22, 12, 3).getTime();
  assert.equal(moment(noon, noon + 60_000, 'en'), '12:03');
  assert.equal(moment(noon, noon + 86_400_000, 'en'), 'Nov 22');
});
