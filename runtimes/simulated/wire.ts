/**
 * One simulated connection below its links: how long things take and what goes wrong, each way. It never looks at
 * bytes and keeps no order; its pipes do.
 *
 * @module
 */
import { LinkError } from "../../src/contract/errors.ts";
import type { CloseInfo } from "../../src/contract/link.ts";
import type { VirtualClock } from "./clock.ts";
import type { Random } from "./random.ts";
import type { Shape } from "./shape.ts";
import type { Trace } from "./trace.ts";

/** "up" is from the dialler to the listener, "down" the other way. */
export type Direction = "up" | "down";

/** The two ways, in the order in which everything treats them. */
export const DIRECTIONS: readonly Direction[] = ["up", "down"];

/** The other way. */
export function opposite(direction: Direction): Direction {
  return direction === "up" ? "down" : "up";
}

/** What stands at one end of a wire: a link, or a session with its streams. */
export interface WireEnd {
  /** The way in which things come to this end. */
  readonly incoming: Direction;
  /** When the last of what is under way to this end arrives. */
  readonly horizon: number;
  /** True when something has arrived that can be given to the application now. */
  readonly deliverable: boolean;
  /** Sends no more; what is under way is dropped too when `lostTail`. */
  silence(lostTail: boolean): void;
  finish(info: CloseInfo): void;
}

/** What a wire is made of. */
export interface WireParts {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly trace: Trace;
  readonly shape: Shape;
}

interface Way {
  /** When the bandwidth cap lets the next byte out. */
  freeAt: number;
  stalledUntil: number;
  readonly parked: Set<() => void>;
  delivered: number;
  /** Bytes that may still be delivered before the cut. */
  budget: number;
}

/** A connection that a test can stall, heal and cut. */
export class Wire {
  /** "n1", "n2", … in the order of dialling. */
  readonly name: string;
  /** The name that was dialled. */
  readonly target: string;
  /** What it is like. */
  readonly shape: Shape;
  /** The time its faults happen in. */
  readonly clock: VirtualClock;
  /** Where its faults come from. */
  readonly random: Random;
  readonly #trace: Trace;
  readonly #ways: Readonly<Record<Direction, Way>>;
  readonly #ends: WireEnd[] = [];
  #broken = false;
  #overBudget: { readonly lostTail?: boolean } = {};
  #cancelFate = () => {};

  /** `name` stands in the trace. */
  constructor(name: string, target: string, parts: WireParts) {
    this.name = name;
    this.target = target;
    this.shape = parts.shape;
    this.clock = parts.clock;
    this.random = parts.random.fork(name);
    this.#trace = parts.trace;
    this.#ways = { up: freshWay(), down: freshWay() };
    this.#drawFate();
  }

  /** True from the cut on. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Bytes given to the application so far, that way. */
  delivered(direction: Direction): number {
    return this.#ways[direction].delivered;
  }

  // Faults, for tests.

  /** Breaks the connection now: both ends see `closed` with a LinkError "link-reset". */
  cut(options: { readonly lostTail?: boolean } = {}): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#cancelFate();
    const lostTail = options.lostTail ?? this.losesTail();
    this.record("", `cut${lostTail ? " with its tail" : ""}`);
    for (const end of this.#ends) end.silence(lostTail);
    for (const end of this.#ends) {
      const finish = () => {
        if (end.deliverable) this.clock.wake(this.clock.now(), finish);
        else end.finish(resetInfo("link-reset", "The connection was cut"));
      };
      this.clock.wake(lostTail ? this.clock.now() : end.horizon, finish);
    }
  }

  /** Breaks the connection at a time. */
  cutAt(atMs: number, options: { readonly lostTail?: boolean } = {}): void {
    this.#cancelFate();
    this.#cancelFate = this.clock.wake(atMs, () => this.cut(options));
  }

  /**
   * Breaks the connection when exactly this many bytes more were delivered that way; on a messages link before the
   * message that would go over it.
   */
  cutAfter(bytes: number, direction: Direction, options: { readonly lostTail?: boolean } = {}): void {
    this.#ways[direction].budget = bytes;
    this.#overBudget = options;
  }

