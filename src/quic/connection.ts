/**
 * One QUIC connection as a machine: UDP payloads and time go in, UDP payloads and stream events come out.
 * It never sees a socket, a clock or a source of randomness, and holds no stream bytes of its own.
 *
 * Lane 0 is the UDP path: one `receive` is one datagram, and one `send` output is one datagram. The streams of the
 * connection are not lanes of this machine; whoever drives it makes a Session of its events and commands.
 *
 * @module
 */
import { utf8Decode, utf8Encode } from "../bytes/utf8.ts";
import { UsageError } from "../contract/errors.ts";
import type { Machine, Output } from "../contract/machine.ts";
import type { SlabPool } from "../contract/runtime.ts";
import { Outbox } from "../kit/outbox.ts";
import type { EngineConnection, QuicError, QuicStats } from "./engine.ts";
import { closeInfoOf, type QuicEnd, type QuicEvent } from "./event.ts";
import { Inbound } from "./inbound.ts";
import { QuicStreams } from "./streams.ts";

/** What a connection is made from. */
export interface QuicConnectionOptions {
  /** The engine's half, fresh from `connect` or `accept`. */
  readonly engine: EngineConnection;
  readonly slabs: SlabPool;
  /** The present time, in the milliseconds of every later `nowMs`. */
  readonly nowMs: number;
}

const maxReasonBytes = 1_024;
const none = new Uint8Array(0);

/** A QUIC connection without its I/O. */
export class QuicConnection implements Machine<QuicEvent> {
  readonly #engine: EngineConnection;
  readonly #slabs: SlabPool;
  readonly #outbox: Outbox<QuicEvent>;
  readonly #streams: QuicStreams;
  readonly #inbound: Inbound;
  #phase: "handshake" | "open" | "closing" | "closed" = "handshake";
  #now: number;
  #deadline = Infinity;
  /** The engine's lists may have changed since they were read. */
  #changed = true;
  /** The host still holds packets of the outbox. */
  #held = false;
  #last: Output<QuicEvent> | undefined;

  constructor(options: QuicConnectionOptions) {
    this.#engine = options.engine;
    this.#slabs = options.slabs;
    this.#now = options.nowMs;
    this.#outbox = new Outbox(options.slabs);
    this.#streams = new QuicStreams(options.engine.role);
    this.#inbound = new Inbound(options.engine, this.#streams, options.slabs);
  }

  // Getters

  get deadline(): number {
    return this.#deadline;
  }

  /** Always 0: packets are made when they are polled, after the events, so that answers share them. */
  get ready(): number {
    return 0;
  }

  /** Largest datagram the path takes now; 0 = none. */
  get maxDatagramBytes(): number {
    return this.#engine.maxDatagramBytes;
  }

  /** DER, the leaf first. To be checked by the caller when the engine was told not to verify. */
  get peerCertificates(): readonly Uint8Array[] {
    return this.#engine.peerCertificates;
  }

  get stats(): QuicStats {
    return this.#engine.stats();
  }

  // Inputs

