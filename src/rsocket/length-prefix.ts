/**
 * The 24-bit length before each frame on a byte stream, read incrementally. It copies a byte only when a frame lies
 * across chunks, and its buffer grows with what arrived, never by what was declared.
 * RSocket 1.0, "Framing Protocol Usage".
 *
 * @module
 */

import type { FrameSource } from "./frame-source.ts";

/** Bytes of the length prefix. */
export const PREFIX_BYTES = 3;

/** Finds frames in chunks. After `next() === 1` the frame lies from `at` to `end` of `bytes`. */
export class LengthPrefix implements FrameSource {
  bytes: Uint8Array = NONE;
  at = 0;
  end = 0;
  /** True when the frame lies in memory of its own, which is never written again. */
  owned = false;
  #chunk: Uint8Array = NONE;
  /** True when the chunk is a copy of our own. */
  #kept = false;
  #read = 0;
  #held: Uint8Array = NONE;
  #heldBytes = 0;

  /** Bytes held of a frame that is not whole yet. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Bytes of memory taken for that frame. */
  get capacity(): number {
    return this.#held.length;
  }

  /** True when bytes of the present chunk are left to look at. */
  get hasInput(): boolean {
    return this.#read < this.#chunk.length;
  }

  /** Takes the next chunk. What is left of the one before was kept, and stays in front of it. */
  push(chunk: Uint8Array): void {
    this.#kept = this.hasInput;
    this.#chunk = this.#kept ? joined(this.#chunk.subarray(this.#read), chunk) : chunk;
    this.#read = 0;
  }

  /** Copies what is left of the present chunk, so that its memory may be reused. */
  keep(): void {
    if (this.#kept || !this.hasInput) return;
    this.#kept = true;
    this.#chunk = this.#chunk.slice(this.#read);
    this.#read = 0;
  }

  /** 1: a frame is ready. 0: more bytes are needed. -1: the next frame is declared larger than `maxBytes`. */
  next(maxBytes: number): number {
    if (this.#heldBytes > 0) return this.#nextHeld(maxBytes);
    const left = this.#chunk.length - this.#read;
    if (left >= PREFIX_BYTES) {
      const length = lengthAt(this.#chunk, this.#read);
      if (length > maxBytes) return -1;
      if (left >= PREFIX_BYTES + length) {
        if (this.bytes !== this.#chunk) this.bytes = this.#chunk;
        this.owned = false;
        this.at = this.#read + PREFIX_BYTES;
        this.end = this.#read = this.at + length;
        return 1;
      }
    }
    if (left >= PREFIX_BYTES) this.#hold(left, PREFIX_BYTES + lengthAt(this.#chunk, this.#read));
    else if (left > 0) this.#hold(left, PREFIX_BYTES);
    return this.#drained();
  }

  /** The chunk is read to its end: let go of it and of the last frame, so that an idle connection pins no memory. */
  #drained(): number {
    this.bytes = this.#chunk = NONE;
    this.#read = 0;
    return 0;
  }

  #nextHeld(maxBytes: number): number {
    if (this.#heldBytes < PREFIX_BYTES) {
      this.#hold(Math.min(PREFIX_BYTES - this.#heldBytes, this.#chunk.length - this.#read), PREFIX_BYTES);
      if (this.#heldBytes < PREFIX_BYTES) return this.#drained();
    }
    const length = lengthAt(this.#held, 0);
    if (length > maxBytes) return -1;
    const whole = PREFIX_BYTES + length;
    this.#hold(Math.min(whole - this.#heldBytes, this.#chunk.length - this.#read), whole);
    if (this.#heldBytes < whole) return this.#drained();
    this.bytes = this.#held;
    this.owned = true;
    this.at = PREFIX_BYTES;
    this.end = whole;
    this.#held = NONE;
    this.#heldBytes = 0;
    return 1;
  }

  /** Holds `count` more bytes of the chunk. The buffer at most doubles what has arrived and never passes `whole`. */
  #hold(count: number, whole: number): void {
    const size = this.#heldBytes + count;
    if (size > this.#held.length) {
      const larger = new Uint8Array(Math.min(whole, Math.max(size * 2, 64)));
      larger.set(this.#held.subarray(0, this.#heldBytes));
      this.#held = larger;
    }
    this.#held.set(this.#chunk.subarray(this.#read, this.#read + count), this.#heldBytes);
    this.#heldBytes = size;
    this.#read += count;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
}

const NONE = new Uint8Array(0);
