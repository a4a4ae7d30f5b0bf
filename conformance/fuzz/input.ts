// The one buffer in which inputs are made, millions of times over. It grows nothing: what does not fit is left out.

const CAPACITY = 262_144;
/** The bytes do not begin where their memory does, so that a decoder that forgets the offset reads something else. */
const OFFSET = 5;

/** Bytes being made, big-endian. What lies behind `length` is left over from inputs before, on purpose. */
export class Input {
  readonly bytes: Uint8Array = new Uint8Array(new ArrayBuffer(CAPACITY + OFFSET), OFFSET);
  length = 0;

  /** Begins anew. */
  clear(): this {
    this.length = 0;
    return this;
  }

  /** True when so many bytes still fit. */
  fits(count: number): boolean {
    return this.length + count <= CAPACITY;
  }

  u8(value: number): this {
    if (this.fits(1)) this.bytes[this.length++] = value;
    return this;
  }

  u16(value: number): this {
    return this.u8(value >>> 8).u8(value);
  }

  u24(value: number): this {
    return this.u8(value >>> 16).u16(value);
  }

  u32(value: number): this {
    return this.u16(value >>> 16).u16(value);
  }

  append(bytes: Uint8Array): this {
    if (!this.fits(bytes.length)) return this;
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }

  /** ASCII only. */
  text(text: string): this {
    for (let at = 0; at < text.length; at++) this.u8(text.charCodeAt(at));
    return this;
  }

  /** `count` bytes that `next` gives. */
  fill(count: number, next: () => number): this {
    const end = Math.min(this.length + count, CAPACITY);
    while (this.length < end) this.bytes[this.length++] = next();
    return this;
  }

  /** The bytes made so far, borrowed until the next input. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}
