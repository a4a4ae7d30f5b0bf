// What items can come from: every kind of source, pulled no faster than the peer asks, and ended with the stream.
import { describe, expect, it } from "#test";
import { connected, NOTHING, textsOf } from "../../conformance/seeds/world.ts";
import type { Payload, PayloadInit, Publisher, RequestHandler, Source, Subscriber } from "./rsocket.ts";

/** A handler whose streams come from what is given. */
function from(make: () => unknown, told: string[] = []): RequestHandler {
  return {
    requestStream: () => make() as Source<PayloadInit>,
    onError: (error) => void told.push(error.message),
  };
}

/** A publisher that gives what is asked for, at once or a turn later, and notes what it is asked. */
function publisher(items: readonly string[], notes: (number | string)[], late: boolean = false): Publisher<string> {
  return {
    subscribe(subscriber: Subscriber<string>) {
      let at = 0;
      let stopped = false;
      const give = (n: number) => {
        for (let left = n; left > 0; left--) {
          if (stopped || at === items.length) break;
          subscriber.onNext(items[at++]!);
        }
        if (at === items.length && !stopped) {
          stopped = true;
          subscriber.onComplete();
        }
      };
      subscriber.onSubscribe({
        request(n) {
          notes.push(n);
          if (late) void Promise.resolve().then(() => give(n));
          else give(n);
        },
        cancel() {
          stopped = true;
          notes.push("cancel");
        },
      });
    },
  };
}

