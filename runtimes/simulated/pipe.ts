/**
 * One direction of one link: what waits with the sender, what is under way, and its delivery piece by piece. It keeps
 * the order and never delivers from inside a call of the sender or the receiver.
 *
 * @module
 */
import type { Link } from "../../src/contract/link.ts";
import { lend } from "./lend.ts";
import type { Random } from "./random.ts";
import { hashBytes } from "./trace.ts";
import { type Direction, spread, type Wire } from "./wire.ts";

/** Where a pipe leads. */
export interface PipeReceiver {
  chunk(borrowed: Uint8Array): void;
  end(): void;
}

/** Who hears what becomes of what was sent. */
export interface PipeSender {
  /** `send` returned false before and would return true now. */
  drain(): void;
  /** The end, and so everything before it, has left the sender. */
  left(): void;
  /** The first piece is under way and arrives at this time. */
  first(at: number): void;
}

/** Bytes that the pipe refers to and has not read yet. Without bytes it is the end. */
interface Waiting {
  readonly bytes: Uint8Array | undefined;
  from: number;
  /** The seed holds the sender's memory until then. */
  readonly readAt: number;
}

/** A copy under way. Without bytes it is the end. */
interface Piece {
  readonly bytes: Uint8Array | undefined;
  from: number;
  readonly at: number;
}

/** Largest chunk of a bytes link, as a socket's reading buffer is. */
const MOST_AT_ONCE = 65_536;

/** The sender's half stands first, then the receiver's. */
export class Pipe {
  readonly direction: Direction;
  readonly #wire: Wire;
  readonly #name: string;
  readonly #kind: Link["kind"];
  readonly #random: Random;
  readonly #sender: PipeSender;
  #receiver: PipeReceiver | undefined;

  #waiting: Waiting[] = [];
  #buffered = 0;
  #wantsDrain = false;
  #silent = false;
  #begun = false;
  #cancelHold: (() => void) | undefined;

  #pieces: Piece[] = [];
  #underWay = 0;
  #lastArrival = 0;
  #paused = false;
  #deaf = false;
  #armed = false;

  constructor(wire: Wire, name: string, direction: Direction, kind: Link["kind"], sender: PipeSender) {
    this.#wire = wire;
    this.#name = name;
    this.direction = direction;
    this.#kind = kind;
    this.#random = wire.random.fork(`${name} ${direction}`);
    this.#sender = sender;
  }

  // The sender's half.

  /** Bytes still referred to. */
  get buffered(): number {
    return this.#buffered;
  }

  /** When the last piece under way arrives. */
  get lastArrival(): number {
    return this.#lastArrival;
  }

  /** After the end, or when the pipe is silent, bytes are dropped and the answer is false. */
  send(bytes: Uint8Array): boolean {
    if (this.#silent || this.#wire.broken) return false;
    if (bytes.length > 0 || this.#kind === "messages") this.#enqueue(bytes);
    this.#wantsDrain ||= this.#full();
    return !this.#full();
  }

  end(): void {
    if (!this.#silent && !this.#wire.broken) this.#enqueue(undefined);
    this.#silent = true;
  }

  /** Forgets what waits and, when `lostTail`, also what is under way. Nothing more is sent. */
  silence(lostTail: boolean): void {
    this.#silent = true;
    this.#wantsDrain = false;
    this.#waiting = [];
    this.#buffered = 0;
    this.#cancelHold?.();
    if (lostTail) this.#forget();
  }

  #enqueue(bytes: Uint8Array | undefined): void {
    const { holdChance, holdMs } = this.#wire.shape;
    const held = this.#random.chance(holdChance) && bytes !== undefined;
    const readAt = this.#wire.clock.now() + (held ? spread(this.#random, holdMs) : 0);
    this.#waiting.push({ bytes, from: 0, readAt: held ? readAt : 0 });
    this.#buffered += bytes?.length ?? 0;
    this.#admit(held);
  }

  /** Copies what the window has room for. `heldJustNow`: not within this call, even when the hold lasts 0 ms. */
  #admit(heldJustNow: boolean = false): void {
    for (let head = this.#waiting[0]; head !== undefined; head = this.#waiting[0]) {
      if (head.readAt > this.#wire.clock.now() || (heldJustNow && this.#waiting.length === 1)) {
        this.#cancelHold?.();
        this.#cancelHold = this.#wire.clock.wake(head.readAt, () => this.#admit());
        return;
      }
      const taken = this.#fitting(head);
      if (taken < 0) return;
      const last = head.from + taken === (head.bytes?.length ?? 0);
      this.#buffered -= taken;
      this.#launch(head.bytes?.slice(head.from, head.from + taken));
      head.from += taken;
      if (last) this.#waiting.shift();
      if (head.bytes === undefined) this.#sender.left();
    }
  }

  /** How many bytes of it go now; -1 = it waits. A message goes whole, alone if it is larger than the window. */
  #fitting(head: Waiting): number {
    const left = (head.bytes?.length ?? 0) - head.from;
    const room = this.#wire.shape.windowBytes - this.#underWay;
    if (left <= room || left === 0) return left;
    if (this.#kind === "messages") return this.#underWay === 0 ? left : -1;
    return room > 0 ? room : this.#underWay === 0 ? 1 : -1;
  }

  #launch(copy: Uint8Array | undefined): void {
    if (this.#deaf) return;
    for (const bytes of copy === undefined ? [undefined] : this.#segments(copy)) {
      const at = this.#wire.arrival(this.direction, bytes?.length ?? 0, this.#random, this.#lastArrival);
      this.#lastArrival = at;
      this.#underWay += bytes?.length ?? 0;
      this.#pieces.push({ bytes, from: 0, at });
      if (!this.#begun) {
        this.#begun = true;
        this.#sender.first(at);
      }
    }
    this.#arm();
  }

  #segments(copy: Uint8Array): Uint8Array[] {
    if (this.#kind === "messages" || !this.#random.chance(this.#wire.shape.resegmentChance)) return [copy];
    const cuts = Array.from({ length: 1 + this.#random.below(3) }, () => this.#random.below(copy.length + 1));
    const borders = [0, ...cuts.toSorted((a, b) => a - b), copy.length];
    const segments = borders.slice(1).map((to, index) => copy.subarray(borders[index], to));
    return segments.filter((segment) => segment.length > 0);
  }

  #full(): boolean {
    return this.#buffered + this.#underWay >= this.#wire.shape.highWaterBytes;
  }

  #relieve(): void {
    this.#admit();
    if (!this.#wantsDrain || this.#buffered + this.#underWay > this.#wire.shape.highWaterBytes / 2) return;
    this.#wantsDrain = false;
    this.#wire.clock.wake(this.#wire.clock.now(), () => {
      if (this.#silent) return;
      if (this.#full()) this.#wantsDrain = true;
      else this.#sender.drain();
    });
  }

  // The receiver's half.

  /** True when something has arrived that can be delivered now. */
  get deliverable(): boolean {
    const head = this.#pieces[0];
    return head !== undefined && head.at <= this.#wire.clock.now() && this.#listening() &&
      !this.#wire.stalled(this.direction) && !this.#over();
  }

  start(receiver: PipeReceiver): void {
    this.#receiver = receiver;
    this.#arm();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#arm();
  }

  /** Delivers no more; what is under way and what is still sent is dropped. */
  deafen(): void {
    this.#deaf = true;
    this.#receiver = undefined;
    this.#forget();
    this.#relieve();
  }

  #forget(): void {
    this.#pieces = [];
    this.#underWay = 0;
  }

  /** True when the cut came for this way's bytes: the rest is never delivered. */
  #over(): boolean {
    return this.#wire.broken && this.#wire.budget(this.direction) <= 0;
  }

