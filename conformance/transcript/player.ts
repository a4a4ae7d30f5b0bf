// Plays one side of a conversation against an RSocket machine: bytes, time and commands in, lines out.
// It is a hostile host within the law: it cuts input where it likes, overwrites what it lent and what was given back.
import type { SlabPool } from "../../src/contract/runtime.ts";
import { LARGE_SLAB, SMALL_SLAB } from "../../src/bytes/slabs.ts";
import { type ConnectionOptions, RSocketConnection } from "../../src/rsocket/connection.ts";
import { encodeFrame } from "../../src/rsocket/encode.ts";
import type { RSocketEvent } from "../../src/rsocket/event.ts";
import type { Frame } from "../../src/rsocket/frame.ts";
import { checksum, eventLine, frameLine } from "./lines.ts";

/** A machine whose contexts are texts. */
export type Machine = RSocketConnection<string>;

/** What the application does from inside an event. */
export type Reaction = (event: RSocketEvent<string>, machine: Machine) => void;

/** How to play. */
export interface PlayerOptions extends Partial<ConnectionOptions> {
  readonly react?: Reaction;
  /** Seeds the moments at which `released` is called. */
  readonly seed?: number;
  /** Offsets in the whole input at which chunks end. */
  readonly cuts?: (offset: number) => boolean;
}

/** What left the machine for the link, in order. */
export interface Sent {
  readonly type: "send" | "open" | "end" | "reset" | "stop";
  readonly lane: number;
  readonly bytes: Uint8Array;
}

/** One machine and its host. */
export class Player {
  readonly machine: Machine;
  /** Everything since the last `take`. */
  lines: string[] = [];
  /** Events, closes and flow steps only, from the start. */
  readonly heard: string[] = [];
  /** Everything for the link, from the start. */
  readonly sent: Sent[] = [];
  now = 0;
  /** Bytes received so far, on all lanes. */
  offset = 0;
  closed = false;
  readonly #react: Reaction | undefined;
  readonly #cuts: (offset: number) => boolean;
  readonly #prefixed: boolean;
  readonly #random: () => number;
  readonly #unread = new Map<number, Uint8Array>();
  readonly #owned: { readonly bytes: Uint8Array; readonly sum: string }[] = [];

  constructor(options: PlayerOptions = {}) {
    this.#react = options.react;
    this.#cuts = options.cuts ?? (() => false);
    this.#random = mulberry32(options.seed ?? 1);
    this.#prefixed = options.framing !== "message";
    this.machine = new RSocketConnection<string>(
      { role: "server", framing: "prefixed", slabs: hostilePool(), ...options },
      0,
    );
    this.#drain();
  }

  /** Input on a lane, with the length prefix where the framing has one. */
  gets(frame: Frame | Uint8Array, lane = 0): this {
    return this.raw(this.wire(frame), lane);
  }

  /** Several frames as one chunk. */
  getsAll(...frames: (Frame | Uint8Array)[]): this {
    if (!this.#prefixed) {
      for (const frame of frames) this.gets(frame);
      return this;
    }
    return this.raw(concat(frames.map((frame) => this.wire(frame))));
  }

