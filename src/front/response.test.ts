// Requests with one answer or none: request-response, fire-and-forget, metadata push; their signal, their time, and
// what the handler does about them.
import { describe, expect, it } from "#test";
import { connected, failureOf, NOTHING, textOf, textsOf, World } from "../../conformance/seeds/world.ts";
import type { LinkError, RemoteError } from "../contract/errors.ts";
import { NO_PAYLOAD, type PayloadInit, type RequestContext, type RequestHandler, RSocketError } from "./rsocket.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

describe("requestResponse", () => {
  it("carries every way to write a payload, both ways", async () => {
    const world = await connected({ requestResponse: (payload) => payload });
    const cases: [PayloadInit, object][] = [
      ["text", { data: utf8("text") }],
      [utf8("bytes"), { data: utf8("bytes") }],
      [{ data: "d", metadata: "m" }, { data: utf8("d"), metadata: utf8("m") }],
      [{ metadata: utf8("m") }, { data: utf8(""), metadata: utf8("m") }],
      [{ data: "d", metadata: "" }, { data: utf8("d"), metadata: utf8("") }],
      [{}, { data: utf8("") }],
      ["é".repeat(100_000), { data: utf8("é".repeat(100_000)) }],
    ];
    for (const [init, payload] of cases) {
      expect(await world.run(world.client.requestResponse(init))).toEqual(payload);
    }
    expect(await world.close()).toEqual(NOTHING);
  });

  it("gives payloads of its own, not views of the link's memory", async () => {
    const world = await connected({ requestResponse: (payload) => payload });
    const [one, two] = await world.run(
      Promise.all([world.client.requestResponse("first"), world.client.requestResponse({ metadata: "second" })]),
    );
    await world.run(world.client.requestResponse("third"));
    expect([textOf(one), new TextDecoder().decode(two.metadata)]).toEqual(["first", "second"]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("resolves to NO_PAYLOAD when the handler answers nothing", async () => {
    const world = await connected({ requestResponse: () => {} });
    expect((await world.run(world.client.requestResponse("x"))) === NO_PAYLOAD).toBe(true);
    expect(NO_PAYLOAD).toEqual({ data: new Uint8Array(0) });
    expect(await world.close()).toEqual(NOTHING);
  });

  it("rejects with what the peer may hear of an error, and no more", async () => {
    const told: unknown[] = [];
    const errors: Record<string, Error> = {
      plain: new Error("the secret"),
      public: new RSocketError(0x301, "quota used up"),
      invalid: new RSocketError(0x204, "no such item"),
    };
    const world = await connected({
      requestResponse: (payload) => {
        throw errors[textOf(payload)]!;
      },
      onError: (error) => void told.push(error.code, error.cause === errors["plain"]),
    });
    const hear = async (name: string) => {
      const error = (await world.fails(world.client.requestResponse(name))) as RemoteError;
      return [error.name, error.code, error.rsocketCode, error.message];
    };
    expect(await hear("plain")).toEqual([
      "RemoteError",
      "application-error",
      0x201,
      "The peer answered ERROR[APPLICATION_ERROR]: the handler failed",
    ]);
    expect(await hear("public")).toEqual([
      "RemoteError",
      "application-code",
      0x301,
      "The peer answered ERROR[0x301]: quota used up",
    ]);
    expect((await hear("invalid")).slice(1, 3)).toEqual(["invalid", 0x204]);
    expect(told).toEqual(["callback-threw", true]);
    for (const code of [0, 0x200, 0x205, 0x300, 0xffff_ffff, 1.5, Number.NaN]) {
      expect(() => new RSocketError(code, "x")).toThrow("Cannot use error code");
    }
    expect(await world.close()).toEqual(NOTHING);
  });

  it("fails when the handler's promise rejects, and when its answer is no payload", async () => {
    const told: string[] = [];
    const answers = [Promise.reject(new Error("later")), 5, { data: 7 }, { data: "x", metadata: [] }];
    answers.forEach((answer) => void Promise.resolve(answer).catch(() => {}));
    const world = await connected({
      requestResponse: () => answers.shift() as Promise<PayloadInit>,
      onError: (error) => void told.push(error.code),
    });
    for (let left = answers.length; left > 0; left--) {
      expect(await world.fails(world.client.requestResponse("x"))).toMatchObject({ code: "application-error" });
    }
    expect(told).toEqual(["callback-threw", "bad-argument", "bad-argument", "bad-argument"]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("is refused where the handler has no method for it, for every interaction", async () => {
    const world = await connected({});
    const { client } = world;
    const calls = [
      () => client.requestResponse("x"),
      () => textsOf(client.requestStream("x")),
      () => textsOf(client.requestChannel("x", ["y"])),
    ];
    for (const call of calls) {
      const error = (await world.fails(call())) as RemoteError;
      expect([error.code, error.rsocketCode, error.message]).toEqual([
        "rejected",
        0x202,
        expect.stringMatching(/no handler for request-(response|stream|channel)$/),
      ]);
    }
    await world.run(client.fireAndForget("x"));
    await world.run(client.metadataPush("x"));
    await world.advance(10);
    expect(client.state).toBe("open");
    expect(await world.close()).toEqual(NOTHING);
  });

  it("refuses an argument that is no payload where it is given", async () => {
    const world = await connected({});
    for (const bad of [undefined, null, 5, { data: 5 }, { metadata: {} }]) {
      const calls = [
        () => world.client.requestResponse(bad as never),
        () => world.client.fireAndForget(bad as never),
      ];
      for (const call of calls) expect(await world.fails(call())).toMatchObject({ code: "bad-argument" });
      expect(() => world.client.requestStream(bad as never)).toThrow("Cannot send");
    }
    expect(await world.fails(world.client.metadataPush({} as never))).toMatchObject({ code: "bad-argument" });
    expect(world.frames()).toEqual([]);
    expect(await world.close()).toEqual(NOTHING);
  });
});

describe("the end of a call", () => {
  const slow: RequestHandler = { requestResponse: () => new Promise(() => {}) };

  it("comes with the signal: CANCEL on the wire, and signal.reason", async () => {
    let seen: AbortSignal | undefined;
    const world = await connected({
      requestResponse: (_, cx) => {
        seen = cx.signal;
        return new Promise(() => {});
      },
    });
    const controller = new AbortController();
    const call = failureOf(world.client.requestResponse("x", { signal: controller.signal, timeoutMs: 5_000 }));
    await world.advance(50);
    expect(seen?.aborted).toBe(false);
    const reason = new Error("changed my mind");
    controller.abort(reason);
    expect((await call) === reason).toBe(true);
    await world.advance(50);
    expect(world.frames()).toEqual(["> 1 REQUEST_RESPONSE x", "> 1 CANCEL"]);
    expect([seen?.aborted, seen?.reason]).toEqual([true, expect.objectContaining({ code: "canceled" })]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("sends nothing when the signal has aborted before", async () => {
    const world = await connected(slow);
    const signal = AbortSignal.abort("no");
    for (
      const call of [
        () => world.client.requestResponse("x", { signal }),
        () => world.client.fireAndForget("x", { signal }),
        () => world.client.metadataPush("x", { signal }),
        () => textsOf(world.client.requestStream("x", { signal })),
        () => textsOf(world.client.requestChannel("x", ["y"], { signal })),
      ]
    ) expect(await world.fails(call())).toBe("no");
    expect(world.frames()).toEqual([]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("comes with the time: CANCEL on the wire, and a LinkError", async () => {
    const world = await connected(slow);
    const start = world.simulation.clock.now();
    const error = (await world.fails(world.client.requestResponse("x", { timeoutMs: 700 }))) as LinkError;
    expect(world.simulation.clock.now() - start).toBe(700);
    expect([error.name, error.code, error.reason, error.message]).toEqual([
      "LinkError",
      "link-timeout",
      "timeout",
      "Cannot finish requestResponse: it took longer than 700 ms; raise timeoutMs, or check the network",
    ]);
    await world.advance(10);
    expect(world.frames()).toEqual(["> 1 REQUEST_RESPONSE x", "> 1 CANCEL"]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("leaves nothing behind when the answer comes first", async () => {
    const world = await connected({ requestResponse: () => "y" });
    const controller = new AbortController();
    let listeners = 0;
    const signal = {
      aborted: false,
      addEventListener: () => void listeners++,
      removeEventListener: () => void listeners--,
    } as unknown as AbortSignal;
    const before = world.simulation.clock.pending;
    await world.run(world.client.requestResponse("x", { signal, timeoutMs: 700 }));
    expect([listeners, world.simulation.clock.pending]).toEqual([0, before]);
    await world.run(world.client.requestResponse("x", { signal: controller.signal, timeoutMs: Infinity }));
    controller.abort();
    await world.advance(1_000);
    expect(world.frames().filter((line) => line.includes("CANCEL"))).toEqual([]);
    expect(await world.close()).toEqual(NOTHING);
  });
});

describe("fireAndForget and metadataPush", () => {
  it("resolve at once, and reach the handler", async () => {
    const seen: string[] = [];
    const kept: Uint8Array[] = [];
    const world = await connected({
      fireAndForget(payload, cx) {
        kept.push(payload.data);
        seen.push(`${textOf(payload)} ${cx.signal.aborted}`);
      },
      onMetadataPush(metadata, cx) {
        kept.push(metadata);
        seen.push(`${new TextDecoder().decode(metadata)} ${cx.signal.aborted}`);
      },
    });
    const now = world.simulation.clock.now();
    await world.run(Promise.all([world.client.fireAndForget("one"), world.client.metadataPush("two")]));
    expect(world.simulation.clock.now()).toBe(now);
    await world.advance(10);
    expect(seen).toEqual(["one false", "two false"]);
    expect(kept).toEqual([utf8("one"), utf8("two")]); // their own, not the link's
    expect(await world.close()).toEqual(NOTHING);
  });

  it("wait for a link that is full, until it takes more or is lost", async () => {
    for (const lost of [false, true]) {
      const world = await connected({}, { shape: { windowBytes: 1_000, highWaterBytes: 1_000 } });
      world.simulation.network.wire.stall(Infinity);
      let settled = 0;
      const calls = [world.client.fireAndForget("x".repeat(50_000)), world.client.metadataPush("y")];
      const results = calls.map((call) => call.then(() => settled++, (error: LinkError) => error.code));
      await world.advance(1_000);
      expect(settled).toBe(0);
      if (lost) world.simulation.network.wire.cut();
      else world.simulation.network.wire.heal();
      expect(await world.run(Promise.all(results))).toEqual(lost ? ["link-reset", "link-reset"] : [0, 1]);
      expect(await world.close()).toEqual(NOTHING);
    }
  });

  it("end their waiting with signal and time", async () => {
    const world = await connected({}, { shape: { windowBytes: 1_000, highWaterBytes: 1_000 } });
    world.simulation.network.wire.stall(Infinity);
    const controller = new AbortController();
    const one = failureOf(world.client.fireAndForget("x".repeat(50_000), { signal: controller.signal }));
    const two = failureOf(world.client.metadataPush("x", { timeoutMs: 100 }));
    controller.abort("enough");
    expect([await one, ((await world.run(two)) as LinkError).code]).toEqual(["enough", "link-timeout"]);
    world.simulation.network.wire.heal();
    expect(await world.close()).toEqual(NOTHING);
  });

  it("tells onError of a handler that fails, now or later", async () => {
    const told: string[] = [];
    const world = await connected({
      fireAndForget: (payload) => {
        if (textOf(payload) === "now") throw new Error("now");
        return Promise.reject(new Error("later"));
      },
      onMetadataPush: (metadata) => {
        if (metadata.length === 3) throw new Error("push now");
        return Promise.reject(new Error("push later"));
      },
      onError: (error) => void told.push(`${error.code} ${(error.cause as Error).message}`),
    });
    for (const text of ["now", "later"]) {
      await world.run(world.client.fireAndForget(text));
      await world.run(world.client.metadataPush(text));
    }
    await world.advance(10);
    const names = ["now", "push now", "later", "push later"];
    expect(told.toSorted()).toEqual(names.map((name) => `callback-threw ${name}`).toSorted());
    expect(world.client.state).toBe("open");
    expect(await world.close()).toEqual(NOTHING);
  });

  it("abort their handlers' signals with the connection", async () => {
    const signals: AbortSignal[] = [];
    const contexts: RequestContext[] = [];
    const world = new World({
      handler: {
        onSetup: (_, cx) => void contexts.push(cx),
        fireAndForget: (_, cx) => void signals.push(cx.signal),
        onMetadataPush: (_, cx) => void signals.push(cx.signal),
      },
    });
    await world.connect();
    await world.run(Promise.all([world.client.fireAndForget("x"), world.client.metadataPush("y")]));
    await world.advance(10);
    expect(signals.map((signal) => signal.aborted)).toEqual([false, false]);
    world.simulation.network.wire.cut();
    await world.advance(10);
    expect(signals.map((signal) => (signal.reason as LinkError).code)).toEqual(["link-reset", "link-reset"]);
    await world.run(world.client.connect());
    await world.run(world.client.close());
    await world.advance(10);
    for (const { signal } of contexts) expect([signal.aborted, signal.reason]).toEqual([true, expect.any(Error)]);
    expect(await world.close()).toEqual(NOTHING);
  });
});
