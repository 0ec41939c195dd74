/** Frames that are no event, one of each kind that the contract lists. */

const MIB = 1024 * 1024;

/** @param {number} depth */
const nested = (depth) => `{"id":"deep","type":"connect","extra":${'['.repeat(depth)}${']'.repeat(depth)}}`;

/** By what is wrong with it. @type {[string, string | Buffer][]} */
export const garbage = [
  ['bad JSON', '{"id":"x","type":'],
  ['no JSON at all', 'hello there'],
  ['nothing', ''],
  ['bytes after the event', '{"id":"x","type":"connect"} trailing'],
  ['not an object', '[1,2,3]'],
  ['null', 'null'],
  ['bad UTF-8', Buffer.from([0x7b, 0x22, 0x69, 0x64, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
  ['a lone surrogate', '{"id":"\\ud800","type":"connect","sentiment":{"score":-0.9,"confidence":1}}'],
  ['no id', '{"type":"connect","sentiment":{"score":-0.9,"confidence":1}}'],
  ['a null id', '{"id":null,"type":"connect","sentiment":{"score":-0.9,"confidence":1}}'],
  ['an empty id', '{"id":"","type":"connect","sentiment":{"score":-0.9,"confidence":1}}'],
  ['an id that is a number', '{"id":7,"type":"connect","sentiment":{"score":-0.9,"confidence":1}}'],
  ['an id that is too long', JSON.stringify({ id: 'x'.repeat(1025), type: 'connect', sentiment: { score: -0.9 } })],
  ['an id that leaves its place', '{"id":"..","type":"connect","sentiment":{"score":-0.9,"confidence":1}}'],
  ['an id that stays where it is', '{"id":".","type":"connect","sentiment":{"score":-0.9,"confidence":1}}'],
  ['a score that is text', '{"id":"x1","type":"connect","sentiment":{"score":"-0.9","confidence":1}}'],
  ['a wait that is text', '{"id":"x2","type":"connect","routing":{"queueWaitTimeMs":"999999"}}'],
  ['a number beyond all numbers', '{"id":"x3","type":"connect","sentiment":{"score":-1e999,"confidence":1}}'],
  ['NaN', '{"id":"x4","type":"connect","sentiment":{"score":NaN,"confidence":1}}'],
  ['too many levels', nested(80)],
  ['far too many levels', nested(200_000)],
  ['over 1 MiB', JSON.stringify({ id: 'big', type: 'connect', sentiment: { score: -0.9 }, note: 'x'.repeat(MIB) })],
];