  /** Nothing arrives for so long, that way or both ways. `Infinity`: until `heal`; one way only is a partition. */
  stall(ms: number, direction?: Direction): void {
    for (const each of direction === undefined ? DIRECTIONS : [direction]) {
      const way = this.#ways[each];
      way.stalledUntil = Math.max(way.stalledUntil, this.clock.now() + ms);
      this.record("", `${each} stalls until ${way.stalledUntil}`);
      this.clock.wake(way.stalledUntil, () => this.#unpark(way));
    }
  }

  /** Ends every stall. */
  heal(): void {
    for (const way of Object.values(this.#ways)) {
      way.stalledUntil = Math.min(way.stalledUntil, this.clock.now());
      this.#unpark(way);
    }
  }

  // For the links and sessions at its ends.

  /**
   * Called by each of its ends.
   *
   * @internal
   */
  attach(end: WireEnd): void {
    this.#ends.push(end);
  }

  /**
   * An end is gone. When both are, nothing is left to go wrong.
   *
   * @internal
   */
  leave(end: WireEnd): void {
    this.#ends.splice(this.#ends.indexOf(end), 1);
    if (this.#ends.length === 0) this.retire();
  }

  /** The connection is over, or never came to be. */
  retire(): void {
    this.#cancelFate();
    for (const way of Object.values(this.#ways)) way.parked.clear();
  }

  /** When something of this length that is sent now arrives, not before `earliest`. */
  arrival(direction: Direction, length: number, random: Random, earliest: number = 0): number {
    const way = this.#ways[direction];
    const { latencyMs, jitterMs, bytesPerSecond, stallChance, stallMs } = this.shape;
    if (random.chance(stallChance)) this.stall(spread(random, stallMs), direction);
    way.freeAt = Math.max(way.freeAt, this.clock.now()) + Math.ceil((length / bytesPerSecond) * 1000 * GRAIN) / GRAIN;
    return Math.max(way.freeAt + latencyMs + spread(random, jitterMs), earliest);
  }

  /** Calls `run` at a time or, when the way is stalled then, at the end of the stall. The result cancels it. */
  arrive(direction: Direction, at: number, run: () => void): () => void {
    const way = this.#ways[direction];
    const attempt = () => {
      if (this.stalled(direction)) way.parked.add(attempt);
      else run();
    };
    const cancel = this.clock.wake(at, attempt);
    return () => {
      cancel();
      way.parked.delete(attempt);
    };
  }

  /** Whether this direction stands still now. */
  stalled(direction: Direction): boolean {
    return this.#ways[direction].stalledUntil > this.clock.now();
  }

  /** Bytes that may be delivered that way before the connection is cut. */
  budget(direction: Direction): number {
    return this.#ways[direction].budget;
  }

  /** The budget is used up: the cut that it stood for. */
  exhausted(direction: Direction): void {
    this.#ways[direction].budget = 0;
    this.cut(this.#overBudget);
  }

  /** Counts bytes that are about to be delivered. */
  spend(direction: Direction, bytes: number): void {
    this.#ways[direction].delivered += bytes;
    this.#ways[direction].budget -= bytes;
  }

  /** Draws whether the bytes under way are lost when something breaks now. */
  losesTail(): boolean {
    return this.random.chance(this.shape.lostTailChance);
  }

  /** Writes to the trace: the time, this wire and the stream, and what happened. */
  record(stream: string, what: string): void {
    this.#trace.record(`${this.clock.now()} ${this.name}${stream} ${what}`);
  }

  #unpark(way: Way): void {
    if (way.stalledUntil > this.clock.now()) return;
    const parked = [...way.parked];
    way.parked.clear();
    // Set aside in one wake each, so that what they do is told apart and settled in between.
    for (const attempt of parked) this.clock.wake(this.clock.now(), attempt);
  }

  #drawFate(): void {
    const { cutChance, cutWithinMs, cutWithinBytes } = this.shape;
    if (!this.random.chance(cutChance)) return;
    const direction = this.random.chance(0.5) ? "up" : "down";
    if (this.random.chance(0.5)) this.cutAfter(this.random.below(cutWithinBytes + 1), direction);
    else this.cutAt(this.clock.now() + this.random.below(cutWithinMs + 1));
  }
}

/** Times are multiples of 1/16 ms: exact in a number, and short in a trace. */
const GRAIN = 16;

/** A time from 0 to `mostMs`, each equally likely. */
export function spread(random: Random, mostMs: number): number {
  return random.below(Math.floor(mostMs * GRAIN) + 1) / GRAIN;
}

/** How something that broke is told. */
export function resetInfo(code: string, reason: string): CloseInfo {
  return { code, reason, error: new LinkError("link-reset", "reset", reason) };
}

function freshWay(): Way {
  return { freeAt: 0, stalledUntil: 0, parked: new Set(), delivered: 0, budget: Infinity };
}
