// Links between two ends: order, half close, aborts, the borrowed rule, what the sender's memory may do, back-pressure.
import { describe, expect, it } from "#test";
import { LinkError } from "../../src/contract/errors.ts";
import type { Link } from "../../src/contract/link.ts";
import { createSimulation, record, type Recording, type Shape, type Simulation } from "./mod.ts";

const text = (value: string) => new TextEncoder().encode(value);

interface Pair {
  readonly simulation: Simulation;
  readonly near: Recording;
  readonly far: Recording;
}

async function connect(shape: Partial<Shape> = {}, kind: Link["kind"] = "bytes", seed: number = 1): Promise<Pair> {
  const simulation = createSimulation(seed, { shape });
  let far: Recording | undefined;
  simulation.network.listen("server", kind, (link) => {
    if (link.kind !== "session") far = record(link);
  });
  const near = await simulation.complete(simulation.network.dial("server"));
  if (near.kind === "session" || far === undefined) throw new Error("no link");
  return { simulation, near: record(near), far };
}

describe("SimulatedLink", () => {
  it("carries bytes both ways, in virtual time only", async () => {
    const { simulation, near, far } = await connect({ latencyMs: 40 });
    expect(simulation.clock.now()).toBe(80);
    near.link.send(text("to the server"));
    far.link.send(text("to the client"));
    await simulation.advance(39);
    expect(far.chunks).toHaveLength(0);
    await simulation.advance(1);
    expect(far.text()).toBe("to the server");
    expect(near.text()).toBe("to the client");
    expect(near.link.info).toMatchObject({ scheme: "sim", remote: "server", secure: false });
  });

  it("keeps the order under jitter", async () => {
    const { simulation, near, far } = await connect({ jitterMs: 100 }, "messages");
    const sent = Array.from({ length: 200 }, (_, n) => `${n}`);
    for (const message of sent) near.link.send(text(message));
    await simulation.runUntilIdle(10_000);
    expect(far.chunks.map((chunk) => new TextDecoder().decode(chunk))).toEqual(sent);
  });

  it("keeps the borders of messages, also of empty ones, and cuts none", async () => {
    const { simulation, near, far } = await connect({ resegmentChance: 1, windowBytes: 10 }, "messages");
    for (const length of [5, 0, 5000, 1]) near.link.send(new Uint8Array(length));
    near.link.end();
    await simulation.runUntilIdle(10_000);
    expect(far.chunks.map((chunk) => chunk.length)).toEqual([5, 0, 5000, 1]);
    expect(far.ends).toBe(1);
  });

  it("never calls a sink from inside a call of the link", async () => {
    const { near, far } = await connect({ latencyMs: 0, highWaterBytes: 1 });
    near.link.send(text("x"));
    near.link.end();
    far.link.abort();
    expect([near, far].map(({ chunks, drains, ends, closes }) => [chunks.length, drains, ends, closes.length])).toEqual(
      [
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ],
    );
  });

  it("closes by halves, and cleanly when both ended", async () => {
    const { simulation, near, far } = await connect();
    near.link.send(text("last words"));
    near.link.end();
    expect(near.link.send(text("too late"))).toBe(false);
    await simulation.advance(10);
    expect([far.text(), far.ends, far.closes.length]).toEqual(["last words", 1, 0]);
    far.link.send(text("still here"));
    far.link.end();
    await simulation.runUntilIdle(1000);
    expect([near.text(), near.ends]).toEqual(["still here", 1]);
    for (const end of [near, far]) expect(end.closes).toEqual([{ code: "closed", reason: "" }]);
  });

  it("holds what comes before start", async () => {
    const simulation = createSimulation(1);
    simulation.network.listen("server", "bytes", (link) => {
      const { link: far } = record(link as Link);
      far.send(text("early"));
      far.end();
    });
    const near = (await simulation.complete(simulation.network.dial("server"))) as Link;
    await simulation.advance(1000);
    const recording = record(near);
    expect(() => near.start({ chunk() {}, drain() {}, end() {}, closed() {} })).toThrow("started before");
    await simulation.advance(1);
    expect([recording.text(), recording.ends]).toEqual(["early", 1]);
  });

  it("tells an abort to both ends", async () => {
    const { simulation, near, far } = await connect();
    near.link.send(text("before"));
    near.link.abort();
    far.link.send(text("to nobody"));
    await simulation.runUntilIdle(1000);
    expect(near.closes).toEqual([{ code: "aborted", reason: expect.any(String) }]);
    expect(near.chunks).toHaveLength(0);
    expect(far.text()).toBe("before");
    expect(far.closes).toHaveLength(1);
    expect(far.closes[0]).toMatchObject({ code: "link-reset", error: { code: "link-reset", reason: "reset" } });
    expect(far.closes[0]?.error).toBeInstanceOf(LinkError);
    expect(far.link.send(text("after"))).toBe(false);
  });

  it("loses what is under way when an abort loses its tail", async () => {
    const { simulation, near, far } = await connect({ lostTailChance: 1 });
    near.link.send(text("before"));
    near.link.abort();
    await simulation.runUntilIdle(1000);
    expect([far.chunks.length, far.closes.length]).toEqual([0, 1]);
  });
});

