// The pool of writing buffers: two sizes, each handed out again, and no more kept than was said.
import { describe, expect, it } from "#test";
import { LARGE_SLAB, slabPool, SMALL_SLAB } from "./slabs.ts";

describe("a slab pool", () => {
  it("gives small and large buffers", () => {
    const pool = slabPool();
    expect([pool.take(false).length, pool.take(true).length]).toEqual([SMALL_SLAB, LARGE_SLAB]);
  });

  it("hands out again what was given back, by size", () => {
    const pool = slabPool();
    const [small, large] = [pool.take(false), pool.take(true)];
    pool.give(small);
    pool.give(large);
    expect(pool.take(true) === large && pool.take(false) === small).toBe(true);
    expect(pool.take(false) === small).toBe(false);
  });

  it("keeps at most so many of each size", () => {
    const pool = slabPool(1);
    const [first, second] = [pool.take(false), pool.take(false)];
    pool.give(first);
    pool.give(second);
    expect(pool.take(false) === first).toBe(true);
    expect(pool.take(false) === second).toBe(false);
  });

  it("is not shared with other pools", () => {
    const slab = slabPool().take(false);
    const pool = slabPool();
    expect(pool.take(false) === slab).toBe(false);
  });
});
