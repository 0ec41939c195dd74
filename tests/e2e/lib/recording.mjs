/** A recording of yesterday, as an earlier worker stored it: chunks of version 1, packed here by code of its own. */
import { crc32 } from 'node:zlib';

/** @typedef {{ at: number, id: string, score?: number, wait?: number, queue: string, type?: string }} Heard */

const HOLDS = { score: 1, wait: 4, queue: 8, kind: 16 };

/** A base-128 number. @param {number} number */
function whole(number) {
  const bytes = [];
  for (; number >= 0x80; number = Math.floor(number / 128)) bytes.push((number % 128) | 0x80);
  return [...bytes, number];
}

/** A number of at most two decimal places. @param {number} number */
function fraction(number) {
  const hundredths = Math.round(number * 100);
  return whole((hundredths < 0 ? -2 * hundredths - 1 : 2 * hundredths) * 4 + 1);
}

/**
 * One chunk with its key.
 *
 * @param {number} from
 * @param {number} until
 * @param {Heard[]} heard in the order of their time
 */
function chunk(from, until, heard) {
  /** @type {string[]} */
  const ids = [];
  /** @type {string[]} */
  const names = [];
  const name = (/** @type {string} */ words) => {
    const known = names.indexOf(words);
    if (known >= 0) return whole(known + 1);
    names.push(words);
    const bytes = Buffer.from(words);
    return [0, ...whole(bytes.length), ...bytes];
  };
  const interaction = (/** @type {string} */ id) => {
    const known = ids.indexOf(id);
    if (known >= 0) return whole(known + 1);
    ids.push(id);
    return [0, ...Buffer.from(id.padEnd(16, '0'))];
  };
  let last = from;
  const rows = heard.flatMap(({ at, id, score, wait, queue, type }) => {
    const flags =
      HOLDS.queue |
      (score === undefined ? 0 : HOLDS.score) |
      (wait === undefined ? 0 : HOLDS.wait) |
      (type ? HOLDS.kind : 0);
    const row = [flags, ...whole(at - last), ...interaction(id)];
    last = at;
    for (const number of [score, wait]) if (number !== undefined) row.push(...fraction(number));
    row.push(...name(queue));
    if (type) row.push(...name(type));
    return row;
  });
  const head = [1, ...whole(from), ...whole(until - from), ...whole(heard.length), ...rows];
  const bytes = Buffer.alloc(head.length + 4);
  bytes.set(head);
  bytes.writeUInt32LE(crc32(Buffer.from(head)), head.length);
  return { key: `${String(from).padStart(16, '0')}-${String(bytes.length).padStart(8, '0')}`, bytes: [...bytes] };
}

/**
 * Yesterday from eight to six, with an hour that nobody heard. Each sixth customer of billing is unhappy for a minute.
 *
 * @param {number} now
 */
export function yesterday(now) {
  const day = new Date(now - 86_400_000);
  const at = (/** @type {number} */ hour, minute = 0) => new Date(day).setHours(hour, minute, 0, 0);
  const spans = [
    [at(8), at(12)],
    [at(13), at(18)],
  ];
  let number = 0;
  return spans.map(([from = 0, until = 0]) => {
    const heard = [];
    for (let begins = from; begins < until - 120_000; begins += 90_000) {
      number += 1;
      const queue = number % 3 === 0 ? 'billing' : number % 3 === 1 ? 'sales' : 'support';
      const isUnhappy = number % 18 === 0 || number % 7 === 1;
      for (let step = 0; step < 4; step += 1) {
        const score = isUnhappy ? -0.55 - step / 20 : 0.1 + step / 10;
        heard.push({
          at: begins + step * 20_000,
          id: ((number * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0'),
          score,
          wait: 5_000 + number * 100,
          queue,
        });
      }
    }
    return chunk(from, until, heard);
  });
}

/** Stores chunks as the worker does. @param {import('playwright-core').Page} page of the extension @param {ReturnType<typeof chunk>[]} chunks */
export const store = (page, chunks) =>
  page.evaluate(async (chunks) => {
    const recording = /** @type {any} */ (await import(String('/lib/browser/recording.js')));
    for (const { key, bytes } of chunks) await recording.record(key, new Uint8Array(bytes));
  }, chunks);
