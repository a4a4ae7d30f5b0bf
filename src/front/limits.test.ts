// The limits that fronts keep, each on both of its sides, in virtual time: what waits for a slow peer, handlers that
// nobody waits for, and clients that are not accepted yet. contract/limits.ts.
import { describe, expect, it } from "#test";
import { connected, failureOf, NOTHING, textOf, textsOf, World } from "../../conformance/seeds/world.ts";
import type { Link } from "../contract/link.ts";
import type { HeadraceError } from "../contract/errors.ts";
import type { Limits } from "../contract/limits.ts";
import type { RequestHandler } from "./rsocket.ts";

const KIB = 1_024;

/** A world whose server hears nothing of what it sends, with small buffers, and the codes its handler was told. */
async function stalled(handler: RequestHandler, limits: Partial<Limits>) {
  const told: string[] = [];
  const world = await connected({ ...handler, onError: (error) => void told.push(error.code) }, {
    shape: { windowBytes: KIB, highWaterBytes: KIB },
    server: { limits },
  });
  world.simulation.network.wire.stall(Infinity, "down");
  return { world, told, socket: world.socket };
}

describe("maxSendBytes", () => {
  const handler = { requestResponse: () => new Uint8Array(KIB - 9) };
  const limits = { maxSendBytes: 10 * KIB, writeStallMs: Infinity };
  /** Frames of 1 KiB: one is in the window, ten may wait, and one is the largest that was given at once. */
  const FIT = 12;

  async function ask(count: number) {
    const { world, told, socket } = await stalled(handler, limits);
    const calls = Array.from({ length: count }, () => failureOf(world.client.requestResponse("")));
    for (let ms = 0; ms < 100; ms++) await world.advance(1);
    return { world, told, socket, calls };
  }

  it("is what may wait for a peer that does not read", async () => {
    const { world, told, socket, calls } = await ask(FIT - 1);
    expect([told, socket.state]).toEqual([[], "open"]);
    world.simulation.network.wire.heal();
    expect((await world.run(Promise.all(calls))).every((text) => String(text).includes("It should fail"))).toBe(true);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("ends the connection above, after the handler and its streams were told", async () => {
    const { world, told, socket, calls } = await ask(2 * FIT);
    expect(told).toEqual(["slow-consumer"]);
    expect((await world.run(socket.closed)).code).toBe("slow-consumer");
    world.simulation.network.wire.heal();
    await world.run(Promise.all(calls));
    expect(await world.close()).toEqual(NOTHING);
  });

  it("refuses own requests instead, and the connection lives on", async () => {
    const world = await connected({ requestResponse: (payload) => payload }, {
      shape: { windowBytes: KIB, highWaterBytes: KIB },
      client: { limits: { maxSendBytes: 10 * KIB } },
    });
    world.simulation.network.wire.stall(Infinity, "up");
    const call = world.client.requestResponse(new Uint8Array(20 * KIB));
    const refused = await Promise.all([
      failureOf(world.client.requestResponse("x")),
      failureOf(world.client.fireAndForget("x")),
      failureOf(world.client.metadataPush("x")),
      failureOf(textsOf(world.client.requestStream("x"))),
      failureOf(textsOf(world.client.requestChannel("x"))),
    ]);
    expect(refused.map((error) => (error as HeadraceError).code)).toEqual([
      "send-overflow",
      "send-overflow",
      "send-overflow",
      "send-overflow",
      "send-overflow",
    ]);
    world.simulation.network.wire.heal();
    expect((await world.run(call)).data).toHaveLength(20 * KIB);
    expect(textOf(await world.run(world.client.requestResponse("again")))).toBe("again");
    expect(await world.close()).toEqual(NOTHING);
  });

  it("lets one payload pass that is larger, and what follows it", async () => {
    const large = new Uint8Array(100 * KIB);
    const { world, told } = await stalled({ requestResponse: (payload) => payload.data.length > 0 ? large : "" }, {
      ...limits,
    });
    const call = world.client.requestResponse("large");
    await world.advance(5);
    const others = Array.from({ length: 20 }, () => world.client.requestResponse(""));
    await world.advance(100);
    expect(told).toEqual([]);
    world.simulation.network.wire.heal();
    expect((await world.run(call)).data).toHaveLength(100 * KIB);
    await world.run(Promise.all(others));
    expect(await world.close()).toEqual(NOTHING);
  });
});

describe("writeStallMs", () => {
  const endless: RequestHandler = {
    *requestStream() {
      for (;;) yield new Uint8Array(KIB);
    },
  };

  it("is how long a full link may take nothing: 10 s by default, then every stream ends", async () => {
    const { world, told, socket } = await stalled(endless, {});
    const ended: unknown[] = [];
    const reading = failureOf(textsOf(world.client.requestStream("")));
    const back = failureOf(textsOf(socket.requestStream(""))).then((error) => ended.push(error));
    await world.advance(9_990);
    expect([told, socket.state]).toEqual([[], "open"]);
    await world.advance(20);
    expect([told, socket.state]).toEqual([["slow-consumer"], "closed"]);
    await world.run(back);
    expect(ended).toEqual([expect.objectContaining({ code: "slow-consumer" })]);
    world.simulation.network.wire.heal();
    await world.run(reading);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("does not count while something is taken", async () => {
    const { world, told } = await stalled(endless, {});
    const iterator = world.client.requestStream("")[Symbol.asyncIterator]();
    const first = iterator.next();
    for (let n = 0; n < 5; n++) {
      await world.advance(9_000);
      world.simulation.network.wire.heal();
      await world.advance(3);
      world.simulation.network.wire.stall(Infinity, "down");
      for (let read = 0; read < 10; read++) void iterator.next();
    }
    expect(told).toEqual([]);
    world.simulation.network.wire.heal();
    await world.run(first);
    await world.run(iterator.return!());
    expect(await world.close()).toEqual(NOTHING);
  });
});

describe("maxFireAndForget", () => {
  async function forget(count: number) {
    const open: (() => void)[] = [];
    const told: string[] = [];
    let most = 0;
    const world = await connected({
      fireAndForget: () =>
        new Promise<void>((resolve) => {
          open.push(resolve);
          most = Math.max(most, open.length);
        }),
      requestResponse: (payload) => payload,
      onError: (error) => void told.push(`${error.code}: ${/\d+/.exec(error.message)?.[0]}`),
    });
    for (let n = 0; n < count; n++) void world.client.fireAndForget(String(n));
    await world.advance(100);
    return { world, open, told, most: () => most };
  }

  it("is how many handlers run at once: 1,024 by default", async () => {
    const { world, told, most } = await forget(1_024);
    expect([most(), told, world.socket.dropped]).toEqual([1_024, [], 0]);
    expect(textOf(await world.run(world.client.requestResponse("others")))).toBe("others");
    expect(await world.close()).toEqual(NOTHING);
  });

  it("drops what is more, counts it, and tells of the first, second, fourth …", async () => {
    const { world, told, most, open } = await forget(1_029);
    expect([most(), world.socket.dropped]).toEqual([1_024, 5]);
    expect(told).toEqual(["requests-dropped: 1", "requests-dropped: 2", "requests-dropped: 4"]);
    for (const end of open.splice(0)) end();
    await world.run(world.client.fireAndForget("again"));
    await world.advance(5);
    expect([open.length, world.socket.dropped]).toEqual([1, 5]);
    expect(await world.close()).toEqual(NOTHING);
  });
});

describe("metadata pushes", () => {
  it("are handled 64 at once, and more are dropped and counted", async () => {
    const open: (() => void)[] = [];
    const world = await connected({ onMetadataPush: () => new Promise<void>((resolve) => void open.push(resolve)) });
    for (let n = 0; n < 64; n++) void world.client.metadataPush("x");
    await world.advance(10);
    expect([open.length, world.socket.dropped]).toEqual([64, 0]);
    void world.client.metadataPush("x");
    await world.advance(10);
    expect([open.length, world.socket.dropped]).toEqual([64, 1]);
    for (const end of open.splice(0)) end();
    await world.advance(1);
    await world.run(world.client.metadataPush("x"));
    await world.advance(10);
    expect([open.length, world.socket.dropped]).toEqual([1, 1]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("have 64 KiB at most, and larger ones are dropped and counted", async () => {
    const heard: number[] = [];
    const world = await connected({ onMetadataPush: (metadata) => void heard.push(metadata.length) });
    for (const length of [65_536, 65_537]) await world.run(world.client.metadataPush(new Uint8Array(length)));
    await world.advance(10);
    expect([heard, world.socket.dropped]).toEqual([[65_536], 1]);
    expect(await world.close()).toEqual(NOTHING);
  });
});

describe("maxPendingSetups", () => {
  /** The accepting ends of links whose dialler says nothing. */
  async function silent(world: World, count: number, remote?: (n: number) => string): Promise<Link[]> {
    const links: Link[] = [];
    const { network } = world.simulation;
    const bound = network.listen("silent", "bytes", (link) => void links.push(link as Link));
    for (let n = 0; n < count; n++) await world.run(network.dial("silent"));
    bound.close();
    return remote === undefined ? links : links.map((link, n) => at(link, remote(n)));
  }

  function at(link: Link, remote: string): Link {
    return Object.create(link, {
      info: { value: { ...link.info, remote } },
      start: { value: (sink: Parameters<Link["start"]>[0]) => link.start(sink) },
      abort: { value: () => link.abort() },
      send: { value: (bytes: Uint8Array) => link.send(bytes) },
      end: { value: () => link.end() },
      pause: { value: () => link.pause() },
      resume: { value: () => link.resume() },
      buffered: { get: () => link.buffered },
    }) as Link;
  }

  it("are how many clients of a server may wait; the newest is closed", async () => {
    const world = new World({ server: { limits: { maxPendingSetups: 3 } } });
    const links = await silent(world, 4);
    for (const link of links.slice(0, 3)) await world.run(world.server.accept(link));
    expect([world.server.pending, world.server.refused]).toEqual([3, 0]);
    expect(await world.fails(world.server.accept(links[3]!))).toMatchObject({ code: "too-many-setups" });
    expect([world.server.pending, world.server.refused, world.server.sockets.size]).toEqual([3, 1, 3]);
    await world.advance(5_000);
    expect([world.server.pending, world.server.sockets.size]).toEqual([0, 0]);
    await world.connect();
    expect(await world.close()).toEqual(NOTHING);
  });

  it("are fewer for one address", async () => {
    const world = new World({ server: { limits: { maxPendingSetupsPerAddress: 2 } } });
    const links = await silent(world, 4, (n) => n < 3 ? `10.0.0.1:${n}` : "10.0.0.2:1");
    await world.run(world.server.accept(links[0]!));
    await world.run(world.server.accept(links[1]!));
    expect(await world.fails(world.server.accept(links[2]!))).toMatchObject({ code: "too-many-setups" });
    await world.run(world.server.accept(links[3]!));
    await world.advance(5_000);
    expect(world.server.pending).toBe(0);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("are no longer those that were accepted, or refused", async () => {
    for (const onSetup of [() => {}, () => Promise.reject(new Error("no"))]) {
      const world = new World({ handler: { onSetup }, server: { limits: { maxPendingSetups: 1 } } });
      await world.run(world.client.connect());
      await world.advance(10);
      expect([world.server.pending, world.server.refused]).toEqual([0, 0]);
      expect(await world.close()).toEqual(NOTHING);
    }
  });

  it("count clients whose setup the application has not decided", async () => {
    let decide: () => void = () => {};
    const onSetup = () => new Promise<void>((resolve) => void (decide = resolve));
    const world = new World({ handler: { onSetup }, server: { limits: { maxPendingSetups: 1 } } });
    await world.run(world.client.connect());
    await world.advance(10);
    const [link] = await silent(world, 1);
    expect(await world.fails(world.server.accept(link!))).toMatchObject({ code: "too-many-setups" });
    decide();
    await world.advance(1);
    expect(world.server.pending).toBe(0);
    expect(await world.close()).toEqual(NOTHING);
  });
});
