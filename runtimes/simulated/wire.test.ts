// Faults of a connection: stalls, partitions, cuts at a time and at a byte, with and without the tail.
import { describe, expect, it } from "#test";
import type { Link } from "../../src/contract/link.ts";
import { createSimulation, record, type Recording, type Shape, type Simulation, type Wire } from "./mod.ts";

interface Pair {
  readonly simulation: Simulation;
  readonly wire: Wire;
  readonly near: Recording;
  readonly far: Recording;
}

async function connect(shape: Partial<Shape> = {}, kind: Link["kind"] = "bytes", seed: number = 1): Promise<Pair> {
  const simulation = createSimulation(seed, { shape });
  const accepted: Recording[] = [];
  simulation.network.listen("server", kind, (link) => accepted.push(record(link as Link)));
  const near = record((await simulation.complete(simulation.network.dial("server"))) as Link);
  return { simulation, wire: simulation.network.wire, near, far: accepted[0]! }; // accepted before the dial resolved
}

describe("Wire", () => {
  it("stalls one way for a time, and keeps the order after it", async () => {
    const { simulation, wire, near, far } = await connect({}, "messages");
    near.link.send(Uint8Array.of(1));
    wire.stall(100, "up");
    near.link.send(Uint8Array.of(2));
    far.link.send(Uint8Array.of(3));
    await simulation.advance(99);
    expect([far.chunks.length, near.chunks.length]).toEqual([0, 1]);
    await simulation.advance(1);
    expect([...far.bytes()]).toEqual([1, 2]);
    near.link.send(Uint8Array.of(4));
    await simulation.advance(1);
    expect([...far.bytes()]).toEqual([1, 2, 4]);
  });

  it("parts one way until it is healed", async () => {
    const { simulation, wire, near, far } = await connect();
    wire.stall(Infinity, "down");
    near.link.send(Uint8Array.of(1));
    far.link.send(Uint8Array.of(2));
    far.link.end();
    expect(await simulation.runUntilIdle(1_000_000)).toBe(true);
    expect([far.bytes().length, near.bytes().length]).toEqual([1, 0]);
    wire.heal();
    await simulation.advance(0);
    expect([near.bytes().length, near.ends]).toEqual([1, 1]);
  });

  it("stalls by the seed", async () => {
    const { simulation, near, far } = await connect({ stallChance: 1, stallMs: 1000 });
    near.link.send(Uint8Array.of(1));
    const before = simulation.clock.now();
    await simulation.complete(new Promise<void>((resolve) => watch(simulation, () => far.chunks.length > 0, resolve)));
    expect(simulation.clock.now() - before).toBeGreaterThan(10);
  });

  it("cuts at a time, and what is under way arrives first", async () => {
    const { simulation, wire, near, far } = await connect({ latencyMs: 10, windowBytes: 100 });
    wire.cutAt(simulation.clock.now() + 5, { lostTail: false });
    near.link.send(new Uint8Array(150));
    await simulation.advance(9);
    expect(near.closes).toHaveLength(1);
    expect([far.bytes().length, far.closes.length]).toEqual([0, 0]);
    await simulation.advance(1);
    expect([far.bytes().length, far.ends]).toEqual([100, 0]);
    for (const end of [near, far]) {
      expect(end.closes).toHaveLength(1);
      expect(end.closes[0]).toMatchObject({ code: "link-reset", error: { code: "link-reset", reason: "reset" } });
    }
    expect([near.link.buffered, near.link.send(new Uint8Array(1))]).toEqual([0, false]);
  });

  it("loses the tail on a cut that says so", async () => {
    const { simulation, wire, near, far } = await connect({ latencyMs: 10 });
    near.link.send(new Uint8Array(150));
    wire.cut({ lostTail: true });
    await simulation.advance(0);
    expect([near.closes.length, far.closes.length, far.chunks.length]).toEqual([1, 1, 0]);
    expect(await simulation.runUntilIdle(1000)).toBe(true);
    expect(far.chunks).toHaveLength(0);
  });

  it("cuts at every byte, exactly, in both directions", async () => {
    for (const direction of ["up", "down"] as const) {
      for (let bytes = 0; bytes < 60; bytes++) {
        const { simulation, wire, near, far } = await connect({ resegmentChance: 0.5 }, "bytes", bytes);
        const [sender, receiver] = direction === "up" ? [near, far] : [far, near];
        wire.cutAfter(bytes, direction, { lostTail: bytes % 2 === 0 });
        for (let n = 0; n < 6; n++) sender.link.send(new Uint8Array(10).fill(n));
        sender.link.end();
        expect(await simulation.runUntilIdle(1000)).toBe(true);
        expect(receiver.bytes().length).toBe(bytes);
        expect(wire.delivered(direction)).toBe(bytes);
        expect([near.closes.length, far.closes.length, receiver.ends]).toEqual([1, 1, 0]);
      }
    }
  });

  it("cuts before the message that goes over the count", async () => {
    const { simulation, wire, near, far } = await connect({}, "messages");
    wire.cutAfter(25, "up", { lostTail: false });
    for (let n = 0; n < 6; n++) near.link.send(new Uint8Array(10));
    expect(await simulation.runUntilIdle(1000)).toBe(true);
    expect([far.chunks.length, far.closes.length, near.closes.length]).toEqual([2, 1, 1]);
  });

  it("is cut by the seed, and not when both ends are gone before", async () => {
    const kinds = new Set<string>();
    for (let seed = 0; seed < 20; seed++) {
      const { simulation, near, far } = await connect({ cutChance: 1, cutWithinBytes: 100 }, "bytes", seed);
      near.link.send(new Uint8Array(100));
      far.link.send(new Uint8Array(100));
      expect(await simulation.runUntilIdle(2000)).toBe(true);
      kinds.add(`${near.bytes().length < 100} ${far.bytes().length < 100} ${near.closes.length}`);
    }
    expect(kinds.has("false false 1")).toBe(true);
    expect(kinds.has("true false 1")).toBe(true);
    expect(kinds.has("false true 1")).toBe(true);
    const { simulation, near, far } = await connect({ cutChance: 1, cutWithinBytes: 0, cutWithinMs: 1e6 }, "bytes", 3);
    near.link.abort();
    far.link.abort();
    await simulation.runUntilIdle(2e6);
    expect(simulation.clock.now()).toBeLessThanOrEqual(1000);
  });
});

function watch(simulation: Simulation, done: () => boolean, resolve: () => void): void {
  if (done()) resolve();
  else simulation.clock.wake(simulation.clock.now() + 1, () => watch(simulation, done, resolve));
}
