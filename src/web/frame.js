/** Copies the messages of sockets into the memory of the module, so that one call across tells of each. */

const encoder = new TextEncoder();

/** The buffer of one engine, as JavaScript writes to it. */
export class Frames {
  /** Kept, because making a view costs more than a short message. Empty once the memory has grown. */
  #view = new Uint8Array();
  #memory;
  #reserve;
  #limit;

  /**
   * @param {WebAssembly.Memory} memory
   * @param {(bytes: number) => number} reserve makes room for so many bytes, and gives the place
   * @param {number} limit messages of more UTF-16 units or bytes are not copied
   */
  constructor(memory, reserve, limit) {
    this.#memory = memory;
    this.#reserve = reserve;
    this.#limit = limit;
  }

  /**
   * A handler of message events: copies the data of each, and tells how many bytes there are.
   *
   * @param {(length: number) => void} heard
   * @returns {(event: MessageEvent<unknown>) => void}
   */
  handler(heard) {
    return ({ data }) => heard(this.#copy(data));
  }

  /**
   * Copies text as UTF-8, or bytes. Data of any other kind is empty.
   *
   * @param {unknown} data
   * @returns {number} how many bytes there are; more than the limit where nothing was copied
   */
  #copy(data) {
    if (typeof data === 'string') {
      if (data.length > this.#limit) return data.length;
      // One unit of UTF-16 becomes three bytes at most.
      return encoder.encodeInto(data, this.#room(3 * data.length)).written;
    }
    if (!(data instanceof ArrayBuffer)) return 0;
    if (data.byteLength > this.#limit) return data.byteLength;
    this.#room(data.byteLength).set(new Uint8Array(data));
    return data.byteLength;
  }

  /** @param {number} bytes */
  #room(bytes) {
    if (this.#view.length <= bytes) {
      // Half as much again, so that no view is made for each message that is a little longer.
      const most = bytes + (bytes >> 1) + 1;
      // Room first: it may let the memory grow, and then a buffer taken before is empty.
      const place = this.#reserve(most);
      this.#view = new Uint8Array(this.#memory.buffer, place, most);
    }
    return this.#view;
  }
}
