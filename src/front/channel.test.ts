// Channels: items both ways, each with its own demand and its own end.
import { describe, expect, it } from "#test";
import { connected, failureOf, NOTHING, textOf, textsOf } from "../../conformance/seeds/world.ts";
import type { HeadraceError, LinkError, RemoteError } from "../contract/errors.ts";
import { type Payload, type PayloadStream, RSocketError, type Subscriber, type Subscription } from "./rsocket.ts";

/** A generator of texts that notes when it is ended. */
async function* endless(notes: string[], name: string = "ended") {
  try {
    for (let n = 0;; n++) yield String(n);
  } finally {
    notes.push(name);
  }
}

describe("requestChannel", () => {
  it("gives the handler the first item and the rest, and echoes them", async () => {
    const world = await connected({
      async *requestChannel(first, rest) {
        yield `first ${textOf(first)}`;
        for await (const item of rest) yield `rest ${textOf(item)}`;
      },
    });
    const items = await world.run(textsOf(world.client.requestChannel("a", ["b", "c"])));
    expect(items).toEqual(["first a", "rest b", "rest c"]);
    const frames = world.frames();
    expect(frames.slice(0, 3)).toEqual([
      "> 1 REQUEST_CHANNEL n=256 a",
      "< 1 PAYLOAD next first a",
      "< 1 REQUEST_N n=256",
    ]);
    expect(frames.at(-1)).toBe("< 1 PAYLOAD complete");
    expect(frames).toContain("> 1 PAYLOAD next complete c");
    expect(await world.close()).toEqual(NOTHING);
  });

  it("says at once that nothing follows when there is no rest", async () => {
    const seen: string[][] = [];
    const world = await connected({
      async *requestChannel(first, rest) {
        seen.push(await textsOf(rest));
        yield first;
      },
    });
    expect(await world.run(textsOf(world.client.requestChannel("a")))).toEqual(["a"]);
    expect([seen, world.frames()[0]]).toEqual([[[]], "> 1 REQUEST_CHANNEL n=256 complete a"]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("sends no more of the rest than the responder asks for", async () => {
    let subscription: Subscription | undefined;
    const got: string[] = [];
    const subscriber: Subscriber<Payload> = {
      onSubscribe: (given) => (subscription = given),
      onNext: (item) => void got.push(textOf(item)),
      onError: () => void got.push("error"),
      onComplete: () => void got.push("complete"),
    };
    const world = await connected({ requestChannel: () => [null, subscriber] });
    const done = textsOf(world.client.requestChannel("a", ["b", "c", "d"]));
    expect(await world.run(done)).toEqual([]);
    await world.advance(10);
    expect(got).toEqual([]);
    subscription?.request(2);
    await world.advance(10);
    expect(got).toEqual(["b", "c"]);
    subscription?.request(2);
    await world.advance(10);
    expect(got).toEqual(["b", "c", "d", "complete"]);
    expect(world.frames()).toEqual([
      "> 1 REQUEST_CHANNEL n=256 a",
      "< 1 PAYLOAD complete",
      "< 1 REQUEST_N n=2",
      "> 1 PAYLOAD next b",
      "> 1 PAYLOAD next c",
      "< 1 REQUEST_N n=2",
      "> 1 PAYLOAD next complete d",
    ]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("takes a pair of a Publisher and a Subscriber, either of which may be null", async () => {
    const got: string[] = [];
    const subscriber: Subscriber<Payload> = {
      onSubscribe: (subscription) => subscription.request(10),
      onNext: (item) => void got.push(textOf(item)),
      onError: () => void got.push("error"),
      onComplete: () => void got.push("complete"),
    };
    const publisher = {
      subscribe(to: Subscriber<string>) {
        to.onSubscribe({
          request() {
            to.onNext("p");
            to.onComplete();
          },
          cancel() {},
        });
      },
    };
    const pairs = [[publisher, subscriber], [publisher, null], [null, subscriber], [null, null]] as const;
    for (const pair of pairs) {
      got.length = 0;
      const world = await connected({ requestChannel: () => pair });
      const items = await world.run(textsOf(world.client.requestChannel("a", ["b", "c"])));
      await world.advance(10);
      expect([items, got]).toEqual([pair[0] === null ? [] : ["p"], pair[1] === null ? [] : ["b", "c", "complete"]]);
      expect(world.frames().includes("< 1 CANCEL")).toBe(pair[1] === null);
      expect(await world.close()).toEqual(NOTHING);
    }
  });

  it("is an array of two items where it is no pair", async () => {
    const world = await connected({ requestChannel: () => ["x", "y"] });
    expect(await world.run(textsOf(world.client.requestChannel("a")))).toEqual(["x", "y"]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("tells the requester to stop when the responder never reads the rest", async () => {
    const notes: string[] = [];
    const world = await connected({ requestChannel: () => ["only this"] });
    const rest = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ value: "x", done: false }),
        return: async () => ({ value: notes.push("ended"), done: true as const }),
      }),
    };
    expect(await world.run(textsOf(world.client.requestChannel("a", rest)))).toEqual(["only this"]);
    await world.advance(10);
    expect([notes, world.frames()]).toEqual([["ended"], [
      "> 1 REQUEST_CHANNEL n=256 a",
      "< 1 PAYLOAD next complete only this",
      "< 1 CANCEL",
    ]]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("does not tell it to stop when somebody reads the rest later, or has begun to", async () => {
    let later: AsyncIterator<Payload> | undefined;
    const world = await connected({
      requestChannel(_, rest) {
        later = rest[Symbol.asyncIterator]();
      },
    });
    expect(await world.run(textsOf(world.client.requestChannel("a", ["b"])))).toEqual([]);
    await world.advance(10);
    expect(world.frames()).toEqual(["> 1 REQUEST_CHANNEL n=256 a", "< 1 PAYLOAD complete"]);
    expect(textOf((await world.run(later!.next())).value as Payload)).toBe("b");
    expect((await world.run(later!.next())).done).toBe(true);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("tells it to stop when whoever has the rest gives it up unread", async () => {
    const subscriber: Subscriber<Payload> = {
      onSubscribe: (subscription) => subscription.cancel(),
      onNext() {},
      onError() {},
      onComplete() {},
    };
    const handlers: ((rest: PayloadStream) => unknown)[] = [
      () => [null, subscriber],
      (rest) => void rest[Symbol.asyncIterator]().return!(),
      (rest) => void rest.readable().cancel(),
    ];
    for (const handle of handlers) {
      const world = await connected({ requestChannel: (_, rest) => handle(rest) as undefined });
      await world.run(textsOf(world.client.requestChannel("a", ["b"])));
      await world.advance(10);
      expect(world.frames().filter((line) => line === "< 1 CANCEL")).toHaveLength(1);
      expect(await world.close()).toEqual(NOTHING);
    }
  });

  it("gives an empty rest to who reads it after it was stopped", async () => {
    let kept: PayloadStream | undefined;
    const world = await connected({
      requestChannel(_, rest) {
        kept = rest;
      },
    });
    await world.run(textsOf(world.client.requestChannel("a", ["b"])));
    await world.advance(10);
    expect(await world.run(textsOf(kept!))).toEqual([]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("stops only the requester's items when the responder breaks off", async () => {
    const notes: string[] = [];
    const world = await connected({
      async *requestChannel(_, rest) {
        for await (const item of rest) {
          yield item;
          break;
        }
        yield* ["more", "and more"];
      },
    });
    const items = await world.run(textsOf(world.client.requestChannel("a", endless(notes))));
    await world.advance(10);
    expect([items, notes]).toEqual([["0", "more", "and more"], ["ended"]]);
    expect(world.frames().filter((line) => line.endsWith("CANCEL"))).toEqual(["< 1 CANCEL"]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("goes on with its own items when the responder's are over", async () => {
    const got: string[] = [];
    const world = await connected({
      requestChannel(_, rest) {
        void (async () => {
          for await (const item of rest) got.push(textOf(item));
          got.push("complete");
        })();
      },
    });
    let release = () => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const items = textsOf(
      world.client.requestChannel(
        "a",
        (async function* () {
          yield "b";
          await gate;
          yield "c";
        })(),
      ),
    );
    expect(await world.run(items)).toEqual([]);
    await world.advance(10);
    expect(got).toEqual(["b"]);
    release();
    await world.advance(10);
    expect(got).toEqual(["b", "c", "complete"]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("ends both ways when the requester cancels", async () => {
    const notes: string[] = [];
    const world = await connected({
      async *requestChannel(_, rest, cx) {
        void textsOf(rest).catch((error: HeadraceError) => notes.push(`rest ${error.code}`));
        cx.signal.addEventListener("abort", () => notes.push("signal"));
        yield* endless(notes, "answers");
      },
    });
    const channel = world.client.requestChannel("a", endless(notes, "rest of client"), { prefetch: 4 });
    const iterator = channel[Symbol.asyncIterator]();
    await world.run(iterator.next());
    await world.run(iterator.return!());
    await world.advance(10);
    expect(notes.toSorted()).toEqual(["answers", "rest canceled", "rest of client", "signal"]);
    expect(await world.close()).toEqual(NOTHING);
  });
});

describe("errors of a channel", () => {
  it("reach who reads the rest only afterwards", async () => {
    let kept: PayloadStream | undefined;
    const world = await connected({
      requestChannel(_, rest) {
        kept = rest;
        return new Promise(() => {});
      },
    });
    const channel = textsOf(world.client.requestChannel("a", ["b"], { timeoutMs: 10 }));
    expect(await world.fails(channel)).toMatchObject({ code: "link-timeout" });
    await world.advance(10);
    expect(await world.fails(textsOf(kept!))).toMatchObject({ code: "canceled" });
    expect(await world.close()).toEqual(NOTHING);
  });

  it("of the handler end both ways", async () => {
    for (const error of [new Error("secret"), new RSocketError(0x333, "open")]) {
      const notes: string[] = [];
      const world = await connected({
        async *requestChannel(_, rest) {
          void textsOf(rest).catch((reason: Error) => notes.push(reason.message));
          yield "a";
          throw error;
        },
      });
      const told = (await world.fails(textsOf(world.client.requestChannel("x", endless(notes))))) as RemoteError;
      await world.advance(10);
      expect(told.message).toContain(error instanceof RSocketError ? "open" : "the handler failed");
      expect(notes.toSorted()).toEqual(["The channel ended with an error of its handler", "ended"]);
      expect(world.client.state).toBe("open");
      expect(await world.close()).toEqual(NOTHING);
    }
  });

  it("of the requester's items reach the handler and the consumer", async () => {
    const notes: string[] = [];
    const world = await connected({
      async *requestChannel(_, rest) {
        void textsOf(rest).catch((error: RemoteError) => notes.push(`${error.rsocketCode} ${error.message}`));
        yield* endless(notes);
      },
    });
    const failing = (async function* () {
      yield "b";
      throw new RSocketError(0x305, "out of items");
    })();
    const error = await world.fails(textsOf(world.client.requestChannel("a", failing)));
    await world.advance(10);
    expect((error as RSocketError).rsocketCode).toBe(0x305);
    expect(notes.toSorted()).toEqual(["773 The peer answered ERROR[0x305]: out of items", "ended"]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("of the requester's items are reported when its consumer is gone already", async () => {
    const told: string[] = [];
    const notes: string[] = [];
    const world = await connected({
      requestChannel(_, rest) {
        void textsOf(rest).catch((error: RemoteError) => notes.push(error.code));
      },
    }, { client: { handler: { onError: (error) => void told.push((error.cause as Error).message) } } });
    let fail: (value: Error) => void = () => {};
    const gate = new Promise<string>((_, reject) => (fail = reject));
    expect(await world.run(textsOf(world.client.requestChannel("a", [gate])))).toEqual([]);
    fail(new Error("too late"));
    await world.advance(10);
    expect([told, notes]).toEqual([["too late"], ["application-error"]]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("of the link end the requester's items too, also when the responder's are over", async () => {
    for (const over of [false, true]) {
      const notes: string[] = [];
      const world = await connected({
        requestChannel(_, rest) {
          void textsOf(rest).catch((error: LinkError) => notes.push(`rest ${error.code}`));
          return over ? undefined : { subscribe: (to) => to.onSubscribe({ request() {}, cancel() {} }) };
        },
      });
      const channel = textsOf(world.client.requestChannel("a", endless(notes), { timeoutMs: 100_000 }));
      const result = over ? channel.then(() => notes.push("done")) : failureOf(channel);
      await world.advance(10);
      world.simulation.network.wire.cut();
      await world.advance(10);
      const end = await world.run(result);
      if (!over) expect((end as LinkError).code).toBe("link-reset");
      expect(notes.toSorted()).toEqual([...(over ? ["done"] : []), "ended", "rest link-reset"]);
      expect(await world.close()).toEqual(NOTHING);
    }
  });

  it("come with the signal and the time as long as either side sends", async () => {
    for (const how of ["signal", "time"]) {
      const notes: string[] = [];
      const world = await connected({
        requestChannel(_, rest) {
          void textsOf(rest).catch((error: HeadraceError) => notes.push(`rest ${error.code}`));
        },
      });
      const controller = new AbortController();
      const options = how === "time" ? { timeoutMs: 500 } : { signal: controller.signal };
      let release: (value: string) => void = () => {};
      const rest = (async function* () {
        try {
          yield "b";
          yield await new Promise<string>((resolve) => (release = resolve));
        } finally {
          notes.push("ended");
        }
      })();
      expect(await world.run(textsOf(world.client.requestChannel("a", rest, options)))).toEqual([]);
      expect(notes).toEqual([]);
      await world.advance(490);
      controller.abort();
      await world.advance(20);
      release("never sent");
      await world.advance(10);
      expect([how, notes.toSorted()]).toEqual([how, ["ended", "rest canceled"]]);
      expect(await world.close()).toEqual(NOTHING);
    }
  });

  it("leave no watch behind when both sides are done", async () => {
    const world = await connected({
      async *requestChannel(_, rest) {
        yield* rest;
      },
    });
    const before = world.simulation.clock.pending;
    const publisher = {
      subscribe(to: Subscriber<string>) {
        to.onSubscribe({ request() {}, cancel() {} });
        to.onComplete();
      },
    };
    for (const rest of [["b"], publisher]) {
      await world.run(textsOf(world.client.requestChannel("a", rest, { timeoutMs: 5_000 })));
      await world.advance(10);
      expect(world.simulation.clock.pending).toBe(before);
    }
    expect(await world.close()).toEqual(NOTHING);
  });
});
