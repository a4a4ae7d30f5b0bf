// The end of a connection that somebody wants: close() with and without time to drain, with an error, by using.
import { describe, expect, it } from "#test";
import { connected, failureOf, NOTHING, textOf, textsOf, World } from "../../conformance/seeds/world.ts";
import { HeadraceError, type LinkError, type RemoteError } from "../contract/errors.ts";
import type { CloseInfo } from "../contract/link.ts";
import { RSocketError } from "./public-error.ts";

describe("close()", () => {
  it("says CONNECTION_CLOSE, ends the link, and tells both sides that it was clean", async () => {
    const lost: CloseInfo[] = [];
    const errors: string[] = [];
    const world = await connected({
      onConnectionLost: (_, info) => void lost.push(info),
      onError: (error) => void errors.push(error.code),
    });
    const { socket } = world;
    await world.run(world.client.close());
    expect(world.client.state).toBe("closed");
    expect(await world.client.closed).toEqual({ code: "closed", reason: "closed by this side" });
    await world.advance(10);
    expect(world.frames()).toEqual(["> 0 ERROR 0x102 closing"]);
    expect([errors, lost.map(({ code, error }) => [code, error]), socket.state]).toEqual([
      ["connection-close"],
      [["connection-close", undefined]],
      "closed",
    ]);
    expect((await socket.closed).code).toBe("connection-close");
    expect(await world.close()).toEqual(NOTHING);
  });

  it("ends live streams at once without drainMs", async () => {
    const world = await connected({ requestResponse: () => new Promise(() => {}) });
    const call = failureOf(world.client.requestResponse("x"));
    await world.advance(10);
    await world.run(world.client.close());
    expect(await call).toMatchObject({
      name: "LinkError",
      code: "link-closed",
      message: "The connection was closed before the stream ended",
    });
    expect(await world.close()).toEqual(NOTHING);
  });

  it("waits for live streams up to drainMs, and takes no new requests meanwhile", async () => {
    let answer: (value: string) => void = () => {};
    const world = await connected({ requestResponse: () => new Promise((resolve) => (answer = resolve)) });
    const call = world.client.requestResponse("x").then(textOf);
    await world.advance(10);
    const start = world.simulation.clock.now();
    const closing = world.client.close({ drainMs: 5_000 });
    await world.advance(1_000);
    expect(world.client.state).toBe("closing");
    expect(await world.fails(world.client.requestResponse("y"))).toMatchObject({ code: "closing" });
    expect(await world.fails(textsOf(world.client.requestStream("y")))).toMatchObject({ code: "closing" });
    expect(await world.fails(world.socket.requestResponse("y"))).toMatchObject({ code: "closing" });
    answer("at last");
    expect(await world.run(call)).toBe("at last");
    await world.run(closing);
    expect(world.simulation.clock.now() - start).toBeLessThan(1_100);
    expect((await world.client.closed).error).toBeUndefined();
    expect(await world.close()).toEqual(NOTHING);
  });

  it("gives up after drainMs", async () => {
    const world = await connected({ requestResponse: () => new Promise(() => {}) });
    const call = failureOf(world.client.requestResponse("x"));
    await world.advance(10);
    const start = world.simulation.clock.now();
    await world.run(world.client.close({ drainMs: 500 }));
    expect(world.simulation.clock.now() - start).toBeGreaterThanOrEqual(500);
    expect(world.simulation.clock.now() - start).toBeLessThan(600);
    expect(await call).toMatchObject({ code: "link-closed" });
    expect(await world.close()).toEqual(NOTHING);
  });

  it("of a server drains all its sockets", async () => {
    const world = await connected({
      async *requestStream() {
        for (let n = 0; n < 5; n++) {
          await new Promise<void>((resolve) =>
            void world.simulation.clock.wake(world.simulation.clock.now() + 100, resolve)
          );
          yield String(n);
        }
      },
    });
    const items = textsOf(world.client.requestStream(""));
    await world.advance(150);
    const closing = world.server.close({ drainMs: 5_000 });
    expect(await world.run(items)).toEqual(["0", "1", "2", "3", "4"]);
    await world.run(closing);
    expect([world.client.state, world.server.sockets.size]).toEqual(["closed", 0]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("with an error says CONNECTION_ERROR with the text if it is public, and live streams end with it", async () => {
    const open = new RSocketError(0x301, "out of order");
    for (const error of [new Error("secret"), new HeadraceError("canceled", "mine"), open]) {
      const heard: string[] = [];
      const world = await connected({
        requestResponse: () => new Promise(() => {}),
        onError: (told) => void heard.push(told.message),
      });
      const call = failureOf(world.client.requestResponse("x"));
      await world.advance(10);
      const { socket } = world;
      await world.run(world.client.close({ error, drainMs: 1_000 }));
      const told = (await call) as HeadraceError;
      const info = await world.client.closed;
      if (error instanceof HeadraceError) expect(told === error).toBe(true);
      else expect([told.code, told.cause === error]).toEqual(["connection-error", true]);
      expect([info.code, info.reason, info.error === told]).toEqual([told.code, error.message, true]);
      await world.advance(10);
      const text = error === open ? "out of order" : "the application gave the connection up";
      expect(heard).toEqual([`The peer answered ERROR[CONNECTION_ERROR]: ${text}`]);
      expect(((await socket.closed).error as RemoteError).rsocketCode).toBe(0x101);
      expect(await world.close()).toEqual(NOTHING);
    }
  });

  it("may be called often, and by both sides at once", async () => {
    const world = await connected({ requestResponse: () => new Promise(() => {}) });
    const call = failureOf(world.client.requestResponse("x"));
    await world.advance(10);
    const { socket } = world;
    const all = [
      world.client.close({ drainMs: 1_000 }),
      socket.close({ drainMs: 1_000 }),
      world.client.close(),
      socket.close(),
      world.server.close(),
    ];
    await world.run(Promise.all(all));
    expect(((await call) as LinkError).code).toBe("link-closed");
    await world.run(Promise.all([world.client.close(), socket.close()]));
    expect(await world.close()).toEqual(NOTHING);
  });

  it("does not wait for a peer that never ends its side", async () => {
    const world = await connected();
    world.simulation.network.wire.stall(Infinity);
    const start = world.simulation.clock.now();
    await world.run(world.client.close());
    expect(world.simulation.clock.now() - start).toBeLessThan(1_100);
    world.simulation.network.wire.heal();
    expect(await world.close()).toEqual(NOTHING);
  });

  it("sends what was asked for just before", async () => {
    const seen: string[] = [];
    const world = await connected({ fireAndForget: (payload) => void seen.push(textOf(payload)) });
    void world.client.fireAndForget("last words");
    await world.run(world.client.close());
    await world.advance(10);
    expect(seen).toEqual(["last words"]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("comes with await using, for both", async () => {
    const world = await connected({ requestResponse: (payload) => payload });
    await world.run((async () => {
      await using client = world.client;
      expect(textOf(await client.requestResponse("x"))).toBe("x");
    })());
    expect(world.client.state).toBe("closed");
    const again = new World();
    const socket = await again.connect();
    await again.run((async () => {
      await using peer = socket;
      expect(peer.state).toBe("open");
    })());
    expect([again.client.state, socket.state]).toEqual(["closed", "closed"]);
    for (const each of [world, again]) expect(await each.close()).toEqual(NOTHING);
  });

  it("works the same over messages and over sessions", async () => {
    for (const kind of ["messages", "session"] as const) {
      const mapping = kind === "session" ? { mapping: "stream-per-request" as const } : {};
      let answer: (value: string) => void = () => {};
      const world = await connected({ requestResponse: () => new Promise((resolve) => (answer = resolve)) }, {
        kind,
        client: mapping,
        server: mapping,
      });
      const call = world.client.requestResponse("x").then(textOf);
      await world.advance(10);
      const closing = world.client.close({ drainMs: 5_000 });
      await world.advance(10);
      answer("drained");
      expect(await world.run(call)).toBe("drained");
      await world.run(closing);
      await world.advance(10);
      expect([world.client.state, world.server.sockets.size]).toEqual(["closed", 0]);
      expect((await world.client.closed).error).toBeUndefined();
      expect(await world.close()).toEqual(NOTHING);
    }
  });
});