describe("kinds of sources", () => {
  const notes: (number | string)[] = [];
  const sources: Record<string, () => unknown> = {
    "an array": () => ["a", "b", "c"],
    "an empty array": () => [],
    "a set": () => new Set(["a", "b", "c"]),
    "an iterable of promises": () => [Promise.resolve("a"), "b", Promise.resolve("c")],
    "a promise of an array": async () => ["a", "b", "c"],
    "a generator": function* () {
      yield "a";
      yield { data: "b" };
      yield new TextEncoder().encode("c");
    },
    "an async generator": async function* () {
      yield* ["a", "b"];
      await Promise.resolve();
      yield "c";
    },
    "a ReadableStream": () =>
      new ReadableStream({
        start(controller) {
          for (const item of ["a", "b", "c"]) controller.enqueue(item);
          controller.close();
        },
      }),
    "a stream with only a reader": () => {
      const items = ["a", "b", "c"];
      return { getReader: () => ({ read: async () => ({ done: items.length === 0, value: items.shift() }) }) };
    },
    "a Publisher": () => publisher(["a", "b", "c"], notes),
    "a Publisher that is late": () => publisher(["a", "b", "c"], notes, true),
    "a bare iterator": () => {
      const items = ["a", "b", "c"];
      const next = () => items.length > 0 ? { value: items.shift(), done: false } : { value: undefined, done: true };
      return { [Symbol.iterator]: () => ({ next }) };
    },
  };
  for (const [name, make] of Object.entries(sources)) {
    it(`takes ${name}`, async () => {
      const told: string[] = [];
      const world = await connected(from(make, told));
      const expected = name === "an empty array" ? [] : ["a", "b", "c"];
      expect(await world.run(textsOf(world.client.requestStream("")))).toEqual(expected);
      expect(await world.run(textsOf(world.client.requestStream("", { prefetch: 1 })))).toEqual(expected);
      expect(told).toEqual([]);
      expect(await world.close()).toEqual(NOTHING);
    });
  }

  it("refuses what is none, and says so on this side", async () => {
    for (const [bad, type] of [["abc", "string"], [5, "number"], [{}, "object"], [() => {}, "function"]] as const) {
      const told: string[] = [];
      const world = await connected(from(() => bad, told));
      expect(await world.fails(textsOf(world.client.requestStream("")))).toMatchObject({ code: "application-error" });
      expect(told).toEqual([`Cannot send items of ${type}: give an iterable, a stream or a Publisher`]);
      await world.close();
    }
    const world = await connected();
    const observable = { subscribe: () => {}, "@@observable": () => observable };
    expect(await world.fails(textsOf(world.client.requestChannel("x", observable as never)))).toMatchObject({
      code: "bad-argument",
    });
    expect(() => world.client.requestChannel("x", "abc" as never)).toThrow("Cannot send the items of a string");
    expect(await world.fails(textsOf(world.client.requestChannel("x", 5 as never)))).toMatchObject({
      code: "bad-argument",
    });
    expect(world.frames().map((line) => line.split(" ")[2])).toEqual([
      "REQUEST_CHANNEL",
      "CANCEL",
      "REQUEST_CHANNEL",
      "CANCEL",
    ]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("ends the stream with nothing, where the handler gives nothing", async () => {
    for (const nothing of [undefined, null]) {
      const world = await connected(from(() => nothing));
      expect(await world.run(textsOf(world.client.requestStream("")))).toEqual([]);
      expect(await world.close()).toEqual(NOTHING);
    }
  });
});

describe("pulling", () => {
  it("says with the last item of an array that it is the last, so that nobody has to ask once more", async () => {
    const world = await connected(from(() => ["a", "b", "c"]));
    const told: string[] = [];
    world.client.requestStream("").subscribe({
      onSubscribe: (subscription) => subscription.request(3),
      onNext: () => void told.push("next"),
      onError: () => void told.push("error"),
      onComplete: () => void told.push("complete"),
    });
    await world.advance(10);
    expect(told).toEqual(["next", "next", "next", "complete"]);
    expect(world.frames().at(-1)).toBe("< 1 PAYLOAD next complete c");
    expect(await world.close()).toEqual(NOTHING);
  });

  it("pulls what was asked for, and nothing ahead", async () => {
    let pulled = 0;
    const world = await connected(from(function* () {
      for (;;) yield String(pulled++);
    }));
    const iterator = world.client.requestStream("", { prefetch: 10 })[Symbol.asyncIterator]();
    await world.run(iterator.next());
    await world.advance(100);
    expect(pulled).toBe(10);
    for (let n = 0; n < 4; n++) await world.run(iterator.next());
    await world.advance(100);
    expect(pulled).toBe(15);
    await world.run(iterator.return!());
    expect(await world.close()).toEqual(NOTHING);
  });

  it("passes exactly the demand on to a Publisher, at most 256 at a time", async () => {
    for (const late of [false, true]) {
      const notes: (number | string)[] = [];
      const items = Array.from({ length: 700 }, () => "x");
      const world = await connected(from(() => publisher(items, notes, late)));
      const stream = world.client.requestStream("", { initialRequestN: 600, prefetch: 600 });
      expect(await world.run(textsOf(stream))).toHaveLength(700);
      expect(notes.slice(0, 4)).toEqual([1, 256, 256, 87]); // one shows how large they are
      expect(notes.slice(4).reduce<number>((sum, n) => sum + Number(n), 0)).toBeGreaterThanOrEqual(100);
      expect(await world.close()).toEqual(NOTHING);
    }
  });

  it("does not wait in one source for another", async () => {
    let release: (value: string) => void = () => {};
    const sources: (() => unknown)[] = [
      () => [new Promise((resolve) => (release = resolve))],
      () => ["quick"],
    ];
    const world = await connected(from(() => sources.shift()!()));
    const slow = textsOf(world.client.requestStream(""));
    expect(await world.run(textsOf(world.client.requestStream("")))).toEqual(["quick"]);
    release("slow");
    expect(await world.run(slow)).toEqual(["slow"]);
    expect(await world.close()).toEqual(NOTHING);
  });
});

describe("the end of a source", () => {
  /** A source of numbers without end that notes when it is ended. */
  const endless: Record<string, (notes: string[]) => unknown> = {
    "a generator": function* (notes) {
      try {
        for (;;) yield "x";
      } finally {
        notes.push("ended");
      }
    },
    "an async generator": async function* (notes) {
      try {
        for (;;) yield "x";
      } finally {
        notes.push("ended");
      }
    },
    "a ReadableStream": (notes) =>
      new ReadableStream({ pull: (controller) => controller.enqueue("x"), cancel: () => void notes.push("ended") }),
    "a stream with only a reader": (notes) => ({
      getReader: () => ({
        read: async () => ({ done: false, value: "x" }),
        cancel: async () => void notes.push("ended"),
      }),
    }),
    "a Publisher": (notes) => ({
      subscribe(subscriber: Subscriber<string>) {
        let stopped = false;
        subscriber.onSubscribe({
          request(n) {
            for (let left = n; left > 0; left--) {
              if (stopped) break;
              subscriber.onNext("x");
            }
          },
          cancel() {
            stopped = true;
            notes.push("ended");
          },
        });
      },
    }),
  };
  for (const [name, make] of Object.entries(endless)) {
    it(`ends ${name} when the peer cancels, and when the connection is lost`, async () => {
      for (const how of ["cancel", "loss"]) {
        const notes: string[] = [];
        const world = await connected(from(() => make(notes)));
        const iterator = world.client.requestStream("", { prefetch: 4 })[Symbol.asyncIterator]();
        await world.run(iterator.next());
        expect(notes).toEqual([]);
        if (how === "cancel") await world.run(iterator.return!());
        else world.simulation.network.wire.cut();
        await world.advance(10);
        expect(notes).toEqual(["ended"]);
        expect(await world.close()).toEqual(NOTHING);
      }
    });
  }

  it("ends the iterator when one of its items cannot be sent, but not one that failed itself", async () => {
    for (const item of [() => 5, () => Promise.reject(new Error("item"))]) {
      const notes: string[] = [];
      const world = await connected(from(function* () {
        try {
          yield item();
        } finally {
          notes.push("ended");
        }
      }));
      expect(await world.fails(textsOf(world.client.requestStream("")))).toMatchObject({ code: "application-error" });
      await world.advance(10);
      expect(notes).toEqual(["ended"]);
      expect(await world.close()).toEqual(NOTHING);
    }
    const returns: string[] = [];
    const world = await connected(from(() => ({
      [Symbol.iterator]: () => ({
        next() {
          throw new Error("next");
        },
        return: () => returns.push("return"),
      }),
    })));
    expect(await world.fails(textsOf(world.client.requestStream("")))).toMatchObject({ code: "application-error" });
    expect(returns).toEqual([]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("is not in doubt when the iterator's own end fails", async () => {
    const ends = [() => Promise.reject(new Error("end")), () => {
      throw new Error("end");
    }];
    const world = await connected(
      from(() => ({
        [Symbol.asyncIterator]: () => ({ next: async () => ({ value: "x", done: false }), return: ends.shift() }),
      })),
      { server: { limits: { maxConcurrentStreams: 1 } } },
    );
    for (let n = 0; n < 2; n++) {
      const iterator = world.client.requestStream("", { prefetch: 2 })[Symbol.asyncIterator]();
      await world.run(iterator.next()); // would be rejected if the place of the stream before were still taken
      await world.run(iterator.return!());
      await world.advance(10);
    }
    expect(await world.close()).toEqual(NOTHING);
  });

  it("refuses a Publisher that gives more than was asked, and cancels it", async () => {
    const notes: string[] = [];
    const told: string[] = [];
    const greedy = {
      subscribe(subscriber: Subscriber<string>) {
        subscriber.onSubscribe({
          request: (n) => {
            for (let given = 0; given <= n; given++) subscriber.onNext("x");
            subscriber.onComplete();
          },
          cancel: () => void notes.push("cancel"),
        });
      },
    };
    const world = await connected(from(() => greedy, told));
    const items: Payload[] = [];
    const error = await world.fails((async () => {
      for await (const item of world.client.requestStream("", { initialRequestN: 2, prefetch: 4 })) items.push(item);
    })());
    expect(error).toMatchObject({ code: "application-error" });
    expect([items.length, notes, told]).toEqual([1, ["cancel"], [
      "Cannot send: the Publisher gave more than was requested",
    ]]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("cancels a Publisher that gives its subscription only after the end", async () => {
    const notes: string[] = [];
    let give = () => {};
    const late = {
      subscribe(to: Subscriber<string>) {
        const note = (what: string) => () => void notes.push(what);
        give = () => to.onSubscribe({ request: note("request"), cancel: note("cancel") });
      },
    };
    const world = await connected(from(() => late));
    await world.fails(textsOf(world.client.requestStream("", { timeoutMs: 10 })));
    await world.advance(10);
    give();
    expect(notes).toEqual(["cancel"]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("carries the error of a Publisher, and its faults", async () => {
    const faults: Record<string, (subscriber: Subscriber<string>) => void> = {
      onError(subscriber) {
        subscriber.onSubscribe({ request: () => subscriber.onError(new Error("fault")), cancel() {} });
      },
      subscribe() {
        throw new Error("fault");
      },
      request(subscriber) {
        const fail = () => {
          throw new Error("fault");
        };
        subscriber.onSubscribe({ request: fail, cancel: fail });
      },
    };
    for (const subscribe of Object.values(faults)) {
      const told: string[] = [];
      const world = await connected(from(() => ({ subscribe }), told));
      expect(await world.fails(textsOf(world.client.requestStream("")))).toMatchObject({ code: "application-error" });
      expect(told).toEqual([expect.stringContaining("fault")]);
      expect(await world.close()).toEqual(NOTHING);
    }
  });
});
