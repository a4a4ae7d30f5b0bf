// The ordered queue behind poll: order, where bytes go, what is passed by reference, and when slabs are used again.
import { describe, expect, it } from "#test";
import { LARGE_SLAB, SMALL_SLAB } from "../bytes/slabs.ts";
import type { SlabPool } from "../contract/runtime.ts";
import { Outbox } from "./outbox.ts";

/** Writes what a writer would. */
function write(outbox: Outbox<string>, bytes: readonly number[], lane = 0): void {
  outbox.room(bytes.length, lane);
  outbox.bytes.set(bytes, outbox.at);
  outbox.at += bytes.length;
}

/** All that is sealed, as text. */
function drain(outbox: Outbox<string>): string[] {
  const lines: string[] = [];
  for (let output = outbox.shift(); output !== undefined; output = outbox.shift()) {
    if (output.type === "send") lines.push(`${output.lane}: ${[...output.bytes].join(",")}`);
    else lines.push(output.type === "event" ? output.event : output.type);
  }
  return lines;
}

/** A pool that writes down what it gave and got. */
function watchedPool(): SlabPool & { readonly log: string[] } {
  const log: string[] = [];
  return {
    log,
    take(large) {
      log.push(large ? "take large" : "take small");
      return new Uint8Array(large ? LARGE_SLAB : SMALL_SLAB);
    },
    give: (slab) => void log.push(slab.length === LARGE_SLAB ? "give large" : "give small"),
  };
}

describe("an outbox", () => {
  it("keeps the order of bytes, references and outputs", () => {
    const outbox = new Outbox<string>(watchedPool());
    write(outbox, [1]);
    write(outbox, [2]);
    outbox.push({ type: "event", event: "first" });
    outbox.refer(Uint8Array.of(3), 0);
    write(outbox, [4]);
    outbox.push({ type: "end", lane: 2 });
    write(outbox, [5], 2);
    write(outbox, [6], 4);
    outbox.seal();
    expect(drain(outbox)).toEqual(["0: 1,2", "first", "0: 3", "0: 4", "end", "2: 5", "4: 6"]);
    expect(outbox.empty).toBe(true);
  });

  it("gives nothing that is not sealed, and counts what is", () => {
    const outbox = new Outbox<string>(watchedPool());
    expect([outbox.empty, outbox.sealed, outbox.ready, outbox.shift()]).toEqual([true, false, 0, undefined]);
    write(outbox, [1, 2]);
    expect([outbox.empty, outbox.sealed, outbox.ready, outbox.shift()]).toEqual([false, false, 0, undefined]);
    outbox.seal();
    outbox.seal();
    outbox.push({ type: "event", event: "x" });
    outbox.refer(new Uint8Array(7), 0);
    outbox.refer(new Uint8Array(0), 0);
    expect([outbox.empty, outbox.sealed, outbox.ready]).toEqual([false, true, 9]);
    outbox.shift();
    outbox.shift();
    expect(outbox.ready).toBe(7);
    outbox.shift();
    expect([outbox.empty, outbox.sealed, outbox.ready]).toEqual([true, false, 0]);
  });

  it("passes references on as they are", () => {
    const outbox = new Outbox<string>(watchedPool());
    const large = new Uint8Array(100_000);
    outbox.refer(large, 6);
    const output = outbox.shift();
    expect(output?.type === "send" && output.bytes === large && output.lane === 6).toBe(true);
  });

  it("writes on in the slab until it is released", () => {
    const pool = watchedPool();
    const outbox = new Outbox<string>(pool);
    write(outbox, [1]);
    outbox.seal();
    const first = outbox.shift();
    write(outbox, [2]);
    outbox.seal();
    const second = outbox.shift();
    expect(first?.type === "send" && second?.type === "send" && first.bytes.buffer === second.bytes.buffer).toBe(true);
    expect(first?.type === "send" && first.bytes[0]).toBe(1);
    expect(pool.log).toEqual(["take small"]);
  });

  it("gives the slab back when it is released and empty, and takes one when it writes again", () => {
    const pool = watchedPool();
    const outbox = new Outbox<string>(pool);
    outbox.released();
    write(outbox, [1]);
    outbox.released(); // open bytes
    outbox.seal();
    outbox.released(); // sealed bytes
    expect(pool.log).toEqual(["take small"]);
    outbox.shift();
    outbox.released();
    outbox.released();
    expect(pool.log).toEqual(["take small", "give small"]);
    write(outbox, [2]);
    expect([outbox.at, pool.log.length]).toEqual([1, 3]);
  });

  it("does not give back what an event still waits behind", () => {
    const pool = watchedPool();
    const outbox = new Outbox<string>(pool);
    write(outbox, [1]);
    outbox.push({ type: "event", event: "x" });
    outbox.shift();
    outbox.released();
    expect(pool.log).toEqual(["take small"]);
  });

  it("takes another slab when one is full, and seals what was written", () => {
    const pool = watchedPool();
    const outbox = new Outbox<string>(pool);
    write(outbox, new Array<number>(4_000).fill(1));
    write(outbox, new Array<number>(96).fill(2));
    expect(pool.log).toEqual(["take small"]);
    write(outbox, [3]);
    expect(pool.log).toHaveLength(2);
    outbox.seal();
    expect(drain(outbox).map((line) => line.slice(-1))).toEqual(["2", "3"]);
  });

  it("takes large slabs for bursts and large frames, and small ones again when it is quiet", () => {
    const pool = watchedPool();
    const outbox = new Outbox<string>(pool);
    for (let count = 0; count < 12; count++) write(outbox, new Array<number>(1_000).fill(1));
    expect(pool.log).toEqual(["take small", "take large"]);
    outbox.seal();
    drain(outbox);
    outbox.released();
    write(outbox, [1]);
    expect(pool.log.slice(2)).toEqual(["give large", "take large"]);
    outbox.seal();
    drain(outbox);
    outbox.released();
    write(outbox, [1]);
    expect(pool.log.slice(4)).toEqual(["give large", "take small"]);
    write(outbox, new Array<number>(5_000).fill(1));
    expect(pool.log.at(-1)).toBe("take large");
  });

  it("has room for a whole large slab and not for more", () => {
    const outbox = new Outbox<string>(watchedPool());
    outbox.room(LARGE_SLAB, 0);
    expect(outbox.bytes).toHaveLength(LARGE_SLAB);
    expect(() => outbox.room(LARGE_SLAB + 1, 0)).toThrow(RangeError);
  });

  it("begins a new send when the lane changes, in the same slab", () => {
    const pool = watchedPool();
    const outbox = new Outbox<string>(pool);
    for (const lane of [0, 2, 2, 0]) write(outbox, [lane], lane);
    outbox.seal();
    expect(drain(outbox)).toEqual(["0: 0", "2: 2,2", "0: 0"]);
    expect(pool.log).toHaveLength(1);
  });
});
