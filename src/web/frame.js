/** Copies the messages of a socket into the memory of the module, in one call for each. */

const encoder = new TextEncoder();
let view = new Uint8Array();

/**
 * Copies a message's text as UTF-8, or its bytes. The view is kept, because making one costs more than a short message.
 *
 * @param {MessageEvent<unknown>} event
 * @param {WebAssembly.Memory} memory
 * @param {number} at where the bytes go
 * @param {number} room how many may go there
 * @returns {number} how many were copied; below zero where there is no room for so many UTF-16 units or bytes
 */
export function copyMessage({ data }, memory, at, room) {
  if (view.buffer !== memory.buffer || view.byteOffset !== at || view.byteLength !== room) {
    view = new Uint8Array(memory.buffer, at, room);
  }
  if (typeof data === 'string') {
    // One unit of UTF-16 becomes three bytes at most.
    if (3 * data.length > room) return -data.length;
    return encoder.encodeInto(data, view).written;
  }
  if (!(data instanceof ArrayBuffer)) return 0;
  if (data.byteLength > room) return -data.byteLength;
  view.set(new Uint8Array(data));
  return data.byteLength;
}
