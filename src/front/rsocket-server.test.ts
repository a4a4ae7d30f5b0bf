// The server: listening, accepting, its sockets, its end, and clients that never speak.
import { describe, expect, it } from "#test";
import { connected, failureOf, NOTHING, textOf as text, textsOf, World } from "../../conformance/seeds/world.ts";
import { record } from "../../runtimes/simulated/mod.ts";
import { createMemory } from "../../transports/memory.ts";
import { UsageError } from "../contract/errors.ts";
import type { CloseInfo, Link, Session } from "../contract/link.ts";
import { connect, RSocketServer, serve } from "./rsocket.ts";

const echo = { requestResponse: (payload: { data: Uint8Array }) => payload };

describe("RSocketServer: listening", () => {
  it("serves on several URLs, of several transports, and tells the real ones", async () => {
    const world = new World();
    const { runtime } = world.simulation;
    const transports = [createMemory(), ...runtime.transports];
    const server = await world.run(serve(["sim://host:0", "memory://inside"], echo, { runtime, transports }));
    expect(server.urls).toEqual(["sim://host:1?kind=bytes", "memory://inside"]);
    for (const url of ["sim://host:1", "memory://inside"]) {
      const client = await world.run(connect(url, { runtime, transports }));
      expect(text(await world.run(client.requestResponse(url)))).toBe(url);
      expect(server.sockets.size).toBe(1);
      await world.run(client.close());
      await world.advance(10);
      expect(server.sockets.size).toBe(0);
    }
    await world.run(server.close());
    expect(await world.fails(connect("sim://host:1", world.options))).toMatchObject({ code: "link-refused" });
    expect(await world.close()).toEqual(NOTHING);
  });

  it("binds all or none", async () => {
    const world = new World();
    const server = new RSocketServer(echo, world.options);
    const error = await world.fails(server.listen("sim://mine", "sim://server"));
    expect(error).toMatchObject({ code: "port-in-use", reason: "in-use" });
    expect(server.urls).toEqual([]);
    expect(await world.fails(connect("sim://mine", world.options))).toMatchObject({ code: "link-refused" });
    await world.run(server.listen("sim://mine"));
    expect(server.urls).toEqual(["sim://mine?kind=bytes"]);
    await world.run(server.close());
  });

  it("refuses options that no connection can have", () => {
    expect(() => new RSocketServer({}, { fragmentBytes: 3 })).toThrow("fragmentBytes 3");
  });

  it("stays closed", async () => {
    const world = await connected(echo);
    await world.run(world.server.close());
    expect([world.server.urls, world.server.sockets.size]).toEqual([[], 0]);
    expect(await world.fails(world.server.listen("sim://again"))).toMatchObject({ code: "wrong-state" });
    expect(await world.fails(connect("sim://again", world.options))).toMatchObject({ code: "link-refused" });
    await world.run(world.server.close());
    expect(await world.close()).toEqual(NOTHING);
  });

  it("gives up a link that is accepted while it closes", async () => {
    const world = new World();
    const links: Link[] = [];
    world.simulation.network.listen("raw", "bytes", (link) => void links.push(link as Link));
    const near = record((await world.run(world.simulation.network.dial("raw"))) as Link);
    const accepting = failureOf(world.server.accept(links[0]!));
    const closing = world.server.close();
    expect(await accepting).toMatchObject({ code: "wrong-state" });
    await world.run(closing);
    await world.advance(10);
    expect([near.closes.length, world.server.sockets.size]).toEqual([1, 0]);
    expect(await world.fails(world.server.accept(links[0]!))).toMatchObject({ code: "wrong-state" });
    expect(await world.close()).toEqual(NOTHING);
  });

  it("accepts a link from elsewhere", async () => {
    const world = new World({ handler: echo });
    const accepted: Promise<unknown>[] = [];
    world.simulation.network.listen("raw", "bytes", (link) => void accepted.push(world.server.accept(link)));
    const client = await world.run(connect("sim://raw", world.options));
    expect(await world.run(accepted[0]!)).toBe(world.socket);
    expect(text(await world.run(client.requestResponse("x")))).toBe("x");
    await world.run(client.close());
    expect(await world.close()).toEqual(NOTHING);
  });

  it("is a disposable", async () => {
    const world = await connected(echo);
    await world.run((async () => {
      await using server = world.server;
      expect(server.sockets.size).toBe(1);
    })());
    expect(world.server.sockets.size).toBe(0);
    expect((await world.run(world.client.closed)).code).toBe("connection-close");
    expect(await world.close()).toEqual(NOTHING);
  });

  it("makes a handler for each client when it is given a function", async () => {
    let made = 0;
    const world = new World({
      handler: async () => {
        const number = ++made;
        await Promise.resolve();
        return { requestResponse: () => `handler ${number}` };
      },
    });
    const others = [world.client, await world.run(connect("sim://server", world.options))];
    const answers = await world.run(Promise.all(others.map((client) => client.requestResponse("").then(text))));
    expect(answers.toSorted()).toEqual(["handler 1", "handler 2"]);
    await world.run(others[1]!.close());
    expect(await world.close()).toEqual(NOTHING);
  });
});

