/**
 * The ordered queue behind `poll()`: bytes written in place into a slab, and everything else a machine says.
 * It never copies a byte twice and never looks at what it carries.
 *
 * @module
 */
import type { Output } from "../contract/machine.ts";
import type { SlabPool } from "../contract/runtime.ts";
import { LARGE_SLAB, SMALL_SLAB } from "../bytes/slabs.ts";

/** Payloads over this many bytes are passed on by reference instead of being copied into the slab. */
export const COPY_BYTES = 8_192;

/**
 * Collects outputs. Writers ask for `room`, write into `bytes` at `at`, and move `at`. Bytes written one after the
 * other for one lane become one `send`.
 */
export class Outbox<E> {
  /** Where to write. Only valid after `room`. */
  bytes: Uint8Array = NONE;
  /** The offset of the next byte to write. */
  at = 0;
  /** Bytes sealed and waiting in the queue. */
  ready = 0;
  #from = 0;
  #lane = 0;
  #large = false;
  #burst = 0;
  #queue: Output<E>[] = [];
  #head = 0;
  readonly #slabs: SlabPool;

  constructor(slabs: SlabPool) {
    this.#slabs = slabs;
  }

  /** True when nothing is waiting, neither sealed nor open. */
  get empty(): boolean {
    return this.#head === this.#queue.length && this.at === this.#from;
  }

  /** True when an output is sealed and waiting. */
  get sealed(): boolean {
    return this.#head < this.#queue.length;
  }

  /** Makes room for `length` bytes (at most 64 KiB) in one piece for a lane, at `at` of `bytes`. */
  room(length: number, lane: number): void {
    if (lane !== this.#lane) {
      this.seal();
      this.#lane = lane;
    }
    if (this.at + length > this.bytes.length) this.#fresh(length);
  }

  /** Sends bytes by reference, after all that was written before. They are owned from here on. */
  refer(bytes: Uint8Array, lane: number): void {
    this.seal();
    if (bytes.length === 0) return;
    this.ready += bytes.length;
    this.#queue.push({ type: "send", lane, bytes });
  }

  /** Puts an output after everything written so far. */
  push(output: Output<E>): void {
    this.seal();
    this.#queue.push(output);
  }

  /** Closes the open bytes into a `send`, if there are any. */
  seal(): void {
    if (this.at === this.#from) return;
    const bytes = this.bytes.subarray(this.#from, this.at);
    this.ready += bytes.length;
    this.#burst += bytes.length;
    this.#from = this.at;
    this.#queue.push({ type: "send", lane: this.#lane, bytes });
  }

  /** The next sealed output. */
  shift(): Output<E> | undefined {
    if (this.#head === this.#queue.length) return undefined;
    const output = this.#queue[this.#head++]!;
    if (this.#head === this.#queue.length) {
      this.#queue.length = 0;
      this.#head = 0;
    }
    if (output.type === "send") this.ready -= output.bytes.length;
    return output;
  }

  /** The host let go of all buffers: the slab is written from its start again, or goes back to the pool. */
  released(): void {
    if (this.bytes === NONE || !this.empty) return;
    this.#large = this.#burst > SMALL_SLAB;
    this.#burst = 0;
    this.#slabs.give(this.bytes);
    this.bytes = NONE;
    this.at = this.#from = 0;
  }

  #fresh(length: number): void {
    this.seal();
    this.#burst += 1;
    const large = this.#large || length > SMALL_SLAB || this.#burst > SMALL_SLAB / 2;
    this.bytes = this.#slabs.take(large);
    this.at = this.#from = 0;
    if (length > LARGE_SLAB) throw new RangeError(`Cannot reserve ${length} bytes: a slab has ${LARGE_SLAB}`);
  }
}

const NONE = new Uint8Array(0);
