// Sessions: streams both ways and one way, aborts with their code, datagrams, close and cut.
import { describe, expect, it } from "#test";
import type { CloseInfo, Link, Session } from "../../src/contract/link.ts";
import { createSimulation, record, type Recording, type Shape, type Simulation } from "./mod.ts";

const text = (value: string) => new TextEncoder().encode(value);

/** One end of a session with everything it heard. */
interface End {
  readonly session: Session;
  readonly streams: Recording[];
  readonly oneWay: boolean[];
  readonly datagrams: Uint8Array[];
  readonly borrowed: Uint8Array[];
  readonly closes: CloseInfo[];
}

function listenTo(session: Session): End {
  const end: End = { session, streams: [], oneWay: [], datagrams: [], borrowed: [], closes: [] };
  session.start({
    stream(link, unidirectional) {
      end.streams.push(record(link));
      end.oneWay.push(unidirectional);
    },
    datagram(borrowed) {
      end.borrowed.push(borrowed);
      end.datagrams.push(borrowed.slice());
    },
    closed: (info) => void end.closes.push(info),
  });
  return end;
}

async function connect(
  shape: Partial<Shape> = {},
  seed: number = 1,
): Promise<{ simulation: Simulation; near: End; far: End }> {
  const simulation = createSimulation(seed, { shape });
  const accepted: End[] = [];
  simulation.network.listen("server", "session", (session) => accepted.push(listenTo(session as Session)));
  const near = listenTo((await simulation.complete(simulation.network.dial("server"))) as Session);
  return { simulation, near, far: accepted[0]! }; // accepted before the dial resolved
}

