/**
 * A growing big-endian writer, for metadata, tools and tests. Frames on the hot path are written by kit/outbox instead.
 *
 * @module
 */

/** Appends values and gives the bytes. */
export class Builder {
  #bytes: Uint8Array;
  #at = 0;

  constructor(capacity: number = 64) {
    this.#bytes = new Uint8Array(capacity);
  }

  u8(value: number): this {
    this.#room(1)[this.#at++] = value;
    return this;
  }

  u16(value: number): this {
    return this.u8(value >>> 8).u8(value & 0xff);
  }

  u24(value: number): this {
    return this.u8(value >>> 16).u16(value & 0xffff);
  }

  u32(value: number): this {
    return this.u16(value >>> 16).u16(value & 0xffff);
  }

  u64(value: bigint): this {
    return this.u32(Number((value >> 32n) & 0xffff_ffffn)).u32(Number(value & 0xffff_ffffn));
  }

  append(bytes: Uint8Array): this {
    this.#room(bytes.length).set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  /** The bytes so far, owned by the caller. */
  build(): Uint8Array {
    return this.#bytes.slice(0, this.#at);
  }

  #room(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + length));
      larger.set(this.#bytes.subarray(0, this.#at));
      this.#bytes = larger;
    }
    return this.#bytes;
  }
}
