/**
 * One frame seen in place: where its parts lie in the bytes it came in. Nothing is allocated or copied, and nothing
 * throws: `read` gives a fault number. It is the only reader of frame headers; the rest of the house uses it.
 *
 * @module
 */
import { FLAG, FRAME_TYPE, HEADER_BYTES, MAX_31_BIT } from "./frame.ts";

/** Why a frame could not be read. The index is the number that `read` gives. */
export const VIEW_FAULTS = ["ok", "truncated", "metadata-length", "unknown-type"] as const;

const TRUNCATED = 1;
const METADATA_LENGTH = 2;
const UNKNOWN_TYPE = 3;

/** A reusable view. Fields are valid until the next `read`. */
export class FrameView {
  bytes: Uint8Array = NONE;
  #buffer: ArrayBufferLike = NONE.buffer;
  #base = 0;
  /** The wire number of the type. */
  type = 0;
  flags = 0;
  /** 31 bits: the reserved top bit is dropped and never echoed. */
  streamId = 0;
  /** Request n, error code, time to live, extended type: the word after the header, where the type has one. */
  word = 0;
  /** Where what follows header and word begins. */
  bodyAt = 0;
  /** Where metadata begins, or -1 when the frame has none. It ends at `metadataEnd`. */
  metadataAt = -1;
  metadataEnd = 0;
  dataAt = 0;
  end = 0;

  /** Reads the frame that lies from `at` to `end`. 0 = done, else an index of VIEW_FAULTS. */
  read(bytes: Uint8Array, at: number, end: number): number {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.#buffer = bytes.buffer;
      this.#base = bytes.byteOffset;
    }
    this.end = end;
    this.metadataAt = -1;
    if (end - at < HEADER_BYTES) {
      this.flags = this.streamId = this.type = 0;
      return TRUNCATED;
    }
    this.streamId = ((bytes[at]! & 0x7f) << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    const typeAndFlags = (bytes[at + 4]! << 8) | bytes[at + 5]!;
    this.type = typeAndFlags >>> 10;
    this.flags = typeAndFlags & 0x3ff;
    return this.#body(at + HEADER_BYTES);
  }

  /** Bytes of metadata and data together, for the types that hold both. */
  get payloadBytes(): number {
    return this.end - this.bodyAt - (this.metadataAt < 0 ? 0 : 3);
  }

  /** Lets go of the bytes of the last frame. */
  release(): void {
    this.bytes = NONE;
    this.#buffer = NONE.buffer;
    this.#base = 0;
  }

  /** The frame's data as a view of the bytes it came in. */
  data(): Uint8Array {
    return new Uint8Array(this.#buffer, this.#base + this.dataAt, this.end - this.dataAt);
  }

  /** The frame's metadata as a view, or undefined when it has none. */
  metadata(): Uint8Array | undefined {
    if (this.metadataAt < 0) return undefined;
    return new Uint8Array(this.#buffer, this.#base + this.metadataAt, this.metadataEnd - this.metadataAt);
  }

  #body(at: number): number {
    switch (this.type) {
      case FRAME_TYPE.PAYLOAD:
      case FRAME_TYPE.REQUEST_RESPONSE:
      case FRAME_TYPE.REQUEST_FNF:
        return this.#payload(at);
      case FRAME_TYPE.REQUEST_STREAM:
      case FRAME_TYPE.REQUEST_CHANNEL:
      case FRAME_TYPE.EXT:
        return this.#word(at, MAX_31_BIT) ? this.#payload(at + 4) : TRUNCATED;
      case FRAME_TYPE.REQUEST_N:
        this.dataAt = this.end;
        return this.#word(at, MAX_31_BIT) ? 0 : TRUNCATED;
      case FRAME_TYPE.ERROR:
        this.dataAt = at + 4;
        return this.#word(at, -1) ? 0 : TRUNCATED;
      case FRAME_TYPE.CANCEL:
        this.dataAt = this.end;
        return 0;
      case FRAME_TYPE.METADATA_PUSH:
        this.metadataAt = at;
        this.metadataEnd = this.dataAt = this.end;
        return 0;
      case FRAME_TYPE.SETUP:
      case FRAME_TYPE.LEASE:
      case FRAME_TYPE.KEEPALIVE:
      case FRAME_TYPE.RESUME:
      case FRAME_TYPE.RESUME_OK:
        this.bodyAt = this.dataAt = at;
        return 0;
      default:
        return UNKNOWN_TYPE;
    }
  }

  #word(at: number, mask: number): boolean {
    if (this.end - at < 4) return false;
    const { bytes } = this;
    const word = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    this.word = mask < 0 ? word >>> 0 : word & mask;
    return true;
  }

  #payload(at: number): number {
    this.bodyAt = at;
    if ((this.flags & FLAG.METADATA) === 0) {
      this.dataAt = at;
      return 0;
    }
    const { bytes } = this;
    if (this.end - at < 3) return METADATA_LENGTH;
    const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    if (length > this.end - at - 3) return METADATA_LENGTH;
    this.metadataAt = at + 3;
    this.metadataEnd = this.dataAt = at + 3 + length;
    return 0;
  }
}

const NONE = new Uint8Array(0);
