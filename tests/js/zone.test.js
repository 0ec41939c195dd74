import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zoneOffset } from '../../extension/lib/zone.js';

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
