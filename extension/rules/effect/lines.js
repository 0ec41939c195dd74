/** The lines of a recorded file, plain or gzip, whatever its name says. */

/** Hands the lines on in pieces, none of them cut. @param {Blob} file @param {(lines: string) => void} add */
export async function readLines(file, add) {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const isGzip = first === 0x1f && second === 0x8b;
  const bytes = isGzip ? file.stream().pipeThrough(new DecompressionStream('gzip')) : file.stream();
  const reader = bytes.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    const text = rest + (value ?? '');
    const end = done ? text.length : text.lastIndexOf('\n') + 1;
    add(text.slice(0, end));
    rest = text.slice(end);
    if (done) return;
  }
}
