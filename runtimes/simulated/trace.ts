/**
 * What happened in a simulation, line by line, with a digest to compare runs by. It never reads the time itself.
 *
 * @module
 */

/** An append-only list of short lines. Equal runs have equal digests on every engine. */
export class Trace {
  readonly #lines: string[] = [];
  readonly #encoder = new TextEncoder();
  #high = 0xcbf2_9ce4;
  #low = 0x8422_2325;

  /** What happened, one line each. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** FNV-1a, 64 bits, over the UTF-8 of all lines, each with its line feed, as 16 hexadecimal digits. */
  get digest(): string {
    return hex(this.#high) + hex(this.#low);
  }

  /** Appends a line. */
  record(line: string): void {
    this.#lines.push(line);
    for (const byte of this.#encoder.encode(line)) this.#mix(byte);
    this.#mix(0x0a);
  }

  /** The number of the first line that differs from another run's, or undefined when there is none. */
  differsAt(other: Trace): number | undefined {
    const length = Math.max(this.#lines.length, other.lines.length);
    for (let at = 0; at < length; at++) if (this.#lines[at] !== other.lines[at]) return at;
    return undefined;
  }

  /** The prime is 2^40 + 0x1b3, so the product needs no 64-bit arithmetic: 2^32 * 0x1b3 is exact in a number. */
  #mix(byte: number): void {
    const low = (this.#low ^ byte) >>> 0;
    const product = low * 0x1b3;
    this.#high = (Math.imul(this.#high, 0x1b3) + Math.floor(product / 0x1_0000_0000) + (low << 8)) >>> 0;
    this.#low = product >>> 0;
  }
}

/** FNV-1a, 32 bits, of bytes, as 8 hexadecimal digits. */
export function hashBytes(bytes: Uint8Array): string {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < bytes.length; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x0100_0193);
  return hex(hash >>> 0);
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}