  #listening(): boolean {
    return this.#receiver !== undefined && !this.#paused;
  }

  #arm(): void {
    const head = this.#pieces[0];
    if (this.#armed || head === undefined || !this.#listening() || this.#over()) return;
    this.#armed = true;
    this.#wire.arrive(this.direction, head.at, () => {
      this.#armed = false;
      this.#deliver();
      this.#arm();
    });
  }

  /** Delivers one chunk, or the end. One in each wake, so that the receiver's promises run in between. */
  #deliver(): void {
    const head = this.#pieces[0];
    if (head === undefined || this.#receiver === undefined || this.#paused || head.at > this.#wire.clock.now()) return;
    const budget = this.#wire.budget(this.direction);
    if (budget <= 0) return this.#wire.exhausted(this.direction);
    if (head.bytes === undefined) {
      this.#pieces.shift();
      this.#wire.record(this.#name, `${this.direction} end`);
      return this.#receiver.end();
    }
    const length = Math.min(this.#pick(head), this.#kind === "messages" ? Infinity : budget);
    if (length > budget) return this.#wire.exhausted(this.direction);
    this.#wire.spend(this.direction, length);
    this.#give(length, this.#receiver);
    if (budget - length <= 0) this.#wire.exhausted(this.direction);
    this.#relieve();
  }

  #pick(head: Piece): number {
    const whole = (head.bytes?.length ?? 0) - head.from;
    if (this.#kind === "messages") return whole;
    if (!this.#random.chance(this.#wire.shape.resegmentChance)) return Math.min(whole, MOST_AT_ONCE);
    let arrived = 0;
    for (const piece of this.#pieces) {
      if (piece.bytes === undefined || piece.at > this.#wire.clock.now() || arrived > MOST_AT_ONCE) break;
      arrived += piece.bytes.length - piece.from;
    }
    const most = Math.min(arrived, MOST_AT_ONCE);
    const size = this.#random.below(8); // one byte, a few, anything, or all: each often enough to be met
    if (size === 0) return 1;
    if (size < 3) return 1 + this.#random.below(Math.min(most, 16));
    return size < 6 ? 1 + this.#random.below(most) : most;
  }

  #give(length: number, receiver: PipeReceiver): void {
    const fill = (into: Uint8Array) => {
      this.#take(into);
      this.#wire.record(this.#name, `${this.direction} ${length} ${hashBytes(into)}`);
    };
    lend(this.#random, length, fill, (borrowed) => receiver.chunk(borrowed));
  }

  #take(into: Uint8Array): void {
    let at = 0;
    do {
      const head = this.#pieces[0];
      if (head?.bytes === undefined) break;
      const part = head.bytes.subarray(head.from, head.from + into.length - at);
      into.set(part, at);
      at += part.length;
      head.from += part.length;
      if (head.from === head.bytes.length) this.#pieces.shift();
    } while (at < into.length);
    this.#underWay -= into.length;
  }
}
