/** Copies the messages of sockets into the memory of the module, so that one call across tells of each. */

const encoder = new TextEncoder();

/** Texts of more UTF-16 units are left to the encoder. The buffer in `text.wat` holds so many, and a block. */
const LONGEST = 32_768;

/** Up to so many bytes behind a text are overwritten. */
const BLOCK = 16;

/** `src/web/stream/text.wat` as `wasm-as` assembles it. */
const TEXT = `
AGFzbQEAAAABHAVedwFgA29jAH8Bf2ABfwF+YAF/AX9gAm9/AX8CNgIHY3Vld2lyZQZtZW1vcnkCAAEOd2FzbTpqcy1zdHJp
bmcRaW50b0NoYXJDb2RlQXJyYXkAAQMEAwIDBAYMAWQAAEGQgAL7BwALBwgBBGNvcHkAAwqFBAMrACAAEAKtIABBAWoQAq1C
EIaEIABBAmoQAq1CIIYgAEEDahACrUIwhoSECwkAIwAgAPsNAAvMAwIGfwJ7IAEhBCAAIwBBABAAIQICQANAIAMgAk8NASAD
EAH9EiADQQRqEAH9HgEhCCADQQhqEAH9EiADQQxqEAH9HgEhCSADQRBqIQUgBSACSwRAIAIhBQsgCCAJ/VD9DID/gP+A/4D/
gP+A/4D/gP/9Tv1TRQRAIAQgCCAJ/Wb9CwQAIAQgBSADa2ohBCAFIQMMAQsDQCADEAIhBiADQQFqIQMCQCAGQYABSQRAIAQg
BjoAACAEQQFqIQQMAQsgBkGAEEkEQCAEQcABIAZBBnZyOgAAIARBgAEgBkE/cXI6AAEgBEECaiEEDAELIAZBgPADcUGAsANG
BEAgBkGAuANJIAMgAklxBEAgAxACIQcgB0GA+ANxQYC4A0YEQCADQQFqIQMgBkEKdCAHakGAuP8aayEGIARB8AEgBkESdnI6
AAAgBEGAASAGQQx2QT9xcjoAASAEQYABIAZBBnZBP3FyOgACIARBgAEgBkE/cXI6AAMgBEEEaiEEDAMLC0H9/wMhBgsgBEHg
ASAGQQx2cjoAACAEQYABIAZBBnZBP3FyOgABIARBgAEgBkE/cXI6AAIgBEEDaiEECyADIAVJDQALDAALAAsgBCABaws=`;

/**
 * The copy of texts in WebAssembly, which takes half to two thirds of the encoder's time. JS String Builtins are in Chrome
 * 130 and Firefox 134; other browsers refuse the module.
 *
 * @param {WebAssembly.Memory} memory
 * @returns {((text: string, place: number) => number) | null}
 */
function textCopy(memory) {
  try {
    const bytes = Uint8Array.from(atob(TEXT), (unit) => unit.charCodeAt(0));
    const module = Reflect.construct(WebAssembly.Module, [bytes, { builtins: ['js-string'] }]);
    const { copy } = new WebAssembly.Instance(module, { cuewire: { memory } }).exports;
    return /** @type {(text: string, place: number) => number} */ (copy);
  } catch {
    return null;
  }
}

/** The buffer of one engine, as JavaScript writes to it. */
export class Frames {
  /** Kept, because making a view costs more than a short message. Empty once the memory has grown. */
  #view = new Uint8Array();
  #memory;
  #reserve;
  #limit;
  #copyText;

  /**
   * @param {WebAssembly.Memory} memory
   * @param {(bytes: number) => number} reserve makes room for that many bytes, and gives the place
   * @param {number} limit messages of more UTF-16 units or bytes are not copied
   */
  constructor(memory, reserve, limit) {
    this.#memory = memory;
    this.#reserve = reserve;
    this.#limit = limit;
    this.#copyText = textCopy(memory);
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
      const room = this.#room(3 * data.length + BLOCK);
      return this.#copyText !== null && data.length <= LONGEST
        ? this.#copyText(data, room.byteOffset)
        : encoder.encodeInto(data, room).written;
    }
    if (!(data instanceof ArrayBuffer)) return 0;
    // The view knows the length at once; the buffer takes a call to tell it.
    const bytes = new Uint8Array(data);
    const { length } = bytes;
    if (length <= this.#limit) this.#room(length).set(bytes);
    return length;
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