describe("the borrowed rule", () => {
  it("overwrites a chunk when the receiver returns, and offsets it in its buffer", async () => {
    const kept: Uint8Array[] = [];
    const simulation = createSimulation(1);
    simulation.network.listen("server", "bytes", (link) => {
      record(link as Link, { chunk: (borrowed) => kept.push(borrowed) });
    });
    const near = (await simulation.complete(simulation.network.dial("server"))) as Link;
    near.send(text("abc"));
    await simulation.advance(10);
    expect(kept.map((view) => [...view])).toEqual([[0xdd, 0xdd, 0xdd]]);
    expect(kept[0]?.byteOffset).toBeGreaterThan(0);
    expect(kept[0]?.buffer.byteLength).toBeGreaterThan(3);
  });
});

describe("the sender's memory", () => {
  it("is free at once when the link copied it", async () => {
    const { simulation, near, far } = await connect();
    const bytes = text("fresh");
    near.link.send(bytes);
    expect(near.link.buffered).toBe(0);
    bytes.fill(0);
    await simulation.advance(10);
    expect(far.text()).toBe("fresh");
  });

  it("is read later and counted when the seed holds it, so that reuse shows", async () => {
    const { simulation, near, far } = await connect({ holdChance: 1, holdMs: 5 });
    const bytes = text("fresh");
    near.link.send(bytes);
    expect(near.link.buffered).toBe(5);
    bytes.fill(0x21);
    await simulation.advance(5);
    expect(near.link.buffered).toBe(0);
    await simulation.advance(5);
    expect(far.text()).toBe("!!!!!");
  });

  it("keeps the order of held and copied sends, and the end after them", async () => {
    const { simulation, near, far } = await connect({ holdChance: 0.5, holdMs: 50 });
    const parts = Array.from({ length: 100 }, (_, n) => `${n} `);
    for (const part of parts) near.link.send(text(part));
    near.link.end();
    await simulation.runUntilIdle(10_000);
    expect([far.text(), far.ends]).toEqual([parts.join(""), 1]);
  });
});

describe("back-pressure", () => {
  it("refuses more at the high-water mark and drains at half of it", async () => {
    const { simulation, near, far } = await connect({ highWaterBytes: 100 });
    expect(near.link.send(new Uint8Array(99))).toBe(true);
    expect(near.link.send(new Uint8Array(1))).toBe(false);
    far.link.pause();
    await simulation.advance(1000);
    expect([near.drains, far.chunks.length]).toEqual([0, 0]);
    far.link.resume();
    await simulation.advance(1000);
    expect([near.drains, far.bytes().length]).toEqual([1, 100]);
    near.link.send(new Uint8Array(1));
    await simulation.advance(1000);
    expect(near.drains).toBe(1);
  });

  it("keeps by reference what the window has no room for", async () => {
    const { simulation, near, far } = await connect({ windowBytes: 60, highWaterBytes: 100 });
    far.link.pause();
    expect(near.link.send(new Uint8Array(90))).toBe(true);
    expect(near.link.buffered).toBe(30);
    expect(near.link.send(new Uint8Array(90))).toBe(false);
    expect(near.link.buffered).toBe(120);
    far.link.resume();
    await simulation.runUntilIdle(1000);
    expect([near.link.buffered, near.drains, far.bytes().length]).toEqual([0, 1, 180]);
  });

  it("pauses in the middle of what has arrived", async () => {
    const { simulation, near, far } = await connect({}, "messages");
    for (let n = 0; n < 5; n++) near.link.send(Uint8Array.of(n));
    await simulation.advance(0.5);
    far.link.pause();
    await simulation.advance(10);
    expect(far.chunks).toHaveLength(0);
    far.link.resume();
    far.link.pause();
    await simulation.advance(10);
    expect(far.chunks).toHaveLength(0);
    far.link.resume();
    await simulation.advance(0);
    expect([...far.bytes()]).toEqual([0, 1, 2, 3, 4]);
  });

  it("is capped in bandwidth", async () => {
    const { simulation, near, far } = await connect({ bytesPerSecond: 1000, latencyMs: 0 });
    for (let n = 0; n < 10; n++) near.link.send(new Uint8Array(100));
    await simulation.advance(500);
    expect(far.bytes().length).toBe(500);
    await simulation.advance(500);
    expect(far.bytes().length).toBe(1000);
  });
});