describe("RSocketServer: clients that never speak", () => {
  it("closes a silent link after setupTimeoutMs", async () => {
    const world = new World({ server: { limits: { setupTimeoutMs: 200 } } });
    const link = record((await world.run(world.simulation.network.dial("server"))) as Link);
    await world.advance(10);
    const { socket } = world;
    await world.advance(170);
    expect([world.server.sockets.size, socket.state, link.ends]).toEqual([1, "connecting", 0]);
    await world.advance(30);
    expect([world.server.sockets.size, socket.state, link.ends]).toEqual([0, "closed", 1]);
    expect(await socket.closed).toMatchObject({ code: "setup-timeout" });
    expect(await world.close()).toEqual(NOTHING);
  });

  it("does not wait for it when it is closed itself, with or without time to drain", async () => {
    for (const drainMs of [0, 500]) {
      const world = new World();
      const link = record((await world.run(world.simulation.network.dial("server"))) as Link);
      const { socket } = world;
      await world.run(world.server.close({ drainMs }));
      await world.advance(10);
      expect([link.ends, socket.state, (await socket.closed).error]).toEqual([1, "closed", undefined]);
      link.link.end();
      expect(await world.close()).toEqual(NOTHING);
    }
  });

  it("closes a session without a stream after setupTimeoutMs, and at once when it is closed itself", async () => {
    for (const closes of [false, true]) {
      const world = new World({ kind: "session", server: { limits: { setupTimeoutMs: 200 } } });
      const session = (await world.run(world.simulation.network.dial("server"))) as Session;
      const told: CloseInfo[] = [];
      session.start({ stream() {}, datagram() {}, closed: (info) => void told.push(info) });
      await world.advance(100);
      if (closes) await world.run(world.server.close());
      await world.advance(10);
      expect(told.length).toBe(closes ? 1 : 0);
      await world.advance(200);
      expect(told.length).toBe(1);
      expect(await world.close()).toEqual(NOTHING);
    }
  });
});

describe("RSocketServer: requests to the client", () => {
  it("reaches the client's handler from its socket", async () => {
    const world = new World({
      client: {
        handler: (socket) => ({
          requestResponse: (payload, cx) => `${text(payload)} ${cx.socket === socket} ${cx.setup.version}`,
          requestStream: () => ["a", "b"],
        }),
      },
    });
    const socket = await world.connect();
    expect(text(await world.run(socket.requestResponse("you")))).toBe("you true 1.0");
    expect(await world.run(textsOf(socket.requestStream("more")))).toEqual(["a", "b"]);
    await world.run(socket.close());
    const error = await world.fails(socket.requestResponse("late"));
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ code: "not-connected" });
    expect((await world.run(world.client.closed)).code).toBe("connection-close");
    expect(await world.close()).toEqual(NOTHING);
  });

  it("takes no notice of the mapping on a link, which has no streams", async () => {
    const options = { mapping: "stream-per-request" as const };
    const world = await connected(echo, { server: options, client: options });
    expect(text(await world.run(world.client.requestResponse("x")))).toBe("x");
    expect(await world.close()).toEqual(NOTHING);
  });

  it("does so over a session with a stream for each request", async () => {
    const options = { mapping: "stream-per-request" as const };
    const world = new World({
      kind: "session",
      handler: echo,
      server: options,
      client: { ...options, handler: { requestStream: () => ["a", "b"] } },
    });
    const socket = await world.connect();
    expect(text(await world.run(world.client.requestResponse("x")))).toBe("x");
    expect(await world.run(textsOf(socket.requestStream("more")))).toEqual(["a", "b"]);
    expect(await world.close()).toEqual(NOTHING);
  });
});
