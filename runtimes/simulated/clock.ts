/**
 * The virtual clock: a heap of wakes that only the test moves. It never starts a timer and never reads a real clock.
 *
 * @module
 */
import type { Clock } from "../../src/contract/runtime.ts";

interface Wake {
  readonly at: number;
  /** Rises by one with each `wake`, so that equal times keep the order in which they were asked for. */
  readonly order: number;
  /** Undefined once cancelled: the entry stays in the heap until it comes up or the heap is swept. */
  run: (() => void) | undefined;
}

/** Cancelled entries below this number are not worth a sweep. */
const SWEEP_AT = 64;

/** A clock in virtual milliseconds. Two wakes for the same time run in the order in which they were asked for. */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  #cancelled = 0;
  #running = false;
  #driven = false;
  #heap: Wake[] = [];

  /** `startMs` is the first reading. */
  constructor(startMs: number = 0) {
    this.#now = startMs;
  }

  /** Wakes that are asked for and neither run nor cancelled. */
  get pending(): number {
    return this.#heap.length - this.#cancelled;
  }

  /** When the next wake is due. `Infinity` = there is none. */
  get next(): number {
    this.#dropCancelled();
    return this.#heap[0]?.at ?? Infinity;
  }

  /** The present reading, in milliseconds. */
  now(): number {
    return this.#now;
  }

  /** A time in the past means now; `Infinity` means never. `run` is never called from inside `wake`. */
  wake(atMs: number, run: () => void): () => void {
    if (Number.isNaN(atMs)) throw new RangeError("Cannot wake: the time is not a number");
    if (atMs === Infinity) return () => {};
    const wake: Wake = { at: Math.max(atMs, this.#now), order: this.#order++, run };
    this.#heap.push(wake);
    siftUp(this.#heap, this.#heap.length - 1);
    return () => this.#cancel(wake);
  }

  /** Runs the next wake, moving the time to it. False when there is none. What `run` throws comes out here. */
  step(): boolean {
    if (this.#running) throw new Error("Cannot step: a wake is running, and only the test moves the clock");
    this.#dropCancelled();
    const wake = pop(this.#heap);
    const run = wake?.run;
    if (wake === undefined || run === undefined) return false;
    this.#now = wake.at;
    wake.run = undefined;
    this.#running = true;
    try {
      run();
    } finally {
      this.#running = false;
    }
    return true;
  }

  /** Runs every wake due at `atMs` or before, also those that they ask for, and leaves the time at `atMs`. */
  runUntil(atMs: number): void {
    while (this.next <= atMs) this.step();
    this.moveTo(atMs);
  }

  /** `runUntil` with a duration. */
  advance(ms: number): void {
    this.runUntil(this.#now + ms);
  }

  /** Moves the time without running anything. Throws when a wake is due before it. The time never goes back. */
  moveTo(atMs: number): void {
    if (this.next < atMs) throw new Error(`Cannot move to ${atMs}: a wake is due at ${this.next}`);
    if (atMs > this.#now && atMs !== Infinity) this.#now = atMs;
  }

  /**
   * Marks the clock as driven until the result is called. Throws when it is: two drivers at once would pass turns to
   * each other in an order that the host chooses.
   */
  drive(): () => void {
    if (this.#driven) throw new Error("Cannot run the clock: another run is under way, await it first");
    this.#driven = true;
    return () => {
      this.#driven = false;
    };
  }

  #cancel(wake: Wake): void {
    if (wake.run === undefined) return;
    wake.run = undefined;
    this.#cancelled += 1;
    if (this.#cancelled < SWEEP_AT || this.#cancelled * 2 < this.#heap.length) return;
    // A sorted array is a heap, so a sweep needs no sifting.
    const live = this.#heap.filter((entry) => entry.run !== undefined);
    this.#heap = live.toSorted((a, b) => a.at - b.at || a.order - b.order);
    this.#cancelled = 0;
  }

  #dropCancelled(): void {
    while (this.#heap.length > 0 && this.#heap[0]?.run === undefined) {
      pop(this.#heap);
      this.#cancelled -= 1;
    }
  }
}

function before(a: Wake, b: Wake): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function siftUp(heap: Wake[], from: number): void {
  let at = from;
  const wake = heap[at]!; // the caller pushed it
  while (at > 0) {
    const up = (at - 1) >> 1;
    const parent = heap[up]!; // above a filled place every place is filled
    if (!before(wake, parent)) break;
    heap[at] = parent;
    at = up;
  }
  heap[at] = wake;
}

function pop(heap: Wake[]): Wake | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    const left = heap[2 * at + 1];
    const right = heap[2 * at + 2];
    if (left === undefined) break;
    const [child, place] = right !== undefined && before(right, left) ? [right, 2 * at + 2] : [left, 2 * at + 1];
    if (!before(child, last)) break;
    heap[at] = child;
    at = place;
  }
  heap[at] = last;
  return first;
}