  receive(chunk: Uint8Array, nowMs: number, _lane = 0): void {
    if (this.#phase === "closed" || chunk.length === 0) return;
    this.#now = nowMs;
    // The engine decrypts in place and the chunk is only borrowed, so it works on a copy.
    const page = this.#slabs.take(true);
    if (chunk.length <= page.length) {
      page.set(chunk);
      this.#engine.receivePacket(page.subarray(0, chunk.length), nowMs);
      this.#changed = true;
    }
    this.#slabs.give(page);
  }

  /** The socket is gone: nothing can be said to the peer any more. */
  receiveEnd(nowMs: number, _lane = 0, error?: Error): void {
    if (this.#phase === "closed") return;
    this.#now = nowMs;
    const end: QuicEnd = { type: "closed", by: "link", application: false, code: 0, reason: error?.message ?? "" };
    this.#end(end);
    this.#finish(end, error);
  }

  /** Nothing to do: lane 0 is never reset, and there is no other. */
  receiveReset(_code: number, nowMs: number, _lane: number): void {
    this.#now = nowMs;
  }

  receiveStop(_code: number, nowMs: number, _lane: number): void {
    this.#now = nowMs;
  }

  tick(nowMs: number): void {
    if (this.#phase === "closed") return;
    this.#now = nowMs;
    this.#engine.onTimeout(nowMs);
    this.#changed = true;
  }

  released(): void {
    this.#held = false;
    this.#outbox.released();
  }

  // Commands

  /**
   * Opens a stream; the peer hears of it with its first bytes. Undefined when the peer allows no more for now:
   * `streams-available` follows when it does.
   */
  openStream(unidirectional = false): number | undefined {
    this.#mustBeOpen();
    const id = this.#streams.nextOwn(unidirectional);
    const allowed = this.#engine.streamsLeft(unidirectional) > 0 &&
      typeof this.#engine.streamSend(id, none, false) === "number";
    if (allowed) return this.#streams.openOwn(unidirectional).id;
    this.#inbound.want(unidirectional);
    return undefined;
  }

  /**
   * Gives bytes to a stream and answers how many were taken; they may be reused at once. When fewer were taken than
   * given, the rest and `fin` are still the caller's: `writable` follows when there is room. 0 also when the peer has
   * stopped the stream.
   */
  write(id: number, bytes: Uint8Array, fin = false): number {
    this.#mustBeOpen();
    const stream = this.#streams.named(id);
    if (stream === undefined || !stream.sending) return this.#writeAfterEnd(id);
    const taken = this.#engine.streamSend(id, bytes, fin);
    if (typeof taken !== "number") {
      if (taken.fault === "stopped") this.#inbound.stopped(stream, taken.code);
      return 0;
    }
    if (taken < bytes.length) stream.blocked = true;
    else if (fin) this.#streams.endSending(stream);
    return taken;
  }

  /** Gives up reading (STOP_SENDING) or writing (RESET_STREAM). On a half that is over it does nothing. */
  shutdown(id: number, direction: "read" | "write", code: number): void {
    this.#mustBeOpen();
    const stream = this.#streams.named(id);
    if (stream === undefined || !(direction === "read" ? stream.receiving : stream.sending)) return;
    this.#engine.streamShutdown(id, direction, code);
    if (direction === "read") this.#streams.endReceiving(stream);
    else this.#streams.endSending(stream);
  }

  /** Leaves a stream's bytes in the engine, so that its window fills and the peer has to wait. */
  pause(id: number): void {
    const stream = this.#streams.named(id);
    if (stream !== undefined) stream.paused = true;
  }

  resume(id: number): void {
    const stream = this.#streams.named(id);
    if (stream === undefined || !stream.paused) return;
    stream.paused = false;
    if (stream.receiving) this.#inbound.read(id);
  }

  /** Sends a datagram, which may be lost. False: too large, not supported or no room. */
  sendDatagram(bytes: Uint8Array): boolean {
    this.#mustBeOpen();
    return this.#engine.sendDatagram(bytes);
  }

  /** Ends the connection and all its streams. `reason` is cut at 1,024 bytes. A second call does nothing. */
  close(code = 0, reason = ""): void {
    if (this.#phase === "closing" || this.#phase === "closed") return;
    this.#engine.close(code, utf8Encode(reason).subarray(0, maxReasonBytes));
    this.#end({ type: "closed", by: "self", application: true, code, reason });
  }

  // Output

  poll(): Output<QuicEvent> | undefined {
    if (this.#changed) this.#look();
    const event = this.#inbound.next();
    if (event !== undefined) return { type: "event", event };
    return this.#packet() ?? this.#rest();
  }

  #look(): void {
    this.#changed = false;
    if (this.#phase === "handshake" && this.#engine.established) {
      this.#phase = "open";
      this.#inbound.push({ type: "established", alpn: this.#engine.alpn });
    }
    if (this.#phase === "open") this.#inbound.look();
  }

  #packet(): Output<QuicEvent> | undefined {
    if (this.#phase === "closed") return undefined;
    const outbox = this.#outbox;
    outbox.room(this.#engine.maxPacketBytes, 0);
    const { bytes, at } = outbox;
    const length = this.#engine.sendPacket(bytes.subarray(at, at + this.#engine.maxPacketBytes), this.#now);
    if (length === 0) return undefined;
    outbox.at += length;
    outbox.seal(); // Each packet is a datagram of its own: two must never become one `send`.
    this.#held = true;
    return outbox.shift();
  }

  /** Nothing is left to say: gives memory back, sets the timer, and notices that the connection is over. */
  #rest(): Output<QuicEvent> | undefined {
    this.#inbound.rest();
    if (!this.#held) this.#outbox.released();
    if (this.#phase === "closed") return this.#takeLast();
    const engine = this.#engine;
    if (engine.draining || engine.closed) {
      const end = this.#endOf(engine.peerError, engine.localError);
      // Whoever was told of the end has nothing left to answer; who said it stays to say it again to late packets.
      const over = engine.closed || end.by === "peer";
      if (this.#phase !== "closing") this.#end(end);
      if (over) this.#finish(end);
      if (over || this.#inbound.waiting) return this.poll();
    }
    const timeout = engine.timeoutMs(this.#now);
    this.#deadline = timeout === undefined ? Infinity : this.#now + timeout;
    return undefined;
  }

  #endOf(peer: QuicError | undefined, local: QuicError | undefined): QuicEnd {
    const error = peer ?? local;
    const by = peer !== undefined ? "peer" : this.#engine.timedOut ? "idle" : "self";
    const reason = error === undefined ? "" : utf8Decode(error.reason.subarray(0, maxReasonBytes));
    return { type: "closed", by, application: error?.application ?? false, code: error?.code ?? 0, reason };
  }

  /** Over for the application. */
  #end(end: QuicEnd): void {
    if (this.#phase !== "closing") this.#inbound.push(end);
    this.#phase = "closing";
    this.#inbound.clear();
  }

  /** Over for the link too. */
  #finish(end: QuicEnd, cause?: Error): void {
    this.#phase = "closed";
    this.#deadline = Infinity;
    this.#last = { type: "close", info: closeInfoOf(end, cause) };
  }

  #takeLast(): Output<QuicEvent> | undefined {
    const last = this.#last;
    this.#last = undefined;
    return last;
  }

  #mustBeOpen(): void {
    if (this.#phase === "open") return;
    throw new UsageError(
      this.#phase === "handshake" ? "not-connected" : "closing",
      `The QUIC connection is in the phase "${this.#phase}", not "open"`,
    );
  }

  /** What the caller ended itself it may not write to; what the peer ended it may not have heard of yet. */
  #writeAfterEnd(id: number): number {
    if (this.#inbound.stopWaits(id)) return 0;
    throw new UsageError("wrong-state", `Stream ${id} takes no more bytes: it was ended, reset or stopped`);
  }
}
