/**
 * Frames written in place: header, metadata and small data go straight into the slab, large data goes by reference.
 * On a bytes link every frame has its 24-bit length before it; on a messages link every frame is one message.
 * It checks nothing: callers know what may be sent.
 *
 * @module
 */
import { COPY_BYTES, type Outbox } from "../kit/outbox.ts";
import { HEADER_BYTES } from "./frame.ts";
import { PREFIX_BYTES } from "./length-prefix.ts";

/** How frames lie on the link. */
export type Framing = "prefixed" | "message";

/** Writes frames into an outbox. */
export class FrameWriter<E> {
  readonly prefixed: boolean;
  /** Bytes of stream frames written so far, without prefixes. "Resuming Operation": position. */
  position = 0;
  readonly #out: Outbox<E>;

  constructor(out: Outbox<E>, framing: Framing) {
    this.#out = out;
    this.prefixed = framing === "prefixed";
  }

  /**
   * Writes one frame: header, a 32-bit word unless `word` is negative, metadata with its length unless undefined,
   * data. `typeAndFlags` are the 16 bits after the stream id, without the M flag's consequences being checked.
   */
  frame(
    lane: number,
    streamId: number,
    typeAndFlags: number,
    word: number,
    metadata: Uint8Array | undefined,
    data: Uint8Array,
  ): void {
    const out = this.#out;
    const dataBytes = data.length;
    const metadataBytes = metadata === undefined ? 0 : metadata.length;
    if (metadata === undefined && word < 0 && dataBytes <= COPY_BYTES && this.prefixed) {
      return this.#small(lane, streamId, typeAndFlags, data, dataBytes);
    }
    const head = HEADER_BYTES + (word < 0 ? 0 : 4) + (metadata === undefined ? 0 : 3);
    const length = head + metadataBytes + dataBytes;
    if (streamId !== 0) this.position += length;
    if (metadataBytes > COPY_BYTES || dataBytes > COPY_BYTES) {
      this.#large(lane, streamId, typeAndFlags, word, metadata, data, head, length);
      return;
    }
    out.room(PREFIX_BYTES + length, lane);
    let at = this.#head(out.bytes, out.at, length, streamId, typeAndFlags, word);
    const bytes = out.bytes;
    if (metadata !== undefined) {
      at = u24(bytes, at, metadataBytes);
      bytes.set(metadata, at);
      at += metadataBytes;
    }
    if (dataBytes > 0) bytes.set(data, at);
    out.at = at + dataBytes;
    if (!this.prefixed) out.seal();
  }

  /** The most frequent frame, only data of a few bytes, in one straight line: a tenth of a request's time. */
  #small(lane: number, streamId: number, typeAndFlags: number, data: Uint8Array, dataBytes: number): void {
    const out = this.#out;
    const length = HEADER_BYTES + dataBytes;
    if (streamId !== 0) this.position += length;
    out.room(PREFIX_BYTES + length, lane);
    const { bytes, at } = out;
    bytes[at] = length >>> 16;
    bytes[at + 1] = length >>> 8;
    bytes[at + 2] = length;
    bytes[at + 3] = streamId >>> 24;
    bytes[at + 4] = streamId >>> 16;
    bytes[at + 5] = streamId >>> 8;
    bytes[at + 6] = streamId;
    bytes[at + 7] = typeAndFlags >>> 8;
    bytes[at + 8] = typeAndFlags;
    if (dataBytes > 0) bytes.set(data, at + PREFIX_BYTES + HEADER_BYTES);
    out.at = at + PREFIX_BYTES + length;
  }

  /** Writes a frame that was encoded elsewhere (encode.ts). Its bytes are owned from here on. */
  whole(lane: number, frame: Uint8Array): void {
    if (this.prefixed) {
      this.#out.room(PREFIX_BYTES + Math.min(frame.length, COPY_BYTES), lane);
      this.#out.at = u24(this.#out.bytes, this.#out.at, frame.length);
      // In one piece with its prefix: the server of rsocket-js needs the whole first frame in one TCP segment.
      return this.#piece(frame, lane);
    }
    this.#out.refer(frame, lane);
  }

  #head(bytes: Uint8Array, at: number, length: number, streamId: number, typeAndFlags: number, word: number): number {
    if (this.prefixed) at = u24(bytes, at, length);
    bytes[at] = streamId >>> 24;
    bytes[at + 1] = streamId >>> 16;
    bytes[at + 2] = streamId >>> 8;
    bytes[at + 3] = streamId;
    bytes[at + 4] = typeAndFlags >>> 8;
    bytes[at + 5] = typeAndFlags;
    if (word < 0) return at + HEADER_BYTES;
    bytes[at + 6] = word >>> 24;
    bytes[at + 7] = word >>> 16;
    bytes[at + 8] = word >>> 8;
    bytes[at + 9] = word;
    return at + HEADER_BYTES + 4;
  }

  #large(
    lane: number,
    streamId: number,
    typeAndFlags: number,
    word: number,
    metadata: Uint8Array | undefined,
    data: Uint8Array,
    head: number,
    length: number,
  ): void {
    const out = this.#out;
    if (!this.prefixed) {
      const message = new Uint8Array(length);
      let at = this.#head(message, 0, length, streamId, typeAndFlags, word);
      if (metadata !== undefined) {
        at = u24(message, at, metadata.length);
        message.set(metadata, at);
        at += metadata.length;
      }
      message.set(data, at);
      out.refer(message, lane);
      return;
    }
    out.room(PREFIX_BYTES + head, lane);
    let at = this.#head(out.bytes, out.at, length, streamId, typeAndFlags, word);
    if (metadata !== undefined) at = u24(out.bytes, at, metadata.length);
    out.at = at;
    if (metadata !== undefined) this.#piece(metadata, lane);
    this.#piece(data, lane);
  }

  #piece(bytes: Uint8Array, lane: number): void {
    const out = this.#out;
    if (bytes.length > COPY_BYTES) return out.refer(bytes, lane);
    out.room(bytes.length, lane);
    out.bytes.set(bytes, out.at);
    out.at += bytes.length;
  }
}

function u24(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value >>> 16;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value;
  return at + 3;
}
