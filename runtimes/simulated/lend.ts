/**
 * The borrowed rule, enforced: a chunk is lent at an odd place of a larger buffer and is gone when the call returns.
 * It never lends the same memory twice.
 *
 * @module
 */
import type { Random } from "./random.ts";

/** What borrowed memory holds before and after it is lent, and what lies around it. */
export const POISON = 0xdd;

/** Most bytes before and after a chunk in its buffer. */
const MARGIN = 64;

/**
 * Lends `length` bytes that `fill` wrote to `use`, and overwrites them when `use` returns or throws. The chunk never
 * begins at offset 0, so code that ignores `byteOffset` or keeps a view of it reads 0xDD.
 */
export function lend(
  random: Random,
  length: number,
  fill: (into: Uint8Array) => void,
  use: (borrowed: Uint8Array) => void,
): void {
  const offset = 1 + random.below(MARGIN);
  const buffer = new Uint8Array(offset + length + 1 + random.below(MARGIN)).fill(POISON);
  const chunk = buffer.subarray(offset, offset + length);
  fill(chunk);
  try {
    use(chunk);
  } finally {
    chunk.fill(POISON);
  }
}