describe("SimulatedSession", () => {
  it("opens streams from both sides, heard of with their first bytes", async () => {
    const { simulation, near, far } = await connect();
    const up = record(await near.session.open());
    await simulation.advance(1000);
    expect(far.streams).toHaveLength(0);
    up.link.send(text("question"));
    const down = record(await far.session.open());
    down.link.send(text("news"));
    await simulation.advance(10);
    expect([far.streams.length, far.oneWay[0], far.streams[0]?.text()]).toEqual([1, false, "question"]);
    expect([near.streams.length, near.streams[0]?.text()]).toEqual([1, "news"]);
    far.streams[0]?.link.send(text("answer"));
    far.streams[0]?.link.end();
    up.link.end();
    await simulation.advance(10);
    expect([up.text(), up.ends, up.closes]).toEqual(["answer", 1, [{ code: "closed", reason: "" }]]);
    expect(far.streams[0]?.closes).toEqual([{ code: "closed", reason: "" }]);
    expect(near.closes).toHaveLength(0);
  });

  it("opens streams one way", async () => {
    const { simulation, near, far } = await connect();
    const up = record(await near.session.open({ unidirectional: true }));
    up.link.send(text("one way"));
    up.link.end();
    await simulation.advance(10);
    const heard = far.streams[0];
    expect([far.oneWay[0], heard?.text(), heard?.ends]).toEqual([true, "one way", 1]);
    expect(heard?.link.send(text("back"))).toBe(false);
    for (const end of [up, heard]) expect(end?.closes).toEqual([{ code: "closed", reason: "" }]);
    expect(up.ends).toBe(0);
  });

  it("tells an abort to the peer with its code, and only that stream ends", async () => {
    const { simulation, near, far } = await connect();
    const [kept, given, unsaid] = [
      record(await near.session.open()),
      record(await near.session.open()),
      record(await near.session.open()),
    ];
    kept.link.send(text("kept"));
    given.link.send(text("given"));
    await simulation.advance(10);
    far.streams[1]?.link.abort(0x201);
    unsaid.link.abort(7);
    await simulation.advance(10);
    expect(given.closes).toHaveLength(1);
    expect(given.closes[0]).toMatchObject({ code: "513", error: { code: "link-reset", reason: "reset" } });
    expect(far.streams[1]?.closes).toEqual([{ code: "aborted", reason: expect.any(String) }]);
    expect(far.streams[2]?.closes[0]).toMatchObject({ code: "7" });
    expect([kept.closes.length, far.streams[0]?.closes.length]).toEqual([0, 0]);
  });

  it("tells the opener of a one-way stream that the receiver gave it up", async () => {
    const { simulation, near, far } = await connect();
    const up = record(await near.session.open({ unidirectional: true }));
    up.link.send(text("x"));
    await simulation.advance(10);
    far.streams[0]?.link.abort(9);
    await simulation.advance(10);
    expect(up.closes[0]).toMatchObject({ code: "9" });
  });

  it("lets no stream wait for another", async () => {
    const { simulation, near, far } = await connect({ windowBytes: 100, highWaterBytes: 100 });
    const [blocked, free] = [record(await near.session.open()), record(await near.session.open())];
    blocked.link.send(text("b"));
    await simulation.advance(10);
    far.streams[0]?.link.pause();
    expect(blocked.link.send(new Uint8Array(1000))).toBe(false);
    expect(free.link.send(text("free"))).toBe(true);
    await simulation.advance(10);
    expect(far.streams[1]?.text()).toBe("free");
    expect(far.streams[0]?.text()).toBe("b");
  });

  it("sends datagrams up to a size, lent like chunks", async () => {
    const { simulation, near, far } = await connect({ maxDatagramBytes: 100 });
    expect(near.session.maxDatagramBytes).toBe(100);
    expect(near.session.sendDatagram(new Uint8Array(101))).toBe(false);
    const bytes = text("datagram");
    expect(near.session.sendDatagram(bytes)).toBe(true);
    bytes.fill(0);
    await simulation.advance(10);
    expect(far.datagrams).toEqual([text("datagram")]);
    expect([...new Set(far.borrowed[0])]).toEqual([0xdd]);
    const { near: without } = await connect({ maxDatagramBytes: 0 });
    expect(without.session.sendDatagram(new Uint8Array(0))).toBe(false);
  });

  it("loses, repeats and reorders datagrams by the seed, and drops what is too much", async () => {
    const { simulation, near, far } = await connect({
      jitterMs: 50,
      datagramLossChance: 0.3,
      datagramRepeatChance: 0.3,
    });
    for (let n = 0; n < 200; n++) {
      near.session.sendDatagram(Uint8Array.of(n));
      if (n % 20 === 19) await simulation.advance(100);
    }
    const seen = far.datagrams.map((datagram) => datagram[0] ?? 0);
    const different = new Set(seen).size;
    expect(different).toBeGreaterThan(100);
    expect(different).toBeLessThanOrEqual(180);
    expect(seen.length).toBeGreaterThan(different + 20);
    expect(seen).not.toEqual(seen.toSorted((a, b) => a - b));
    const taken = Array.from({ length: 200 }, () => near.session.sendDatagram(Uint8Array.of(1)));
    expect(taken).toContain(false);
  });

  it("closes both ends with code and reason, and the streams before", async () => {
    const { simulation, near, far } = await connect();
    const up = record(await near.session.open());
    up.link.send(text("x"));
    await simulation.advance(10);
    near.session.close(42, `over ${"ü".repeat(2000)}`);
    await expect(near.session.open()).rejects.toMatchObject({ code: "link-closed", reason: "closed" });
    await simulation.runUntilIdle(1000);
    for (const end of [near, far]) {
      expect(end.closes).toHaveLength(1);
      expect(end.closes[0]).toMatchObject({ code: "42", reason: `over ${"ü".repeat(509)}` });
      expect(end.closes[0]?.error).toBeUndefined();
    }
    for (const stream of [up, far.streams[0]]) {
      expect(stream?.closes).toHaveLength(1);
      expect(stream?.closes[0]).toMatchObject({ code: "link-closed", error: { code: "link-closed" } });
    }
    expect(near.session.sendDatagram(text("x"))).toBe(false);
  });

  it("is cut with all its streams, after what is under way when the tail is kept", async () => {
    for (const lostTail of [false, true]) {
      const { simulation, near, far } = await connect({ latencyMs: 10 });
      const streams: Link[] = [await near.session.open(), await near.session.open()];
      const recordings = streams.map((stream) => record(stream));
      for (const stream of streams) stream.send(text("tail"));
      await simulation.advance(5);
      simulation.network.wire.cut({ lostTail });
      await expect(near.session.open()).rejects.toMatchObject({ reason: "closed" });
      await simulation.runUntilIdle(1000);
      expect(far.streams.map((stream) => stream.text())).toEqual(lostTail ? [] : ["tail", "tail"]);
      for (const end of [near, far]) {
        expect(end.closes[0]).toMatchObject({ code: "link-reset", error: expect.any(Error) });
      }
      for (const end of [...recordings, ...far.streams]) expect(end.closes[0]).toMatchObject({ code: "link-reset" });
    }
  });

  it("keeps what came before start", async () => {
    const simulation = createSimulation(1);
    let far: Session | undefined;
    simulation.network.listen("server", "session", (session) => {
      far = session as Session;
    });
    const near = (await simulation.complete(simulation.network.dial("server"))) as Session;
    const stream = record(await near.open());
    stream.link.send(text("early"));
    await simulation.advance(100);
    if (far === undefined) throw new Error("not accepted");
    const end = listenTo(far);
    await simulation.advance(1);
    expect(end.streams[0]?.text()).toBe("early");
  });
});
