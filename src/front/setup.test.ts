// SETUP at the API: onSetup, its result and its refusal, and what happens while it takes its time.
import { describe, expect, it } from "#test";
import { connected, failureOf, NOTHING, textOf, World } from "../../conformance/seeds/world.ts";
import type { RemoteError } from "../contract/errors.ts";
import { type RequestContext, RSocketError } from "./rsocket.ts";

describe("onSetup", () => {
  it("gives the principal of every later request", async () => {
    const seen: unknown[] = [];
    const note = (_: unknown, cx: RequestContext) => void seen.push(cx.principal);
    const world = new World({
      client: { setup: { payload: "let me in" } },
      handler: {
        onSetup: async (setup, cx) => {
          seen.push(cx.principal, cx.link.scheme, cx.setup === setup);
          await Promise.resolve();
          return `user of "${textOf(setup.payload)}"`;
        },
        requestResponse: (_, cx) => String(cx.principal),
        fireAndForget: note,
        onMetadataPush: note,
        requestStream: (_, cx) => [String(cx.principal)],
        requestChannel: (_, __, cx) => [String(cx.principal)],
      },
    });
    await world.connect();
    expect(seen).toEqual([undefined, "sim", true]);
    const user = 'user of "let me in"';
    expect(textOf(await world.run(world.client.requestResponse("")))).toBe(user);
    await world.run(world.client.fireAndForget(""));
    await world.run(world.client.metadataPush(""));
    for (const stream of [world.client.requestStream(""), world.client.requestChannel("")]) {
      await world.run((async () => {
        for await (const item of stream) expect(textOf(item)).toBe(user);
      })());
    }
    expect(seen.slice(3)).toEqual([user, user]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("refuses a client when it throws: REJECTED_SETUP, and every call hears of it", async () => {
    const told: unknown[] = [];
    const world = new World({
      handler: {
        onSetup: () => {
          throw new Error("the password is swordfish");
        },
        requestResponse: () => "never",
        onError: (error) => void told.push(error.code, (error.cause as Error).message),
        onConnectionLost: (_, info) => void told.push(info.code),
      },
    });
    const error = (await world.fails(world.client.requestResponse("x"))) as RemoteError;
    expect([error.code, error.rsocketCode, error.message]).toEqual([
      "rejected-setup",
      3,
      "The peer answered ERROR[REJECTED_SETUP]: setup rejected",
    ]);
    await world.advance(10);
    expect(told).toEqual(["callback-threw", "the password is swordfish", "rejected-setup"]);
    expect([world.client.state, world.server.sockets.size]).toEqual(["closed", 0]);
    expect(await world.client.closed).toMatchObject({ code: "rejected-setup" });
    expect(await world.close()).toEqual(NOTHING);
  });

  it("refuses with the text of an RSocketError, which is no fault", async () => {
    const told: unknown[] = [];
    const world = new World({
      handler: {
        onSetup: () => Promise.reject(new RSocketError(0x203, "no more seats")),
        onError: (error) => void told.push(error),
      },
    });
    const error = (await world.fails(world.client.requestResponse("x"))) as Error;
    expect([error.message, told]).toEqual(["The peer answered ERROR[REJECTED_SETUP]: no more seats", []]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("refuses when the function that makes the handler throws", async () => {
    const world = new World({
      handler: () => {
        throw new Error("no");
      },
    });
    expect(await world.fails(world.client.requestResponse("x"))).toMatchObject({ code: "rejected-setup" });
    expect(await world.close()).toEqual(NOTHING);
  });

  it("holds what was sent behind SETUP until it has answered", async () => {
    let answer: (value: unknown) => void = () => {};
    const handled: string[] = [];
    const world = new World({
      handler: {
        onSetup: () => new Promise((resolve) => (answer = resolve)),
        requestResponse: (payload, cx) => `${textOf(payload)} ${String(cx.principal)}`,
        fireAndForget: (payload) => void handled.push(textOf(payload)),
      },
    });
    const { client } = world;
    const answers = Promise.all([client.requestResponse("a"), client.requestResponse("b".repeat(200_000))]);
    const sent = client.fireAndForget("c");
    await world.advance(1_000);
    const { socket } = world;
    expect([handled, socket.state]).toEqual([[], "connecting"]);
    answer("me");
    await world.run(sent);
    const [a, b] = await world.run(answers);
    expect([textOf(a), textOf(b).length, handled]).toEqual(["a me", 200_003, ["c"]]);
    expect(socket.state).toBe("open");
    expect(await world.close()).toEqual(NOTHING);
  });

  it("gives up an onSetup that never answers", async () => {
    const world = new World({
      server: { limits: { setupTimeoutMs: 300 } },
      handler: { onSetup: () => new Promise(() => {}) },
    });
    const error = (await world.fails(world.client.requestResponse("x"))) as RemoteError;
    expect([error.code, error.message.includes("onSetup did not answer within 300 ms")]).toEqual([
      "rejected-setup",
      true,
    ]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("aborts its signal when the client is lost meanwhile, and does not come back to life", async () => {
    let signal: AbortSignal | undefined;
    let answer: (value: unknown) => void = () => {};
    const world = new World({
      handler: {
        onSetup: (_, cx) => {
          signal = cx.signal;
          return new Promise((resolve) => (answer = resolve));
        },
      },
    });
    await world.connect();
    const { socket } = world;
    expect(signal?.aborted).toBe(false);
    world.simulation.network.wire.cut();
    await world.advance(10);
    expect([signal?.aborted, signal?.reason]).toEqual([true, expect.objectContaining({ code: "link-reset" })]);
    answer("me");
    await world.advance(10);
    expect(socket.state).toBe("closed");
    expect(await world.close()).toEqual(NOTHING);
  });

  it("is not asked by a client, whose handler is there from the start", async () => {
    const asked: string[] = [];
    const world = await connected({}, {
      client: { handler: { onSetup: () => void asked.push("setup"), requestResponse: () => "here" } },
    });
    expect(textOf(await world.run(world.socket.requestResponse("")))).toBe("here");
    expect(asked).toEqual([]);
    const late = failureOf(world.client.requestResponse("x"));
    expect(await world.run(late)).toMatchObject({ code: "rejected" });
    expect(await world.close()).toEqual(NOTHING);
  });
});
