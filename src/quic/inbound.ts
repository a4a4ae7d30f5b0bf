/**
 * What the engine has for the application: its readable streams, stops and room become events, in the
 * order in which the application has to hear them. It never makes a packet and never ends a connection.
 *
 * @module
 */
import type { SlabPool } from "../contract/runtime.ts";
import type { EngineConnection } from "./engine.ts";
import type { QuicEvent } from "./event.ts";
import { isUnidirectional, type QuicStream, type QuicStreams } from "./streams.ts";

/** The events of one connection that wait to be polled. */
export class Inbound {
  readonly #engine: EngineConnection;
  readonly #streams: QuicStreams;
  readonly #slabs: SlabPool;
  readonly #events: QuicEvent[] = [];
  #reading: number[] = [];
  /** Stream bytes are read into it; it goes back to the pool when a burst of polls is over. */
  #page: Uint8Array | undefined;
  /** Kinds of streams that could not be opened: bidirectional, unidirectional. */
  readonly #wanted: [boolean, boolean] = [false, false];

  constructor(engine: EngineConnection, streams: QuicStreams, slabs: SlabPool) {
    this.#engine = engine;
    this.#streams = streams;
    this.#slabs = slabs;
  }

  /** True when an event without bytes waits. */
  get waiting(): boolean {
    return this.#events.length > 0;
  }

  push(event: QuicEvent): void {
    this.#events.push(event);
  }

  /** Reads this stream at the next polls. */
  read(id: number): void {
    if (!this.#reading.includes(id)) this.#reading.push(id);
  }

  /** Tells when a stream of this kind can be opened. */
  want(unidirectional: boolean): void {
    this.#wanted[unidirectional ? 1 : 0] = true;
  }

  /**
   * Compares the engine's state with what the application knows. Nothing is read here, because a stop has to be noticed
   * before the reads: reading the end of a stream can make the engine forget it, and the stop with it.
   */
  look(): void {
    for (const id of this.#engine.readable()) {
      this.#noteOpened(id);
      this.read(id);
    }
    for (const stream of this.#streams.sending()) this.#lookAtSending(stream);
    for (const kind of [0, 1] as const) {
      if (!this.#wanted[kind] || this.#engine.streamsLeft(kind === 1) <= 0) continue;
      this.#wanted[kind] = false;
      this.push({ type: "streams-available", unidirectional: kind === 1 });
    }
  }

  /** The stream takes no more, because the peer said so. */
  stopped(stream: QuicStream, code: number): void {
    this.#streams.endSending(stream);
    this.push({ type: "stopped", id: stream.id, code });
  }

  /** True when the application has yet to hear that the peer stopped this stream. */
  stopWaits(id: number): boolean {
    return this.#events.some((event) => event.type === "stopped" && event.id === id);
  }

  /** The next event. Its bytes are borrowed until the next call. */
  next(): QuicEvent | undefined {
    const event = this.#events.shift();
    if (event !== undefined) return event;
    for (let id = this.#reading[0]; id !== undefined; id = this.#reading[0]) {
      const stream = this.#streams.get(id);
      const data = stream === undefined || !stream.receiving || stream.paused ? undefined : this.#readFrom(stream);
      if (data !== undefined) return data;
      this.#reading.shift();
    }
    const bytes = this.#engine.receiveDatagram();
    return bytes === undefined ? undefined : { type: "datagram", bytes };
  }

  /** Gives the reading memory back until there is something to read again. */
  rest(): void {
    if (this.#page !== undefined) this.#slabs.give(this.#page);
    this.#page = undefined;
  }

  /** All streams are gone. */
  clear(): void {
    this.#reading = [];
    this.#streams.clear();
  }

  #lookAtSending(stream: QuicStream): void {
    const { id } = stream;
    const capacity = this.#engine.streamCapacity(id);
    if (typeof capacity !== "number") {
      if (capacity.fault === "stopped") this.stopped(stream, capacity.code);
    } else if (stream.blocked && capacity > 0) {
      stream.blocked = false;
      this.push({ type: "writable", id });
    }
  }

  #noteOpened(id: number): void {
    if (this.#streams.openPeers(id) === undefined) return;
    this.push({ type: "opened", id, unidirectional: isUnidirectional(id) });
  }

  #readFrom(stream: QuicStream): QuicEvent | undefined {
    const { id } = stream;
    this.#page ??= this.#slabs.take(true);
    const read = this.#engine.streamReceive(id, this.#page);
    if (read === undefined) return undefined;
    if ("fault" in read) {
      if (read.fault !== "reset") return undefined;
      this.#streams.endReceiving(stream);
      return { type: "reset", id, code: read.code };
    }
    if (read.fin) this.#streams.endReceiving(stream);
    else if (read.length === 0) return undefined;
    return { type: "data", id, bytes: this.#page.subarray(0, read.length), fin: read.fin };
  }
}
