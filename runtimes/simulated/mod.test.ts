// Whole runs: the same seed gives the same trace on every engine, and bytes arrive intact whatever the seed does.
import { describe, expect, it } from "#test";
import type { Link, Session } from "../../src/contract/link.ts";
import { createSimulation, drawShape, hashBytes, record, type Recording, type Shape, type Simulation } from "./mod.ts";
import { Random } from "./random.ts";

/** Sends all bytes in pieces of the seed's sizes, reusing memory whenever it may, waits for drains, then ends. */
async function pour(simulation: Simulation, link: Link, bytes: Uint8Array): Promise<Recording> {
  let drained = () => {};
  const recording = record(link, { drain: () => drained() });
  const scratch = new Uint8Array(4096);
  for (let at = 0; at < bytes.length;) {
    const size = Math.min(1 + simulation.random.below(4096), bytes.length - at);
    const piece = link.buffered === 0 ? scratch.subarray(0, size) : new Uint8Array(size);
    piece.set(bytes.subarray(at, at + size));
    at += size;
    if (!link.send(piece)) {
      await new Promise<void>((resolve) => {
        drained = resolve;
      });
    }
  }
  link.end();
  return recording;
}

/** Sends everything back, as fast as it is taken, and ends when the peer does. */
function echo(link: Link): void {
  link.start({
    chunk(borrowed) {
      if (!link.send(borrowed.slice())) link.pause();
    },
    drain: () => link.resume(),
    end: () => link.end(),
    closed() {},
  });
}

/** Pours bytes through an echo. */
async function run(seed: number, shape: Partial<Shape>, kind: "bytes" | "session"): Promise<Simulation> {
  const simulation = createSimulation(seed, { shape });
  const { network, random, complete } = simulation;
  network.listen("server", kind, (accepted) => {
    if (accepted.kind !== "session") return echo(accepted);
    accepted.start({ stream: echo, datagram() {}, closed() {} });
  });
  const bytes = new Uint8Array(20_000);
  random.bytes(bytes);
  const dialled = await complete(network.dial("server"));
  const links = dialled.kind === "session" ? await openTwo(dialled) : [dialled];
  const poured = await complete(Promise.all(links.map((link) => pour(simulation, link, bytes))), 1e7);
  expect(await simulation.runUntilIdle(1e7)).toBe(true);
  for (const recording of poured) {
    expect(hashBytes(recording.bytes())).toBe(hashBytes(bytes));
    expect([recording.ends, recording.closes]).toEqual([1, [{ code: "closed", reason: "" }]]);
  }
  return simulation;
}

function openTwo(session: Session): Promise<Link[]> {
  session.start({ stream() {}, datagram() {}, closed() {} });
  return Promise.all([session.open(), session.open()]);
}

const rough: Partial<Shape> = {
  jitterMs: 20,
  resegmentChance: 0.5,
  holdChance: 0.5,
  stallChance: 0.01,
  windowBytes: 4096,
  highWaterBytes: 2048,
  bytesPerSecond: 1e6,
};

describe("createSimulation()", () => {
  it("gives the same run for the same seed", async () => {
    const [one, two] = [await run(5, rough, "bytes"), await run(5, rough, "bytes")];
    expect(one.trace.differsAt(two.trace)).toBeUndefined();
    expect(one.trace.digest).toBe(two.trace.digest);
    expect(one.clock.now()).toBe(two.clock.now());
    expect(one.trace.lines.length).toBeGreaterThan(20);
  });

  it("gives other runs for other seeds", async () => {
    const digests: string[] = [];
    for (let seed = 0; seed < 10; seed++) digests.push((await run(seed, rough, "session")).trace.digest);
    expect(new Set(digests).size).toBe(10);
  });

  it("gives these digests on every engine", async () => {
    expect((await run(1, rough, "bytes")).trace.digest).toBe("a0ebb69b31b6b2d1");
    expect((await run(2, rough, "session")).trace.digest).toBe("a9b65f86cdd81ad2");
  });

  it("changes nothing in one connection when another is there", async () => {
    const linesWith = async (dials: number) => {
      const simulation = createSimulation(3, { shape: rough });
      const { network, complete, runUntilIdle, trace } = simulation;
      network.listen("server", "bytes", (link) => echo(link as Link));
      const links = await complete(Promise.all(Array.from({ length: dials }, () => network.dial("server"))));
      for (const link of links as Link[]) record(link).link.send(new Uint8Array(1000));
      await runUntilIdle(1e6);
      return trace.lines.filter((line) => line.includes(" n1 "));
    };
    expect((await linesWith(3)).slice(0, 3)).toEqual((await linesWith(1)).slice(0, 3));
  });

  it("brings bytes intact through 50 seeds of re-segmentation and stalls", async () => {
    for (let seed = 0; seed < 50; seed++) {
      await run(seed, { resegmentChance: 0.9, stallChance: 0.1, jitterMs: 30 }, "bytes");
    }
  }, 20_000);

  it("brings bytes intact through 50 shapes drawn from seeds, on links and streams", async () => {
    for (let seed = 0; seed < 50; seed++) {
      await run(seed, drawShape(new Random(seed)), seed % 2 === 0 ? "bytes" : "session");
    }
  }, 20_000);

  it("has a runtime with everything from the seed", async () => {
    const draw = (seed: number) => {
      const bytes = new Uint8Array(16);
      createSimulation(seed).runtime.random(bytes);
      return hashBytes(bytes);
    };
    expect(draw(1)).toBe(draw(1));
    expect(draw(1)).not.toBe(draw(2));
    const { runtime, clock, advance } = createSimulation(1, { startMs: 5000 });
    expect([runtime.name, runtime.clock.now(), runtime.capabilities]).toEqual(["simulated", 5000, {}]);
    let woke = 0;
    runtime.clock.wake(6000, () => {
      woke = clock.now();
    });
    await advance(1000);
    expect(woke).toBe(6000);
  });

  it("overwrites a slab that is given back", () => {
    const { slabs } = createSimulation(1).runtime;
    const slab = slabs.take(false);
    slab.fill(1);
    slabs.give(slab);
    expect([...new Set(slab)]).toEqual([0xdd]);
    expect(slabs.take(false)).toBe(slab);
  });
});
