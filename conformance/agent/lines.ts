// Cuts a byte stream into lines of UTF-8. Never holds more than one line, and drops what a line has too many of.

/** Longest line that is kept, in bytes. A longer one arrives cut, which makes it bad JSON: an error and not a crash. */
export const maxLineBytes: number = 4 * 1024 * 1024;

const newline = 10;

/** The lines without their newline, empty ones left out. The last one needs no newline. */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  limit: number = maxLineBytes,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let parts: Uint8Array[] = [];
  let held = 0;
  const keep = (part: Uint8Array) => {
    const taken = part.subarray(0, limit - held);
    if (taken.length > 0) parts.push(taken);
    held += taken.length;
  };
  const take = (): string => {
    const line = parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
    parts = [];
    held = 0;
    return line.trim();
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      keep(chunk.subarray(from, at));
      from = at + 1;
      const line = take();
      if (line !== "") yield line;
    }
    keep(chunk.subarray(from));
  }
  const last = take();
  if (last !== "") yield last;
}
