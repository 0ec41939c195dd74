/** The activity log as a file, and what a filter lets through. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CSV_HEAD, cell, csv, mask, masked, ndjson } from '../../../extension/dashboard/log/export.js';
import { isFiltering, matches, standing } from '../../../extension/dashboard/log/filter.js';

/** @typedef {import('../../../extension/dashboard/log/words.js').TriggerEntry} TriggerEntry */

/** @type {TriggerEntry} */
const trigger = {
  kind: 'trigger',
  at: Date.UTC(2026, 10, 22, 14, 3, 22, 5),
  interaction: 'i-20417',
  rule: 'negative-sentiment',
  reason: 'Negative sentiment detected (-0.72)',
  queue: 'billing',
  evidence: [
    {
      rule: 'negative-sentiment',
      field: 'sentimentScore',
      seen: -0.72,
      operator: 'below',
      threshold: -0.5,
      verdict: true,
    },
    { rule: 'long-wait', field: 'queueWaitMs', seen: 5_000, operator: 'above', threshold: 120_000, verdict: false },
  ],
  durableAt: Date.UTC(2026, 10, 22, 14, 3, 22, 7),
  tries: [{ at: Date.UTC(2026, 10, 22, 14, 3, 22, 40), status: 422, tookMs: 30 }],
  end: { is: 'givenUp', why: { why: 'refused', status: 422, excerpt: 'no desktop for i-20417, really' } },
  endedAt: Date.UTC(2026, 10, 22, 14, 3, 22, 41),
};
/** @type {import('../../../extension/pkg/cuewire.js').Entry} */
const gap = {
  kind: 'gap',
  from: Date.UTC(2026, 10, 22),
  until: Date.UTC(2026, 10, 22, 0, 0, 4),
  cause: { by: 'closed', code: 1006 },
};

test('a cell begins no formula, and a number stays a number', () => {
  for (const first of ['=', '+', '-', '@', '\t', '\r']) assert.match(cell(`${first}1+1`), /^"?'/);
  assert.equal(cell(-0.72), '-0.72');
  assert.equal(cell(undefined), '');
  assert.equal(cell(null), '');
  assert.equal(cell('=a,"b"'), `"'=a,""b"""`);
  assert.equal(cell('billing'), 'billing');
});

test('a trigger is one line with as many cells as there are columns', () => {
  const line = csv({ ...trigger, end: { is: 'delivered' } }).trimEnd();
  assert.equal(line.split(',').length, CSV_HEAD.split(',').length);
  assert.match(
    line,
    /^2026-11-22T14:03:22\.005Z,trigger,i-20417,billing,negative-sentiment,Negative sentiment detected \(-0\.72\),sentimentScore -0\.72 below -0\.5 \(true\); queueWaitMs 5000 above 120000 \(false\),/,
  );
  assert.match(line, /2026-11-22T14:03:22\.040Z 422 30ms,delivered,,/);
});

test('a gap says until when, and with which code', () => {
  assert.match(csv(gap), /^2026-11-22T00:00:00\.000Z,gap,.*,closed,,2026-11-22T00:00:04\.000Z,1006,,,,\r\n$/);
  assert.deepEqual(JSON.parse(ndjson(gap)), gap);
});

test('a handled trigger says when, by whom and with which note, and the mark has a line of its own', () => {
  const handled = /** @type {import('../../../extension/dashboard/log/export.js').Handled} */ ({
    kind: 'handled',
    at: Date.UTC(2026, 10, 22, 15),
    trigger: { entry: 7, interaction: 'i-20417', rule: 'negative-sentiment' },
    by: 'Ada',
    note: '=called i-20417 back',
  });
  assert.match(CSV_HEAD, /,detail,signal,handled_time,handled_by,handled_note\r\n$/);
  assert.match(csv(trigger, handled), /,2026-11-22T15:00:00\.000Z,Ada,'=called i-20417 back\r\n$/);
  assert.match(csv(handled), /^2026-11-22T15:00:00\.000Z,handled,i-20417,,negative-sentiment,.*,Ada,.*called/);
  assert.deepEqual(JSON.parse(ndjson(trigger, handled)).handled, {
    at: handled.at,
    by: 'Ada',
    note: '=called i-20417 back',
  });
  assert.doesNotMatch(csv(masked(handled, mask())), /20417/);
  for (const words of ['called', 'ada', '20417']) assert.ok(matches(handled, { kind: 'changes', words }), words);
});

test('ids are hidden wherever they stand, each under one name', () => {
  const name = mask();
  const once = masked(trigger, name);
  assert.doesNotMatch(csv(once), /20417/);
  assert.match(csv(once), /no desktop for interaction-1, really/);
  assert.match(ndjson(masked({ ...trigger, interaction: 'other' }, name)), /"interaction":"interaction-2"/);
  assert.match(ndjson(masked(trigger, name)), /"interaction":"interaction-1"/);
  assert.equal(trigger.interaction, 'i-20417');
});

test('a filter lets through what has all that it names', () => {
  assert.equal(isFiltering({ words: '', kind: '' }), false);
  assert.ok(matches(trigger, {}));
  assert.ok(matches(trigger, { kind: 'cards', queue: 'billing', rule: 'negative-sentiment', state: 'givenUp' }));
  for (const other of [{ kind: 'stream' }, { queue: 'sales' }, { rule: 'long-wait' }, { state: 'delivered' }]) {
    assert.equal(matches(trigger, other), false);
  }
  assert.ok(matches(gap, { kind: 'stream' }));
  assert.equal(matches(gap, { queue: 'billing' }), false, 'a gap has no queue');
});

test('words are looked for in the id, the reason, the queue and the answers, in any case and order', () => {
  for (const words of ['20417', 'BILLING sentiment', '422', 'desktop']) assert.ok(matches(trigger, { words }), words);
  assert.equal(matches(trigger, { words: 'billing sales' }), false);
  assert.ok(matches(gap, { words: '1006' }));
});

test('a trigger without an end is waiting', () => {
  assert.equal(standing({ ...trigger, end: undefined }), 'waiting');
  assert.equal(standing(trigger), 'givenUp');
});
