// Callbacks of the application that throw, everywhere they can: nothing escapes, the stream they belong to ends, the
// connection goes on, and handler.onError hears of it.
import { describe, expect, it } from "#test";
import { connected, failureOf, NOTHING, textOf, textsOf, World } from "../../conformance/seeds/world.ts";
import type { HeadraceError } from "../contract/errors.ts";
import type { Payload, PayloadSink, PayloadStream, RequestHandler, Subscriber } from "./rsocket.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** A function that throws an error of this name. */
function thrower(name: string): () => never {
  return () => {
    throw new Error(name);
  };
}

/** A handler that works, and what both sides' onError hear. */
async function listening(handler: RequestHandler = {}) {
  const told: string[] = [];
  const hear = (side: string) => (error: HeadraceError) => {
    told.push(`${side} ${error.code} ${(error.cause as Error).message}`);
  };
  const serving: RequestHandler = {
    requestResponse: (payload) => payload,
    requestStream: () => ["a", "b", "c"],
    async *requestChannel(_, rest) {
      yield "a";
      yield* rest;
    },
    ...handler,
    onError: hear("server"),
  };
  const world = await connected(serving, { client: { handler: { onError: hear("client") } } });
  const works = async () => {
    expect(textOf(await world.run(world.client.requestResponse("still here")))).toBe("still here");
    expect(await world.close()).toEqual(NOTHING);
  };
  return { world, told, works };
}

function subscribe(stream: PayloadStream, faulty: Partial<Subscriber<Payload>>): string[] {
  const heard: string[] = [];
  stream.subscribe({
    onSubscribe: (subscription) => subscription.request(10),
    onNext: (item) => void heard.push(textOf(item)),
    onError: () => void heard.push("error"),
    onComplete: () => void heard.push("complete"),
    ...faulty,
  });
  return heard;
}

