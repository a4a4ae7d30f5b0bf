// What lies below a fuzzed machine: lanes and what the host knows of each, and memory that does not forgive being used
// after it was given back.
import { LARGE_SLAB, SMALL_SLAB } from "../../src/bytes/slabs.ts";
import type { SlabPool } from "../../src/contract/runtime.ts";
import { FrameSplitter } from "./frame-splitter.ts";
import { hold } from "./target.ts";

/** One lane as the host sees it. Lane 0 is the link. */
export interface Lane {
  /** The peer sends no more on it. */
  ended: boolean;
  stopped: boolean;
  /** This side sends no more on it. */
  closed: boolean;
  paused: boolean;
  readonly waiting: (() => void)[];
  readonly received: FrameSplitter;
  readonly sent: FrameSplitter;
  sentHash: number;
}

/** A lane on which nothing has happened. */
export function newLane(): Lane {
  return {
    ended: false,
    stopped: false,
    closed: false,
    paused: false,
    waiting: [],
    received: new FrameSplitter(),
    sent: new FrameSplitter(),
    sentHash: 0x811c_9dc5,
  };
}

/** A pool that overwrites what it gets back and gives the same slab out again at once. */
export function hostilePool(): SlabPool {
  const shelf: Uint8Array[] = [];
  return {
    take(large) {
      const size = large ? LARGE_SLAB : SMALL_SLAB;
      const at = shelf.findIndex((slab) => slab.length === size);
      return at < 0 ? new Uint8Array(size) : shelf.splice(at, 1)[0]!;
    },
    give(slab) {
      hold(!shelf.includes(slab), "gave a slab back twice");
      // Only its beginning: that is where the next frame would be read wrongly.
      shelf.push(slab.fill(0xdd, 0, 256));
    },
  };
}
