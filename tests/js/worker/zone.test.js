import assert from 'node:assert/strict';
import { test } from 'node:test';
import { offsetsBetween, zoneOffset } from '../../../extension/lib/browser/zone.js';

const winter = new Date('2026-01-15T12:00:00Z');
const summer = new Date('2026-07-15T12:00:00Z');

test('a zone is so many minutes ahead of UTC, in summer other than in winter', () => {
  assert.deepEqual([zoneOffset('Europe/Berlin', winter), zoneOffset('Europe/Berlin', summer)], [60, 120]);
  assert.equal(zoneOffset('America/St_Johns', winter), -210);
  assert.equal(zoneOffset('Asia/Kathmandu', winter), 345);
  assert.equal(zoneOffset('UTC', winter), 0);
});

test('a zone that the browser does not know has no offset', () => {
  assert.equal(zoneOffset('Mars/Olympus', winter), undefined);
});

test('a change of clocks is found to the millisecond', () => {
  const offset = (/** @type {Date} */ at) => zoneOffset('Europe/Berlin', at);
  const [from, until] = [Date.parse('2026-10-20T07:30:00Z'), Date.parse('2026-10-27T07:00:00Z')];
  const change = Date.parse('2026-10-25T01:00:00Z');
  assert.deepEqual(offsetsBetween(from, until, offset), [
    [from, 120],
    [change, 60],
  ]);
  assert.deepEqual(offsetsBetween(from, change - 1, offset), [[from, 120]]);
});

test('a zone that the browser does not know has no offset at any time', () => {
  assert.deepEqual(
    offsetsBetween(0, 1e9, (at) => zoneOffset('Mars/Olympus', at)),
    [],
  );
});