describe("a callback that throws", () => {
  it("onNext of a subscriber: the stream is cancelled, its sources are ended, nothing more is heard", async () => {
    const { world, told, works } = await listening();
    const heard = subscribe(world.client.requestStream(""), { onNext: thrower("onNext") });
    const notes: string[] = [];
    const rest = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ value: "x", done: false }),
        return: async () => ({ value: notes.push("ended"), done: true as const }),
      }),
    };
    const more = subscribe(world.client.requestChannel("", rest), { onNext: thrower("channel") });
    await world.advance(10);
    expect([heard, more, notes]).toEqual([[], [], ["ended"]]);
    expect(told).toEqual(["client callback-threw onNext", "client callback-threw channel"]);
    await works();
  });

  it("onComplete and onError of a subscriber", async () => {
    const { world, told, works } = await listening({ requestChannel: thrower("handler") });
    const heard = subscribe(world.client.requestStream(""), { onComplete: thrower("onComplete") });
    const empty = subscribe(world.client.requestChannel(""), { onError: thrower("onError") });
    await world.advance(10);
    expect([heard, empty]).toEqual([["a", "b", "c"], []]);
    expect(told.toSorted()).toEqual([
      "client callback-threw onComplete",
      "client callback-threw onError",
      "server callback-threw handler",
    ]);
    await works();
  });

  it("onError of a subscriber while there is no connection", async () => {
    const world = new World();
    await world.run(world.client.close());
    const heard = subscribe(world.client.requestStream(""), { onError: thrower("nobody hears") });
    await world.advance(10);
    expect(heard).toEqual([]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("onNext of a channel's subscriber on the server: only the requester's items are cancelled", async () => {
    const faulty: Subscriber<Payload> = {
      onSubscribe: (subscription) => subscription.request(5),
      onNext: thrower("onNext"),
      onError() {},
      onComplete() {},
    };
    let give = () => {};
    const answers = new Promise<string>((resolve) => (give = () => resolve("late")));
    const publisher = {
      subscribe: (to: Subscriber<Promise<string> | string>) => {
        to.onSubscribe({ request: () => void answers.then((item) => (to.onNext(item), to.onComplete())), cancel() {} });
      },
    };
    const { world, told, works } = await listening({ requestChannel: () => [publisher as never, faulty] });
    const items = textsOf(world.client.requestChannel("", ["x", "y"]));
    await world.advance(10);
    give();
    expect(await world.run(items)).toEqual(["late"]);
    expect(world.frames()).toContain("< 1 CANCEL");
    expect(told).toEqual(["server callback-threw onNext"]);
    await works();
  });

  it("onSubscribe of a subscriber is the caller's own, on the server it is the handler's", async () => {
    const { world, told, works } = await listening({
      requestChannel: () => [null, { onSubscribe: thrower("onSubscribe"), onNext() {}, onError() {}, onComplete() {} }],
    });
    expect(() => subscribe(world.client.requestStream(""), { onSubscribe: thrower("mine") })).toThrow("mine");
    expect(await world.fails(textsOf(world.client.requestChannel("", ["x"])))).toMatchObject({
      code: "application-error",
    });
    expect(told).toEqual(["server callback-threw onSubscribe"]);
    await works();
  });

  it("every method of a sink at the callback level, on the client", async () => {
    const { world, told, works } = await listening({
      requestChannel: (first) => textOf(first) === "x" ? ["1"] : undefined,
    });
    const { requester } = world.client;
    const quiet: PayloadSink = { next() {}, complete() {}, error() {} };
    const refused = world.client.requester.requestStream.bind(requester);
    requester.requestResponse(utf8(""), undefined, { ...quiet, next: thrower("next") });
    refused(utf8(""), undefined, 9, { ...quiet, next: thrower("stream next") });
    requester.requestChannel(utf8(""), undefined, 9, { ...quiet, complete: thrower("complete") });
    requester.requestChannel(utf8(""), undefined, 9, { ...quiet, cancel: thrower("cancel") });
    await world.advance(10);
    expect(told.toSorted()).toEqual(
      ["cancel", "complete", "next", "stream next"].map((name) => `client callback-threw ${name}`),
    );
    await works();
  });

  it("every callback at the callback level, on the server: the peer is told", async () => {
    const quiet: PayloadSink = { next() {}, complete() {}, error() {} };
    const sinks: Record<string, PayloadSink> = {
      requestN: { ...quiet, requestN: thrower("requestN") },
      cancel: { ...quiet, cancel: thrower("cancel") },
      next: { ...quiet, next: thrower("next") },
    };
    const { world, told, works } = await listening({
      callbacks: {
        fireAndForget: thrower("fnf"),
        requestStream: (request) => sinks[new TextDecoder().decode(request.data)] ?? thrower("stream")(),
        requestChannel(request, requester) {
          requester.requestN(request.id, 1);
          return sinks["next"];
        },
      },
    });
    const { client } = world;
    client.requester.fireAndForget(utf8(""));
    expect(await world.fails(textsOf(client.requestStream("")))).toMatchObject({ code: "application-error" });
    const errors: string[] = [];
    const sink: PayloadSink = { ...quiet, error: (error) => void errors.push((error as HeadraceError).code) };
    const one = client.requester.requestStream(utf8("requestN"), undefined, 1, sink);
    const two = client.requester.requestStream(utf8("cancel"), undefined, 1, sink);
    const failed = failureOf(textsOf(client.requestChannel("", ["x"])));
    await world.advance(10);
    client.requester.requestN(one, 1);
    client.requester.cancel(two);
    await world.advance(10);
    expect([await failed, errors]).toMatchObject([{ code: "application-error" }, ["application-error"]]);
    expect(told.toSorted()).toEqual(
      ["cancel", "fnf", "next", "requestN", "stream"].map((name) => `server callback-threw ${name}`),
    );
    await works();
  });

  it("onWritable: the others who wait are told all the same", async () => {
    const told: string[] = [];
    const world = await connected({}, {
      shape: { windowBytes: 100, highWaterBytes: 100 },
      client: { handler: { onError: (error) => void told.push((error.cause as Error).message) } },
    });
    const { requester } = world.client;
    requester.fireAndForget(new Uint8Array(20_000));
    requester.onWritable(thrower("first"));
    requester.onWritable(() => void told.push("second"));
    await world.advance(1_000);
    expect(told).toEqual(["first", "second"]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("onError, onKeepaliveTimeout and onConnectionLost themselves", async () => {
    const told: string[] = [];
    const world = await connected({}, {
      client: {
        setup: { keepAliveMs: 100, lifetimeMs: 300 },
        handler: {
          onKeepaliveTimeout: thrower("timeout"),
          onConnectionLost: thrower("lost"),
          onError(error) {
            told.push((error.cause as Error).message);
            throw new Error("onError");
          },
        },
      },
    });
    world.simulation.network.wire.stall(Infinity, "down");
    expect(await world.run(world.client.closed)).toMatchObject({ code: "keepalive-timeout" });
    expect(told).toEqual(["timeout", "lost"]);
    world.simulation.network.wire.heal();
    expect(await world.close()).toEqual(NOTHING);
  });

  it("a thenable whose then throws", async () => {
    const evil = {} as never;
    Reflect.set(evil, "then", thrower("then"));
    const { world, told, works } = await listening({ requestStream: () => evil, fireAndForget: () => evil });
    expect(await world.fails(textsOf(world.client.requestStream("")))).toMatchObject({ code: "application-error" });
    await world.run(world.client.fireAndForget(""));
    await world.advance(10);
    expect(told).toEqual(["server callback-threw then", "server callback-threw then"]);
    await works();
  });
});
