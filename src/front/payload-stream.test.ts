// A stream as its consumer sees it, and the demand that goes out on the wire for it.
import { describe, expect, it } from "#test";
import { connected, failureOf, NOTHING, textOf, textsOf, type World } from "../../conformance/seeds/world.ts";
import type { RemoteError, UsageError } from "../contract/errors.ts";
import { collect, type Payload, type PayloadStream, type Subscription } from "./rsocket.ts";

/** A handler that streams 0, 1, 2, … `count`, and notes how it ended. */
function counting(notes: string[] = []) {
  return {
    async *requestStream(payload: Payload) {
      try {
        const count = Number(textOf(payload));
        for (let n = 0; n < count; n++) yield String(n);
      } finally {
        notes.push("finally");
      }
    },
  };
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => String(n));
const demands = (world: World) => world.frames().filter((line) => line.startsWith("> ")).map((line) => line.slice(2));

describe("for await", () => {
  it("is cold: nothing is sent before the first pull", async () => {
    const world = await connected(counting());
    const stream = world.client.requestStream("3");
    const iterator = stream[Symbol.asyncIterator]();
    await world.advance(1_000);
    expect(world.frames()).toEqual([]);
    const first = await world.run(iterator.next());
    expect([first.done, textOf(first.value as Payload)]).toEqual([false, "0"]);
    expect(world.frames()[0]).toBe("> 1 REQUEST_STREAM n=256 3");
    expect(await world.run(iterator.return!())).toEqual({ value: undefined, done: true });
    expect(await world.run(iterator.next())).toEqual({ value: undefined, done: true });
    expect(await world.close()).toEqual(NOTHING);
  });

  it("asks for prefetch items, and for half of them again when half was taken", async () => {
    const world = await connected(counting());
    expect(await world.run(textsOf(world.client.requestStream("1000")))).toEqual(numbers(1_000));
    const refills = Array.from({ length: 7 }, () => "1 REQUEST_N n=128");
    expect(demands(world)).toEqual(["1 REQUEST_STREAM n=256 1000", ...refills]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("asks one by one with prefetch 1", async () => {
    const world = await connected(counting());
    expect(await world.run(textsOf(world.client.requestStream("3", { prefetch: 1 })))).toEqual(numbers(3));
    expect(demands(world)).toEqual(["1 REQUEST_STREAM n=1 3", ...Array(3).fill("1 REQUEST_N n=1")]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("begins with initialRequestN, and goes on to the prefetch", async () => {
    const world = await connected(counting());
    const few = world.client.requestStream("20", { initialRequestN: 2, prefetch: 8 });
    expect(await world.run(textsOf(few))).toEqual(numbers(20));
    const sums = demands(world).map((line) => Number(/n=(\d+)/.exec(line)![1]));
    expect(sums.slice(0, 3)).toEqual([2, 7, 4]);
    const many = world.client.requestStream("20", { initialRequestN: 100, prefetch: 8 });
    expect(await world.run(textsOf(many))).toEqual(numbers(20));
    expect(demands(world)[0]).toBe("3 REQUEST_STREAM n=100 20");
    expect(await world.close()).toEqual(NOTHING);
  });

  it("holds no more than the prefetch while nobody pulls", async () => {
    const world = await connected(counting());
    const iterator = world.client.requestStream("100000", { prefetch: 16 })[Symbol.asyncIterator]();
    await world.run(iterator.next());
    await world.advance(1_000);
    const items = world.frames().filter((line) => line.startsWith("< 1 PAYLOAD"));
    expect(items).toHaveLength(16);
    const pulled: string[] = [];
    for (let n = 0; n < 15; n++) pulled.push(textOf((await world.run(iterator.next())).value as Payload));
    expect(pulled).toEqual(numbers(16).slice(1));
    await world.run(iterator.return!());
    expect(await world.close()).toEqual(NOTHING);
  });

  it("cancels with break, and the handler's finally runs", async () => {
    const notes: string[] = [];
    const world = await connected(counting(notes));
    const taken: string[] = [];
    await world.run((async () => {
      for await (const item of world.client.requestStream("100000", { prefetch: 4 })) {
        taken.push(textOf(item));
        if (taken.length === 3) break;
      }
    })());
    await world.advance(10);
    expect([taken, notes]).toEqual([numbers(3), ["finally"]]);
    expect(demands(world).at(-1)).toBe("1 CANCEL");
    expect(await world.close()).toEqual(NOTHING);
  });

  it("sends no CANCEL for a stream that is over", async () => {
    const world = await connected(counting());
    const iterator = world.client.requestStream("2")[Symbol.asyncIterator]();
    await world.run(iterator.next());
    await world.advance(10);
    await world.run(iterator.return!());
    expect(world.frames().filter((line) => line.includes("CANCEL"))).toEqual([]);
    const never = world.client.requestStream("2")[Symbol.asyncIterator]();
    await world.run(never.return!());
    expect(await world.run(never.next())).toEqual({ value: undefined, done: true });
    expect(world.frames()).toEqual([]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("rejects once with the error, after the items before it, and is done then", async () => {
    const world = await connected({
      *requestStream() {
        yield "a";
        throw new Error("x");
      },
    });
    const iterator = world.client.requestStream("")[Symbol.asyncIterator]();
    expect(textOf((await world.run(iterator.next())).value as Payload)).toBe("a");
    await world.advance(10);
    expect(await world.fails(iterator.next())).toMatchObject({ code: "application-error" });
    expect(await world.run(iterator.next())).toEqual({ value: undefined, done: true });
    expect(await world.close()).toEqual(NOTHING);
  });

  it("answers pulls that were made at once, in order", async () => {
    const world = await connected(counting());
    const iterator = world.client.requestStream("2")[Symbol.asyncIterator]();
    const results = await world.run(Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.next()]));
    expect(results.map(({ value, done }) => (value ? textOf(value) : done))).toEqual(["0", "1", true, true]);
    const failing = world.client.requestStream("x", { prefetch: 0 })[Symbol.asyncIterator]();
    const [one, two] = [failureOf(failing.next()), failing.next()];
    expect(await world.run(one)).toMatchObject({ code: "bad-argument" });
    expect(await world.run(two)).toEqual({ value: undefined, done: true });
    const left = world.client.requestStream("100000")[Symbol.asyncIterator]();
    const pending = left.next();
    await world.run(left.return!());
    expect(await world.run(pending)).toEqual({ value: undefined, done: true });
    expect(await world.close()).toEqual(NOTHING);
  });

  it("ends with signal and time like a call", async () => {
    const world = await connected({ requestStream: () => ({ subscribe: (s) => s.onSubscribe(quiet) }) });
    const controller = new AbortController();
    const one = failureOf(textsOf(world.client.requestStream("x", { signal: controller.signal })));
    await world.advance(10);
    controller.abort("stop");
    expect(await one).toBe("stop");
    const error = await world.fails(textsOf(world.client.requestStream("x", { timeoutMs: 50 })));
    expect(error).toMatchObject({ code: "link-timeout" });
    await world.advance(10);
    expect(world.frames().filter((line) => line.includes("CANCEL"))).toEqual(["> 1 CANCEL", "> 3 CANCEL"]);
    const done = world.client.requestStream("x", { timeoutMs: 50, signal: new AbortController().signal });
    const pulling = done[Symbol.asyncIterator]();
    const pending = pulling.next();
    await world.run(pulling.return!());
    await pending;
    expect(await world.close()).toEqual(NOTHING);
  });
});

const quiet: Subscription = { request() {}, cancel() {} };

describe("single use", () => {
  it("gives UsageError already-used to a second consumer, of any kind", async () => {
    const world = await connected(counting());
    const uses: ((stream: PayloadStream) => unknown)[] = [
      (stream) => stream[Symbol.asyncIterator](),
      (stream) => stream.subscribe({ onSubscribe() {}, onNext() {}, onError() {}, onComplete() {} }),
      (stream) => stream.readable(),
    ];
    for (const first of uses) {
      for (const second of uses) {
        const stream = world.client.requestStream("1");
        first(stream);
        const again = (() => {
          try {
            return second(stream);
          } catch (error) {
            return error;
          }
        })() as UsageError;
        expect([again.name, again.code]).toEqual(["UsageError", "already-used"]);
      }
    }
    expect(world.frames()).toEqual([]);
    expect(await world.close()).toEqual(NOTHING);
  });
});

describe("subscribe", () => {
  it("puts the subscriber's exact demand on the wire", async () => {
    const world = await connected(counting());
    const heard: string[] = [];
    let subscription: Subscription = quiet;
    world.client.requestStream("10").subscribe({
      onSubscribe: (given) => (subscription = given),
      onNext: (item) => void heard.push(textOf(item)),
      onError: () => void heard.push("error"),
      onComplete: () => void heard.push("complete"),
    });
    await world.advance(10);
    expect(world.frames()).toEqual([]);
    subscription.request(2);
    await world.advance(10);
    expect([heard, demands(world)]).toEqual([["0", "1"], ["1 REQUEST_STREAM n=2 10"]]);
    subscription.request(3);
    subscription.request(1.9);
    await world.advance(10);
    expect([heard.length, demands(world)]).toEqual([6, ["1 REQUEST_N n=3", "1 REQUEST_N n=1"]]);
    subscription.request(Infinity);
    await world.advance(10);
    expect([heard.at(-1), demands(world)]).toEqual(["complete", ["1 REQUEST_N n=2147483647"]]);
    expect(heard).toHaveLength(11);
    subscription.request(1);
    subscription.cancel();
    await world.advance(10);
    expect(world.frames()).toEqual([]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("refuses a demand of nothing, and cancels once", async () => {
    const notes: string[] = [];
    const world = await connected(counting(notes));
    const heard: string[] = [];
    let subscription: Subscription = quiet;
    const subscriber = {
      onSubscribe: (given: Subscription) => void (subscription = given),
      onNext: () => void heard.push("next"),
      onError: () => void heard.push("error"),
      onComplete: () => void heard.push("complete"),
    };
    world.client.requestStream("10").subscribe(subscriber);
    for (const n of [0, -1, Number.NaN]) expect(() => subscription.request(n)).toThrow("the least is 1");
    subscription.cancel();
    subscription.request(1);
    await world.advance(10);
    expect(world.frames()).toEqual([]);
    world.client.requestStream("10").subscribe(subscriber);
    subscription.request(1);
    await world.advance(10);
    subscription.cancel();
    subscription.cancel();
    await world.advance(10);
    expect([heard, demands(world), notes]).toEqual([["next"], ["1 REQUEST_STREAM n=1 10", "1 CANCEL"], ["finally"]]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("adds up what is requested before the connection is there", async () => {
    const world = await connected(counting());
    world.simulation.network.wire.cut();
    await world.advance(10);
    const connecting = world.client.connect();
    const heard: string[] = [];
    world.client.requestStream("10").subscribe({
      onSubscribe(subscription) {
        subscription.request(2);
        subscription.request(3);
      },
      onNext: (item) => void heard.push(textOf(item)),
      onError() {},
      onComplete() {},
    });
    await world.run(connecting);
    await world.advance(10);
    expect([heard, demands(world)]).toEqual([numbers(5), ["0 SETUP", "1 REQUEST_STREAM n=5 10"]]);
    await world.close();
  });

  it("tells of the error", async () => {
    const world = await connected({});
    const error = await world.run(
      new Promise((resolve) => {
        world.client.requestStream("x").subscribe({
          onSubscribe: (subscription) => subscription.request(1),
          onNext() {},
          onError: resolve,
          onComplete() {},
        });
      }),
    );
    expect((error as RemoteError).code).toBe("rejected");
    expect(await world.close()).toEqual(NOTHING);
  });
});

describe("readable and collect", () => {
  it("reads as a ReadableStream, with highWaterMark as the demand", async () => {
    const world = await connected(counting());
    const reader = world.client.requestStream("10").readable({ highWaterMark: 4 }).getReader();
    await world.advance(10);
    expect(world.frames()).toEqual([]);
    const items: string[] = [];
    for (let result = await world.run(reader.read()); !result.done; result = await world.run(reader.read())) {
      items.push(textOf(result.value));
    }
    expect(items).toEqual(numbers(10));
    expect(demands(world).slice(0, 2)).toEqual(["1 REQUEST_STREAM n=4 10", "1 REQUEST_N n=2"]);
    const zero = world.client.requestStream("2", { prefetch: 9 }).readable({ highWaterMark: 0 }).getReader();
    await world.run(zero.read());
    expect(demands(world)[0]).toBe("3 REQUEST_STREAM n=1 2");
    const usual = world.client.requestStream("2", { prefetch: 9 }).readable().getReader();
    await world.run(usual.read());
    expect(demands(world)).toContain("5 REQUEST_STREAM n=9 2");
    await world.run(Promise.all([zero.cancel(), usual.cancel()]));
    expect(await world.close()).toEqual(NOTHING);
  });

  it("errors and cancels as a ReadableStream does", async () => {
    const notes: string[] = [];
    const world = await connected(counting(notes));
    const reader = world.client.requestStream("100000").readable().getReader();
    await world.run(reader.read());
    await world.run(reader.cancel("enough"));
    await world.advance(10);
    expect([demands(world).at(-1), notes]).toEqual(["1 CANCEL", ["finally"]]);
    const failing = world.client.requestChannel("x").readable().getReader();
    expect(await world.fails(failing.read())).toMatchObject({ code: "rejected" });
    expect(await world.close()).toEqual(NOTHING);
  });

  it("collects all, so many, or none", async () => {
    const world = await connected(counting());
    const { client } = world;
    const texts = async (...args: Parameters<typeof collect>) => (await world.run(collect(...args))).map(textOf);
    expect(await texts(client.requestStream("5"))).toEqual(numbers(5));
    expect(await texts(client.requestStream("5"), { limitRate: 2 })).toEqual(numbers(5));
    expect(demands(world).slice(1)).toEqual(["3 REQUEST_STREAM n=2 5", "3 REQUEST_N n=2", "3 REQUEST_N n=2"]);
    expect(await texts(client.requestStream("50"), { limitRate: 2, limitCount: 3 })).toEqual(numbers(3));
    expect(demands(world)).toEqual(["5 REQUEST_STREAM n=2 50", "5 REQUEST_N n=1", "5 CANCEL"]);
    expect(await texts(client.requestStream("3"), { limitCount: 3 })).toEqual(numbers(3));
    expect(await texts(client.requestStream("5"), { limitCount: 0 })).toEqual([]);
    expect(await world.fails(collect(client.requestChannel("x")))).toMatchObject({ code: "rejected" });
    expect(await world.fails(collect(client.requestStream("5"), { limitRate: 0 }))).toMatchObject({
      code: "bad-argument",
    });
    expect(await world.close()).toEqual(NOTHING);
  });
});
