/**
 * Which streams of a QUIC connection are live, and which of their halves. It never talks to the engine.
 *
 * @module
 */
import { UsageError } from "../contract/errors.ts";

/** One live stream. It leaves the table when both halves are over. */
export interface QuicStream {
  readonly id: number;
  /** This side may still send. */
  sending: boolean;
  /** The peer may still send. */
  receiving: boolean;
  /** The last write was not taken whole. */
  blocked: boolean;
  /** The application wants no data for now. */
  paused: boolean;
}

/** Bit 1 of an id. RFC 9000, 2.1. */
export function isUnidirectional(id: number): boolean {
  return (id & 2) !== 0;
}

/** The table of one side's streams. */
export class QuicStreams {
  /** Bit 0 of the ids this side chooses. */
  readonly #ownBit: 0 | 1;
  readonly #live = new Map<number, QuicStream>();
  readonly #next: [number, number];
  readonly #seen: readonly [SeenIds, SeenIds] = [new SeenIds(), new SeenIds()];

  constructor(role: "client" | "server") {
    this.#ownBit = role === "client" ? 0 : 1;
    this.#next = [this.#ownBit, this.#ownBit | 2];
  }

  get size(): number {
    return this.#live.size;
  }

  get(id: number): QuicStream | undefined {
    return this.#live.get(id);
  }

  /** The live streams on which this side may send. */
  *sending(): Generator<QuicStream, void, undefined> {
    for (const stream of this.#live.values()) if (stream.sending) yield stream;
  }

  /** The id that `openOwn` will use. */
  nextOwn(unidirectional: boolean): number {
    return this.#next[unidirectional ? 1 : 0];
  }

  openOwn(unidirectional: boolean): QuicStream {
    const kind = unidirectional ? 1 : 0;
    const id = this.#next[kind];
    this.#next[kind] = id + 4;
    return this.#add({ id, sending: true, receiving: !unidirectional, blocked: false, paused: false });
  }

  /** Notes a stream the engine lists. Undefined when it is this side's own, or was seen before. */
  openPeers(id: number): QuicStream | undefined {
    if ((id & 1) === this.#ownBit || this.#live.has(id)) return undefined;
    const unidirectional = isUnidirectional(id);
    // Ids are below 2^62, so the index is taken by division: shifts would cut it to 32 bits.
    if (!this.#seen[unidirectional ? 1 : 0].add(Math.floor(id / 4))) return undefined;
    return this.#add({ id, sending: !unidirectional, receiving: true, blocked: false, paused: false });
  }

  endSending(stream: QuicStream): void {
    stream.sending = stream.blocked = false;
    this.#settle(stream);
  }

  endReceiving(stream: QuicStream): void {
    stream.receiving = false;
    this.#settle(stream);
  }

  /** The stream a command names. A stream that is over is not found: the caller decides whether it may be named. */
  named(id: number): QuicStream | undefined {
    const stream = this.#live.get(id);
    if (stream === undefined && !this.#wasOpen(id)) {
      throw new UsageError("bad-argument", `No stream ${id} was ever opened on this connection`);
    }
    return stream;
  }

  clear(): void {
    this.#live.clear();
  }

  #add(stream: QuicStream): QuicStream {
    this.#live.set(stream.id, stream);
    return stream;
  }

  #settle(stream: QuicStream): void {
    if (!stream.sending && !stream.receiving) this.#live.delete(stream.id);
  }

  #wasOpen(id: number): boolean {
    if (!Number.isSafeInteger(id) || id < 0) return false;
    const kind = isUnidirectional(id) ? 1 : 0;
    return (id & 1) === this.#ownBit ? id < this.#next[kind] : this.#seen[kind].has(Math.floor(id / 4));
  }
}

/**
 * The indexes of the peer's streams that were seen: all below a mark, and a few above it. The engine may go on listing
 * a stream for a while after it is over here; it must not be taken for a new one.
 */
class SeenIds {
  #mark = 0;
  readonly #above = new Set<number>();

  /** False when it was seen before. */
  add(index: number): boolean {
    if (this.has(index)) return false;
    this.#above.add(index);
    while (this.#above.delete(this.#mark)) this.#mark++;
    return true;
  }

  has(index: number): boolean {
    return index < this.#mark || this.#above.has(index);
  }
}