  /** Input as it is on the wire. On a messages link it is one message. */
  raw(bytes: Uint8Array, lane = 0): this {
    let from = 0;
    for (let at = 1; at <= bytes.length; at++) {
      if (at < bytes.length && (!this.#prefixed || !this.#cuts(this.offset + at))) continue;
      this.#chunk(bytes.slice(from, at), lane);
      from = at;
    }
    if (bytes.length === 0) this.#chunk(bytes.slice(), lane);
    this.offset += bytes.length;
    return this;
  }

  /** Time passes, and the machine is told at each of its deadlines. */
  at(nowMs: number): this {
    while (this.machine.deadline <= nowMs) {
      this.now = Math.max(this.now, this.machine.deadline);
      this.machine.tick(this.now);
      this.#drain();
    }
    this.now = nowMs;
    this.machine.tick(nowMs);
    this.#drain();
    return this;
  }

  /** Commands from outside an event. */
  does(command: (machine: Machine) => void): this {
    command(this.machine);
    this.#drain();
    return this;
  }

  /** The peer ends a lane, or the link with an error. */
  ends(lane = 0, error?: Error): this {
    this.machine.receiveEnd(this.now, lane, error);
    this.#drain();
    return this;
  }

  /** False on a messages link, whose chunks are not to be cut. */
  get isPrefixed(): boolean {
    return this.#prefixed;
  }

  /** The lines since the last time. */
  take(): string[] {
    return this.lines.splice(0);
  }

  /** All bytes sent on a lane. */
  sentBytes(lane = 0): Uint8Array {
    return concat(this.sent.filter((one) => one.lane === lane).map((one) => one.bytes));
  }

  /** All frames sent on a lane. */
  sentFrames(lane = 0): Uint8Array[] {
    if (this.#prefixed) return split(this.sentBytes(lane)).frames;
    return this.sent.filter((one) => one.lane === lane && one.type === "send").map((one) => one.bytes);
  }

  /** A frame as it lies on this player's link. */
  wire(frame: Frame | Uint8Array): Uint8Array {
    const bytes = frame instanceof Uint8Array ? frame : encodeFrame(frame);
    return this.#prefixed ? prefixed(bytes) : bytes;
  }

  /** True while all memory that the machine said is ours is still as it was. */
  ownedIntact(): boolean {
    return this.#owned.every(({ bytes, sum }) => checksum(bytes) === sum);
  }

  #chunk(chunk: Uint8Array, lane: number): void {
    this.machine.receive(chunk, this.now, lane);
    this.#drain();
    chunk.fill(0xdd);
  }

  #drain(): void {
    for (let output = this.machine.poll(); output !== undefined; output = this.machine.poll()) {
      switch (output.type) {
        case "event":
          this.#say(eventLine(output.event), true);
          this.#remember(output.event);
          this.#react?.(output.event, this.machine);
          break;
        case "send":
          this.sent.push({ type: "send", lane: output.lane, bytes: output.bytes.slice() });
          this.#sent(output.lane, output.bytes);
          break;
        case "close":
          this.closed = true;
          this.#say(`close ${output.info.code}${output.info.error === undefined ? "" : " with error"}`, true);
          break;
        case "pause":
        case "resume":
          this.#say(output.lane === 0 ? output.type : `${output.type} ${output.lane}`, true);
          break;
        case "secure":
        case "sign":
          throw new Error("RSocket has no such step");
        default:
          this.sent.push({ type: output.type, lane: output.lane, bytes: NONE });
          this.#say(`${output.type} ${output.lane}`, false);
      }
      if (this.#random() < 0.5) this.machine.released();
    }
    if (this.#random() < 0.5) this.machine.released();
  }

  #sent(lane: number, bytes: Uint8Array): void {
    const where = lane === 0 ? "sent" : `sent on ${lane}`;
    if (!this.#prefixed) return this.#say(`${where} ${frameLine(bytes)}`, false);
    const { frames, rest } = split(concat([this.#unread.get(lane) ?? NONE, bytes]));
    for (const frame of frames) this.#say(`${where} ${frameLine(frame)}`, false);
    this.#unread.set(lane, rest);
  }

  #say(line: string, heard: boolean): void {
    this.lines.push(line);
    if (heard) this.heard.push(line);
  }

  #remember(event: RSocketEvent<string>): void {
    if (!("owned" in event) || !event.owned) return;
    for (const bytes of [event.data, event.metadata]) {
      if (bytes !== undefined) this.#owned.push({ bytes, sum: checksum(bytes) });
    }
  }
}

/** A frame with its 24-bit length before it. */
export function prefixed(frame: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(frame.length >>> 16, frame.length >>> 8, frame.length), frame]);
}

/** The whole frames of a byte stream, and what is left. */
export function split(bytes: Uint8Array): { frames: Uint8Array[]; rest: Uint8Array } {
  const frames: Uint8Array[] = [];
  let at = 0;
  while (bytes.length - at >= 3) {
    const end = at + 3 + ((bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!);
    if (end > bytes.length) break;
    frames.push(bytes.slice(at + 3, end));
    at = end;
  }
  return { frames, rest: bytes.slice(at) };
}

/** Arrays behind each other. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Seeded numbers from 0 to 1. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A pool that overwrites what it gets back and gives out the same slab again at once. */
function hostilePool(): SlabPool {
  const shelf: Uint8Array[] = [];
  return {
    take(large) {
      const size = large ? LARGE_SLAB : SMALL_SLAB;
      const at = shelf.findIndex((slab) => slab.length === size);
      return at < 0 ? new Uint8Array(size).fill(0xdd) : shelf.splice(at, 1)[0]!;
    },
    give(slab) {
      if (shelf.includes(slab)) throw new Error("a slab was given back twice");
      shelf.push(slab.fill(0xdd));
    },
  };
}

const NONE = new Uint8Array(0);
