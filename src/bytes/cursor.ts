/**
 * A bounds-checked big-endian reader over bytes. It never throws: reading past the end sets `failed` and gives zeros.
 *
 * @module
 */

/** Reads forward over one array. Slices it gives are views, borrowed from that array. */
export class Cursor {
  readonly bytes: Uint8Array;
  /** The offset of the next byte. */
  at: number;
  /** The offset after the last byte. */
  readonly end: number;
  /** True once something was read past the end. */
  failed = false;

  constructor(bytes: Uint8Array, at: number = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.end - this.at;
  }

  u8(): number {
    return this.#has(1) ? this.bytes[this.at++]! : 0;
  }

  u16(): number {
    if (!this.#has(2)) return 0;
    const value = (this.bytes[this.at]! << 8) | this.bytes[this.at + 1]!;
    this.at += 2;
    return value;
  }

  u24(): number {
    if (!this.#has(3)) return 0;
    const value = (this.bytes[this.at]! << 16) | (this.bytes[this.at + 1]! << 8) | this.bytes[this.at + 2]!;
    this.at += 3;
    return value;
  }

  u32(): number {
    return this.#has(4) ? this.u16() * 0x1_0000 + this.u16() : 0;
  }

  /** 64 bits as a bigint. */
  u64(): bigint {
    if (!this.#has(8)) return 0n;
    const high = this.u32();
    return (BigInt(high) << 32n) | BigInt(this.u32());
  }

  /** The next `length` bytes as a view, or an empty one past the end. */
  take(length: number): Uint8Array {
    if (!this.#has(length)) return this.bytes.subarray(0, 0);
    const view = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return view;
  }

  /** Everything that is left, as a view. */
  rest(): Uint8Array {
    return this.take(this.left);
  }

  #has(length: number): boolean {
    if (!this.failed && this.end - this.at >= length) return true;
    this.failed = true;
    this.at = this.end;
    return false;
  }
}
