// The places of concurrent requests, and handlers that outlive them.
import { describe, expect, it } from "#test";
import { connected, failureOf, NOTHING, textOf, textsOf } from "../../conformance/seeds/world.ts";
import type { HeadraceError } from "../contract/errors.ts";
import type { Subscription } from "./rsocket.ts";

const limits = { server: { limits: { maxConcurrentStreams: 2 } } };
const rejected = { code: "rejected", message: "The peer answered ERROR[REJECTED]: too many concurrent streams" };

/** Promises that the test settles by name. */
function gates() {
  const open = new Map<string, (value: string) => void>();
  const wait = (name: string) => new Promise<string>((resolve) => open.set(name, resolve));
  return { wait, open: (name: string) => open.get(name)!(`${name} done`) };
}

describe("the limit of concurrent streams", () => {
  it("refuses what is over it, until one has ended", async () => {
    const { wait, open } = gates();
    const world = await connected({ requestResponse: (payload) => wait(textOf(payload)) }, limits);
    const [a, b] = ["a", "b"].map((name) => world.client.requestResponse(name).then(textOf));
    expect(await world.fails(world.client.requestResponse("c"))).toMatchObject(rejected);
    open("a");
    expect(await world.run(a!)).toBe("a done");
    const d = world.client.requestResponse("d").then(textOf);
    expect(await world.fails(world.client.requestResponse("e"))).toMatchObject(rejected);
    open("b");
    open("d");
    expect(await world.run(Promise.all([b, d]))).toEqual(["b done", "d done"]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("keeps the place of a canceled request until its handler has ended", async () => {
    const { wait, open } = gates();
    const world = await connected({ requestResponse: (payload) => wait(textOf(payload)) }, limits);
    for (const name of ["a", "b"]) {
      expect(await world.fails(world.client.requestResponse(name, { timeoutMs: 10 }))).toMatchObject({
        code: "link-timeout",
      });
    }
    await world.advance(10);
    expect(await world.fails(world.client.requestResponse("c"))).toMatchObject(rejected);
    open("a");
    await world.advance(1);
    const d = world.client.requestResponse("d").then(textOf);
    await world.advance(10);
    open("d");
    expect(await world.run(d)).toBe("d done");
    open("b");
    await world.advance(1);
    const both = ["e", "f"].map((name) => world.client.requestResponse(name).then(textOf));
    await world.advance(10);
    for (const name of ["e", "f"]) open(name);
    expect(await world.run(Promise.all(both))).toEqual(["e done", "f done"]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("keeps the place of a handler that fails after it was canceled, and tells nobody", async () => {
    const told: HeadraceError[] = [];
    const { wait, open } = gates();
    const world = await connected({
      requestResponse: async (payload) => {
        throw new Error(await wait(textOf(payload)));
      },
      onError: (error) => void told.push(error),
    }, limits);
    await world.fails(world.client.requestResponse("a", { timeoutMs: 10 }));
    await world.advance(10);
    open("a");
    await world.advance(10);
    expect(told).toEqual([]);
    const failing = ["b", "c"].map((name) => failureOf(world.client.requestResponse(name)));
    await world.advance(10);
    for (const name of ["b", "c"]) open(name);
    expect(await world.run(Promise.all(failing))).toMatchObject([{ code: "application-error" }, {
      code: "application-error",
    }]);
    expect(told).toHaveLength(2);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("counts a stream until its source has ended, and a fire-and-forget not at all", async () => {
    const { wait, open } = gates();
    const world = await connected({
      fireAndForget: async (payload) => void await wait(textOf(payload)),
      async *requestStream(payload) {
        try {
          yield "first";
          yield "second";
        } finally {
          await wait(textOf(payload));
        }
      },
    }, limits);
    await world.run(world.client.fireAndForget("f"));
    const iterator = world.client.requestStream("s", { prefetch: 1 })[Symbol.asyncIterator]();
    await world.run(iterator.next());
    await world.run(iterator.return!());
    await world.advance(10);
    const next = world.client.requestStream("t", { prefetch: 1 })[Symbol.asyncIterator]();
    expect((await world.run(next.next())).done).toBe(false);
    expect(await world.fails(textsOf(world.client.requestStream("x")))).toMatchObject(rejected);
    open("s");
    await world.advance(1);
    const last = world.client.requestStream("u", { prefetch: 1 })[Symbol.asyncIterator]();
    expect((await world.run(last.next())).done).toBe(false);
    for (const each of [next, last]) await world.run(each.return!());
    await world.advance(10);
    for (const name of ["t", "u"]) open(name);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("counts a handler that answers only after its stream was canceled, and ends its source", async () => {
    const { wait, open } = gates();
    const ended: string[] = [];
    const source = (name: string) => ({
      [Symbol.iterator]: () => ({
        next: () => ({ value: "x", done: false as const }),
        return: () => ({ value: ended.push(name), done: true as const }),
      }),
    });
    const world = await connected({
      requestStream: async (payload) => source(await wait(textOf(payload))),
      requestChannel: async (first) => void await wait(textOf(first)),
    }, limits);
    const controller = new AbortController();
    const { signal } = controller;
    const one = failureOf(textsOf(world.client.requestStream("s", { signal })));
    const two = failureOf(textsOf(world.client.requestChannel("c", ["y"], { signal })));
    await world.advance(10);
    controller.abort("stop");
    expect([await one, await two]).toEqual(["stop", "stop"]);
    await world.advance(10);
    expect(await world.fails(textsOf(world.client.requestStream("x")))).toMatchObject(rejected);
    open("s");
    open("c");
    await world.advance(10);
    expect(ended).toEqual(["s done"]);
    const again = failureOf(textsOf(world.client.requestStream("again", { timeoutMs: 10 })));
    expect(await world.run(again)).toMatchObject({ code: "link-timeout" });
    expect(await world.close()).toEqual(NOTHING);
  });

  it("gives the place back at once where the answer came before the cancel", async () => {
    const world = await connected({ requestResponse: () => "x" }, { server: { limits: { maxConcurrentStreams: 1 } } });
    for (let n = 0; n < 5; n++) {
      const controller = new AbortController();
      const call = world.client.requestResponse("x", { signal: controller.signal });
      await world.advance(1); // the answer is under way
      controller.abort();
      await failureOf(call);
      await world.advance(10);
    }
    expect(textOf(await world.run(world.client.requestResponse("x")))).toBe("x");
    expect(await world.close()).toEqual(NOTHING);
  });
});

describe("a handler that takes its time", () => {
  it("loses nothing of the demand that comes meanwhile", async () => {
    const { wait, open } = gates();
    const world = await connected({ requestStream: async () => [await wait("x"), "2", "3", "4"] });
    const heard: string[] = [];
    let subscription: Subscription | undefined;
    world.client.requestStream("").subscribe({
      onSubscribe: (given) => (subscription = given).request(1),
      onNext: (item) => void heard.push(textOf(item)),
      onError() {},
      onComplete() {},
    });
    await world.advance(10);
    subscription?.request(2);
    await world.advance(10);
    open("x");
    await world.advance(10);
    expect(heard).toEqual(["x done", "2", "3"]);
    expect(await world.close()).toEqual(NOTHING);
  });
});

describe("the signal of a request", () => {
  it("is one signal, made when somebody looks, that tells of cancel and loss, even when asked for late", async () => {
    for (const how of ["cancel", "loss"]) {
      const signals: AbortSignal[] = [];
      let look = () => {};
      const world = await connected({
        requestStream(_, cx) {
          signals.push(cx.signal, cx.signal);
          return { subscribe: (to) => to.onSubscribe({ request() {}, cancel() {} }) };
        },
        requestResponse(_, cx) {
          look = () => void signals.push(cx.signal);
          return new Promise(() => {});
        },
      });
      const controller = new AbortController();
      const { signal } = controller;
      const calls = [
        failureOf(textsOf(world.client.requestStream("", { signal }))),
        failureOf(world.client.requestResponse("", { signal })),
      ];
      await world.advance(10);
      expect(signals.map((each) => each.aborted)).toEqual([false, false]);
      expect(signals[0] === signals[1]).toBe(true);
      if (how === "cancel") controller.abort("x");
      else world.simulation.network.wire.cut();
      await world.advance(10);
      look();
      await world.run(Promise.all(calls));
      const code = how === "cancel" ? "canceled" : "link-reset";
      expect(signals.map(({ aborted, reason }) => [aborted, (reason as HeadraceError).code])).toEqual(
        Array.from({ length: 3 }, () => [true, code]),
      );
      expect(await world.close()).toEqual(NOTHING);
    }
  });

  it("does not abort for a request that was answered", async () => {
    let signal: AbortSignal | undefined;
    const world = await connected({
      requestResponse(_, cx) {
        ({ signal } = cx);
        return "x";
      },
    });
    await world.run(world.client.requestResponse(""));
    world.simulation.network.wire.cut();
    await world.advance(10);
    expect(signal?.aborted).toBe(false);
    expect(await world.close()).toEqual(NOTHING);
  });
});
