/**
 * A pool of writing buffers, so that an idle connection holds none. It never zeroes: what is written is what is sent.
 *
 * @module
 */
import type { SlabPool } from "../contract/runtime.ts";

/** Size of a small slab: one burst of a quiet connection. */
export const SMALL_SLAB = 4_096;
/** Size of a large slab: what one write to a socket carries at most. */
export const LARGE_SLAB = 65_536;

/** A pool that keeps at most `keep` buffers of each size and leaves the rest to the collector. */
export function slabPool(keep: number = 16): SlabPool {
  const small: Uint8Array[] = [];
  const large: Uint8Array[] = [];
  return {
    take(wantsLarge) {
      return (wantsLarge ? large : small).pop() ?? new Uint8Array(wantsLarge ? LARGE_SLAB : SMALL_SLAB);
    },
    give(slab) {
      const shelf = slab.length === LARGE_SLAB ? large : small;
      if (shelf.length < keep) shelf.push(slab);
    },
  };
}
