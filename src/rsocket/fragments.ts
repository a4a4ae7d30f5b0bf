/**
 * Payloads in pieces: splitting what is too large for one frame, and putting pieces together again within bounds.
 * RSocket 1.0, "Fragmentation And Reassembly".
 *
 * The size of a fragment counts everything on the wire: length prefix, header, metadata length and payload. That is
 * the strictest of the definitions peers use, so a frame never passes what a user asked for.
 *
 * @module
 */
import { FLAG, FRAME_TYPE, HEADER_BYTES, MAX_FRAME_BYTES } from "./frame.ts";
import { PREFIX_BYTES } from "./length-prefix.ts";
import type { FrameWriter } from "./writer.ts";

/** The smallest fragment size that may be asked for. */
export const MIN_FRAGMENT_BYTES = 64;
/** The largest: a frame of the protocol's ceiling with its prefix. */
export const MAX_FRAGMENT_BYTES: number = MAX_FRAME_BYTES + PREFIX_BYTES;

/** True for a fragment size that may be asked for. */
export function isFragmentBytes(size: number): boolean {
  return Number.isInteger(size) && size >= MIN_FRAGMENT_BYTES && size <= MAX_FRAGMENT_BYTES;
}

const FOLLOWS_AND_NEXT = (FRAME_TYPE.PAYLOAD << 10) | FLAG.FOLLOWS | FLAG.NEXT;

/** True when a frame with these parts is larger than `fragmentBytes`, counted with prefix and header. */
export function needsSplit(fragmentBytes: number, wordBytes: number, metadata: number, data: number): boolean {
  return PREFIX_BYTES + HEADER_BYTES + wordBytes + (metadata < 0 ? 0 : 3 + metadata) + data > fragmentBytes;
}

/**
 * Writes a payload as fragments of at most `fragmentBytes` each: the first frame with F set, then PAYLOAD frames.
 * Metadata goes before data. `last` are the flags (C) that only the last fragment carries; request n is only on the
 * first.
 */
export function writeFragments<E>(
  writer: FrameWriter<E>,
  fragmentBytes: number,
  lane: number,
  streamId: number,
  typeAndFlags: number,
  word: number,
  metadata: Uint8Array | undefined,
  data: Uint8Array,
  last: number,
): void {
  let metadataAt = 0;
  let dataAt = 0;
  let first = true;
  for (;;) {
    let room = fragmentBytes - PREFIX_BYTES - HEADER_BYTES - (first && word >= 0 ? 4 : 0);
    let metadataPart: Uint8Array | undefined;
    if (metadata !== undefined && (first || metadataAt < metadata.length)) {
      metadataPart = metadata.subarray(metadataAt, metadataAt + room - 3);
      metadataAt += metadataPart.length;
      room -= 3 + metadataPart.length;
    }
    const dataPart = data.subarray(dataAt, dataAt + Math.max(room, 0));
    dataAt += dataPart.length;
    const done = dataAt === data.length && metadataAt === (metadata?.length ?? 0);
    let flags = first ? typeAndFlags | FLAG.FOLLOWS : FOLLOWS_AND_NEXT;
    if (metadataPart !== undefined) flags |= FLAG.METADATA;
    else flags &= ~FLAG.METADATA;
    if (done) flags = (flags & ~FLAG.FOLLOWS) | last;
    writer.frame(lane, streamId, flags, first ? word : -1, metadataPart, dataPart);
    if (done) return;
    first = false;
  }
}

/**
 * One payload being put together. Metadata and data grow in one buffer that at most doubles, so each byte is copied
 * once and a little more, whatever the number of fragments.
 */
export class Reassembly {
  /** Fragments so far. */
  count = 0;
  /** Those of them that were tiny without being the last. */
  tiny = 0;
  /** When the latest came. */
  touchedAt = 0;
  /** True once the C flag was seen on any fragment. */
  complete = false;
  #bytes: Uint8Array = new Uint8Array(0);
  #size = 0;
  #metadataSize = -1;
  #inData = false;

  /** Bytes of memory held, which are charged to the connection. Empty fragments hold none; they are only counted. */
  get held(): number {
    return this.#bytes.length;
  }

  /** Bytes of metadata and data so far. */
  get size(): number {
    return this.#size;
  }

  /** Adds a fragment. False when metadata comes after data, which means nothing. */
  add(metadata: Uint8Array | undefined, data: Uint8Array): boolean {
    this.count++;
    if (metadata !== undefined) {
      if (this.#inData && metadata.length > 0) return false;
      this.#metadataSize = Math.max(this.#metadataSize, 0) + metadata.length;
      this.#append(metadata);
    }
    if (data.length > 0) {
      this.#inData = true;
      this.#append(data);
    }
    return true;
  }

  /** The metadata as a view of memory that nobody else writes, or undefined when no fragment had any. */
  metadata(): Uint8Array | undefined {
    return this.#metadataSize < 0 ? undefined : this.#bytes.subarray(0, this.#metadataSize);
  }

  /** The data, likewise. */
  data(): Uint8Array {
    return this.#bytes.subarray(Math.max(this.#metadataSize, 0), this.#size);
  }

  #append(bytes: Uint8Array): void {
    const size = this.#size + bytes.length;
    if (size > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#bytes.length * 2, size));
      larger.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#size);
    this.#size = size;
  }
}
