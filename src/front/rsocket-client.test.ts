// The client: when it connects, to which target, who waits for it, and what it is after it was lost or closed.
import { describe, expect, it } from "#test";
import { connected, failureOf, NOTHING, textOf as text, textsOf, World } from "../../conformance/seeds/world.ts";
import type { Link, Session } from "../contract/link.ts";
import { LinkError, UsageError } from "../contract/errors.ts";
import { connect, RSocketClient } from "./rsocket.ts";

const echo = { requestResponse: (payload: { data: Uint8Array }) => payload };

describe("RSocketClient: connecting", () => {
  it("is idle until the first request, which connects", async () => {
    const world = new World({ handler: echo });
    const { client } = world;
    await world.advance(100);
    expect([client.state, world.frames(), world.simulation.network.wires.length]).toEqual(["idle", [], 0]);
    const answer = client.requestResponse("hi");
    await world.simulation.settle();
    expect(client.state).toBe("connecting");
    expect(text(await world.run(answer))).toBe("hi");
    expect([client.state, world.frames()]).toEqual([
      "open",
      ["> 0 SETUP", "> 1 REQUEST_RESPONSE hi", "< 1 PAYLOAD next complete hi"],
    ]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("makes one connection for all that ask at once", async () => {
    const world = new World({ handler: { ...echo, requestStream: () => ["s"] } });
    const { client } = world;
    const calls = [
      client.requestResponse("a").then(text),
      client.requestResponse("b").then(text),
      client.connect().then((same) => same === client),
      client.fireAndForget("c"),
      client.metadataPush("d"),
      textsOf(client.requestStream("e")),
    ];
    expect(await world.run(Promise.all(calls))).toEqual(["a", "b", true, undefined, undefined, ["s"]]);
    expect(world.simulation.network.wires).toHaveLength(1);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("connects when connect() is called, once", async () => {
    const world = await connected(echo);
    await world.run(world.client.connect());
    expect(world.simulation.network.wires).toHaveLength(1);
    const other = await world.run(connect("sim://server", world.options));
    expect([other.state, world.server.sockets.size]).toEqual(["open", 2]);
    await world.run(other.close());
    expect(await world.close()).toEqual(NOTHING);
  });

  it("says in SETUP what it was told to", async () => {
    const seen: unknown[] = [];
    const setup = {
      payload: { data: "who", metadata: "am I" },
      dataMimeType: "text/plain",
      metadataMimeType: "text/html",
      keepAliveMs: 100,
      lifetimeMs: 1_000,
    };
    const world = await connected({ onSetup: (told) => void seen.push(told) }, { client: { setup } });
    expect(seen).toEqual([{
      payload: { data: new TextEncoder().encode("who"), metadata: new TextEncoder().encode("am I") },
      dataMimeType: "text/plain",
      metadataMimeType: "text/html",
      keepAliveMs: 100,
      lifetimeMs: 1_000,
      version: "1.0",
      resume: false,
      lease: false,
    }]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("refuses what a connection cannot have where it is given, and leaves no link behind", async () => {
    const world = new World();
    const bad = { ...world.options, fragmentBytes: 10 };
    expect(() => new RSocketClient("sim://server", bad)).toThrow("fragmentBytes 10");
    expect(() => new RSocketClient("sim://server", { ...world.options, setup: { keepAliveMs: 0 } })).toThrow(
      "keepAliveMs",
    );
    expect(await world.fails(connect("sim://server", bad))).toBeInstanceOf(UsageError);
    const throwing = new RSocketClient("sim://server", {
      ...world.options,
      handler: () => {
        throw new Error("no handler today");
      },
    });
    expect(await world.fails(throwing.connect())).toMatchObject({ message: "no handler today" });
    await world.advance(10);
    expect([throwing.state, world.server.sockets.size]).toEqual(["idle", 0]);
    expect(await world.close()).toEqual(NOTHING);
  });
});

describe("RSocketClient: targets", () => {
  it("tries several in order", async () => {
    const world = new World({ handler: echo });
    const client = new RSocketClient(["sim://nobody", new URL("sim://server"), "sim://other"], world.options);
    expect(text(await world.run(client.requestResponse("x")))).toBe("x");
    expect(world.simulation.network.wires.map((wire) => wire.target)).toEqual(["nobody", "server"]);
    await world.run(client.close());
    expect(await world.close()).toEqual(NOTHING);
  });

  it("rejects with one error that names them all", async () => {
    const world = new World();
    const client = new RSocketClient(["sim://one", "not a url", "foo://x"], world.options);
    const error = (await world.fails(client.connect())) as LinkError;
    expect([error.code, error.reason]).toEqual(["link-unreachable", "unreachable"]);
    expect(error.message).toBe(
      'Cannot connect to any of sim://one, not a url, foo://x: Cannot dial "one": nobody listens; ' +
        'Cannot use "not a url": it is not a URL like tcp://host:7000; ' +
        'Cannot dial foo://x: no transport here has the scheme "foo"; use one of: sim',
    );
    const codes = (error.cause as AggregateError).errors.map(({ code }: UsageError) => code);
    expect(codes).toEqual(["link-refused", "bad-argument", "unknown-scheme"]);
    expect(await world.fails(new RSocketClient([], world.options).connect())).toMatchObject({ code: "bad-argument" });
    expect(await world.close()).toEqual(NOTHING);
  });

  it("takes the first link of a function, which is called for each connect", async () => {
    const world = new World({ handler: echo });
    let called = 0;
    const client = new RSocketClient(async function* () {
      called++;
      yield await world.simulation.network.dial("server");
    }, world.options);
    expect(text(await world.run(client.requestResponse("x")))).toBe("x");
    world.simulation.network.wire.cut();
    await world.advance(10);
    await world.run(client.connect());
    expect(called).toBe(2);
    await world.run(client.close());
    expect(await world.close()).toEqual(NOTHING);
  });

  it("types the errors of a function", async () => {
    const world = new World();
    const failing = new RSocketClient(() => ({
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error("no route today")) }),
    }), world.options);
    expect(await world.fails(failing.connect())).toMatchObject({
      code: "link-unreachable",
      message: "Cannot connect: the target function failed: no route today",
    });
    const empty = new RSocketClient(async function* (): AsyncGenerator<Link | Session> {}, world.options);
    expect(await world.fails(empty.connect())).toMatchObject({
      code: "link-unreachable",
      message: "Cannot connect: the target function gave no link",
    });
    const typed = new RSocketClient(() => {
      throw new UsageError("bad-argument", "mine");
    }, world.options);
    expect(await world.fails(typed.connect())).toMatchObject({ code: "bad-argument", message: "mine" });
  });

  it("gives up a function that never gives, and the link that it gives too late", async () => {
    const world = new World();
    let give: (value: Link | Session) => void = () => {};
    const client = new RSocketClient(async function* () {
      yield await new Promise<Link | Session>((resolve) => (give = resolve));
    }, world.options);
    const error = await world.fails(client.connect({ timeoutMs: 500 }));
    expect(error).toMatchObject({ code: "link-timeout", reason: "timeout" });
    expect((error as Error).message).toContain(
      "connecting to what the target function gives: it took longer than 500 ms",
    );
    give(await world.run(world.simulation.network.dial("server")));
    await world.advance(10);
    expect([client.state, world.server.sockets.size]).toEqual(["idle", 0]);
    expect(await world.close()).toEqual(NOTHING);
  });
});

describe("RSocketClient: who waits for a connection", () => {
  it("lets one give up and goes on for the others", async () => {
    const world = new World({ handler: echo, shape: { latencyMs: 100 } });
    const controller = new AbortController();
    const one = failureOf(world.client.requestResponse("one", { signal: controller.signal }));
    const two = world.client.requestResponse("two");
    const three = failureOf(world.client.connect({ timeoutMs: 50 }));
    await world.advance(60);
    controller.abort("not me");
    expect(await one).toBe("not me");
    expect(await three).toMatchObject({ code: "link-timeout" });
    expect(text(await world.run(two))).toBe("two");
    expect(await world.close()).toEqual(NOTHING);
  });

  it("ends the attempt when nobody waits any more", async () => {
    const world = new World({ handler: echo, shape: { latencyMs: 100 } });
    const error = await world.fails(world.client.connect({ timeoutMs: 50 }));
    expect((error as LinkError).message).toBe(
      "Cannot finish connecting to sim://server: it took longer than 50 ms; raise timeoutMs, or check the network",
    );
    expect(world.client.state).toBe("idle");
    expect(world.simulation.trace.lines.at(-1)).toContain("dial given up");
    expect(text(await world.run(world.client.requestResponse("again")))).toBe("again");
    expect(await world.close()).toEqual(NOTHING);
  });

  it("tries no further target, and watches nothing more", async () => {
    const dialled: string[] = [];
    const never = new Promise<Link>(() => {});
    const slow = {
      schemes: ["slow"],
      needs: { dial: [] },
      dial: (_: unknown, url: URL) => (dialled.push(url.href), never),
    };
    const world = new World();
    const client = new RSocketClient(["slow://a", "slow://b"], { ...world.options, transports: [slow] });
    expect(await world.fails(client.connect({ timeoutMs: 50 }))).toMatchObject({ code: "link-timeout" });
    await world.advance(10);
    expect([dialled, client.state]).toEqual([["slow://a"], "idle"]);
    let listeners = 0;
    const signal = {
      aborted: false,
      addEventListener: () => void listeners++,
      removeEventListener: () => void listeners--,
    } as unknown as AbortSignal;
    await world.run(world.client.connect({ signal, timeoutMs: 50_000 }));
    expect(listeners).toBe(0);
    await world.run(world.client.close());
    expect(await world.close()).toEqual(NOTHING);
  });

  it("counts connecting into the time of a request", async () => {
    const world = new World({
      handler: { requestResponse: () => new Promise<void>(() => {}) },
      shape: { latencyMs: 100 },
    });
    const error = await world.fails(world.client.requestResponse("x", { timeoutMs: 300 }));
    expect([world.simulation.clock.now(), (error as LinkError).message]).toEqual([
      300,
      expect.stringContaining("requestResponse"),
    ]);
    await world.close();
  });

  it("takes the time of the options where the call names none", async () => {
    const world = new World({ client: { timeoutMs: 50 }, shape: { latencyMs: 100 } });
    expect(await world.fails(world.client.connect())).toMatchObject({ code: "link-timeout" });
    await world.run(world.client.connect({ timeoutMs: 1_000 }));
    expect(await world.close()).toEqual(NOTHING);
  });

  it("does nothing for a signal that has aborted before", async () => {
    const world = new World();
    const signal = AbortSignal.abort("too late");
    expect(await world.fails(world.client.connect({ signal }))).toBe("too late");
    expect(await world.fails(world.client.requestResponse("x", { signal }))).toBe("too late");
    expect(await world.fails(world.client.fireAndForget("x", { signal }))).toBe("too late");
    expect(await world.fails(textsOf(world.client.requestStream("x", { signal })))).toBe("too late");
    expect(world.simulation.network.wires).toHaveLength(0);
  });
});

describe("RSocketClient: after the end", () => {
  it("ends an attempt that close() meets, and everybody hears it", async () => {
    const world = new World({ shape: { latencyMs: 100 } });
    const waiting = failureOf(world.client.requestResponse("x"));
    await world.advance(50);
    await world.run(world.client.close());
    expect(await waiting).toMatchObject({
      code: "not-connected",
      message: "Cannot connect: this client was closed; make a new one",
    });
    expect([world.client.state, await world.client.closed]).toEqual([
      "closed",
      { code: "closed", reason: "closed by this side" },
    ]);
    await world.advance(500);
    expect(world.server.sockets.size).toBe(0);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("gives up what was made of a session that was slow to open its first stream", async () => {
    const world = new World({ kind: "session" });
    const session = (await world.run(world.simulation.network.dial("server"))) as Session;
    let open = () => {};
    let end: (error: Error) => void = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const ended = new Promise<never>((_, reject) => (end = reject));
    const slow: Session = {
      kind: "session",
      info: session.info,
      maxDatagramBytes: 0,
      start: (sink) => session.start(sink),
      open: () => Promise.race([gate.then(() => session.open()), ended]),
      sendDatagram: () => false,
      close(code, reason) {
        session.close(code, reason);
        end(new Error("the session was closed"));
      },
    };
    const client = new RSocketClient(async function* () {
      yield slow;
    }, world.options);
    const connecting = failureOf(client.connect());
    await world.advance(10);
    await world.run(client.close().then(open, open));
    expect([client.state, await connecting]).toMatchObject(["closed", { code: "not-connected" }]);
    await world.advance(5_000);
    expect(world.server.sockets.size).toBe(0);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("gives UsageError not-connected for every call on a closed client", async () => {
    for (const before of ["idle", "open"]) {
      const world = new World({ handler: echo });
      if (before === "open") await world.connect();
      const { client } = world;
      await world.run(client.close());
      await world.run(client.close());
      const calls = [
        () => client.connect(),
        () => client.requestResponse("x"),
        () => client.fireAndForget("x"),
        () => client.metadataPush("x"),
        () => textsOf(client.requestStream("x")),
        () => textsOf(client.requestChannel("x", ["y"])),
      ];
      for (const call of calls) {
        const error = await world.fails(call());
        expect(error).toBeInstanceOf(UsageError);
        expect((error as UsageError).code).toBe("not-connected");
      }
      if (before === "idle") expect(() => client.requester).toThrow("the client is closed");
      else expect(() => client.requester.fireAndForget(new Uint8Array(1))).toThrow("the connection is closed");
      expect(client.state).toBe("closed");
    }
  });

  it("is closed after a loss, until connect() makes a new connection", async () => {
    const world = await connected(echo);
    const { client } = world;
    const first = client.closed;
    world.simulation.network.wire.cut();
    await world.advance(10);
    expect([client.state, (await first).code]).toEqual(["closed", "link-reset"]);
    for (const call of [() => client.requestResponse("x"), () => textsOf(client.requestStream("x"))]) {
      const error = (await world.fails(call())) as UsageError;
      expect([error.code, (error.cause as LinkError).code]).toEqual(["not-connected", "link-reset"]);
      expect(error.message).toContain("The connection was cut");
    }
    const again = world.run(client.connect());
    await world.simulation.settle();
    await again;
    expect([client.state, text(await world.run(client.requestResponse("back")))]).toEqual(["open", "back"]);
    expect(client.closed === first).toBe(false);
    await world.run(client.close());
    expect((await client.closed).error).toBeUndefined();
    expect(await world.close()).toEqual(NOTHING);
  });

  it("waits for the new connection with calls that come while it is made", async () => {
    const world = await connected(echo);
    world.simulation.network.wire.cut();
    await world.advance(10);
    const connecting = world.client.connect();
    const answer = world.client.requestResponse("x").then(text);
    const items = failureOf(textsOf(world.client.requestStream("y")));
    await world.run(connecting);
    expect(await world.run(answer)).toBe("x");
    expect(await world.run(items)).toMatchObject({ code: "rejected" });
    expect(await world.close()).toEqual(NOTHING);
  });

  it("can connect again after an attempt that failed", async () => {
    const world = new World({ handler: echo });
    const client = new RSocketClient("sim://late", world.options);
    expect(await world.fails(client.connect())).toBeInstanceOf(LinkError);
    expect(client.state).toBe("idle");
    await world.server.listen("sim://late");
    expect(text(await world.run(client.requestResponse("x")))).toBe("x");
    await world.run(client.close());
    expect(await world.close()).toEqual(NOTHING);
  });
});
