// The callback level, both ends: requester and handler.callbacks. No promise between the wire and the call.
import { describe, expect, it } from "#test";
import { connected, NOTHING, textOf } from "../../conformance/seeds/world.ts";
import { POISON } from "../../runtimes/simulated/lend.ts";
import type { CallbackRequest, PayloadSink, Requester } from "./rsocket.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array | undefined) => bytes === undefined ? "-" : new TextDecoder().decode(bytes);

/** A sink that notes what it hears. */
function noting(notes: string[], name: string = ""): PayloadSink {
  return {
    next: (data, metadata, complete) =>
      void notes.push(`${name}${text(data)} ${text(metadata)}${complete ? " last" : ""}`),
    complete: () => void notes.push(`${name}complete`),
    error: (error) => void notes.push(`${name}error ${(error as Error & { code: string }).code}`),
    requestN: (n) => void notes.push(`${name}n ${n}`),
    cancel: () => void notes.push(`${name}cancel`),
  };
}

describe("requester", () => {
  it("makes every request and gives its id, without a turn of promises", async () => {
    const world = await connected({
      fireAndForget: (payload) => void seen.push(textOf(payload)),
      onMetadataPush: (metadata) => void seen.push(text(metadata)),
      requestResponse: (payload) => ({ data: payload.data, metadata: "m" }),
      requestStream: () => ["1", "2", "3"],
      async *requestChannel(first, rest) {
        yield first;
        yield* rest;
      },
    });
    const seen: string[] = [];
    const notes: string[] = [];
    const { requester } = world.client;
    expect([
      requester.requestResponse(utf8("r"), utf8("meta"), noting(notes, "r ")),
      requester.requestStream(utf8("s"), undefined, 2, noting(notes, "s ")),
      requester.requestChannel(utf8("c"), undefined, 9, noting(notes, "c ")),
      requester.requestChannel(utf8("d"), undefined, 9, noting(notes, "d "), true),
    ]).toEqual([1, 3, 5, 7]);
    expect([requester.fireAndForget(utf8("f")), requester.metadataPush(utf8("p")), requester.isWritable]).toEqual([
      true,
      true,
      true,
    ]);
    await world.advance(10);
    requester.requestN(3, 2);
    requester.payload(5, utf8("more"), undefined, true);
    await world.advance(10);
    expect(seen).toEqual(["f", "p"]);
    const of = (name: string) => notes.filter((note) => note.startsWith(name)).map((note) => note.slice(2));
    expect(of("r ")).toEqual(["r m last"]);
    expect(of("s ")).toEqual(["1 -", "2 -", "3 - last"]);
    expect(of("c ")).toEqual(["c -", "n 256", "more -", "complete"]);
    expect(of("d ")).toEqual(["d -", "complete"]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("cancels, completes and fails a stream", async () => {
    const ends: string[] = [];
    const world = await connected({
      async *requestChannel(first, rest) {
        try {
          for await (const item of rest) yield item;
          ends.push(`${textOf(first)} complete`);
        } catch (error) {
          ends.push(`${textOf(first)} ${(error as Error).message}`);
        }
      },
    });
    const { requester } = world.client;
    const notes: string[] = [];
    const ids = ["a", "b", "c"].map((name) =>
      requester.requestChannel(utf8(name), undefined, 5, noting(notes, `${name} `))
    );
    await world.advance(10);
    requester.cancel(ids[0]!);
    requester.complete(ids[1]!);
    requester.fail(ids[2]!, 0x301, "no more");
    await world.advance(10);
    expect(ends.toSorted()).toEqual([
      "a The peer canceled the request",
      "b complete",
      "c The peer answered ERROR[0x301]: no more",
    ]);
    expect(notes.filter((note) => !note.includes(" n "))).toEqual(["b complete"]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("throws what the caller does wrong at once", async () => {
    const world = await connected();
    const { requester } = world.client;
    expect(() => requester.requestStream(utf8(""), undefined, 0, noting([]))).toThrow("Cannot request 0 items");
    const id = requester.requestChannel(utf8(""), undefined, 1, noting([]));
    expect(() => requester.payload(id, utf8("x"), undefined, false)).toThrow("asked for no more items");
    expect(() => requester.fail(id, 5, "x")).toThrow("Cannot send error code 5");
    expect(await world.close()).toEqual(NOTHING);
  });

  it("lends bytes: they are gone when the call has returned", async () => {
    const world = await connected({ requestResponse: (payload) => payload });
    let kept: Uint8Array | undefined;
    let seen = "";
    world.client.requester.requestResponse(utf8("borrowed"), undefined, {
      next(data, _metadata, _complete, owned) {
        kept = data;
        seen = `${text(data)} ${owned}`;
      },
      complete() {},
      error() {},
    });
    await world.advance(10);
    expect(seen).toBe("borrowed false");
    expect([...kept!]).toEqual(Array(8).fill(POISON));
    expect(await world.close()).toEqual(NOTHING);
  });

  it("tells who waits when the link takes more again, once each", async () => {
    const world = await connected({}, { shape: { windowBytes: 100, highWaterBytes: 100 } });
    const { requester } = world.client;
    const notes: string[] = [];
    expect(requester.fireAndForget(new Uint8Array(20_000))).toBe(false);
    requester.onWritable(() => {
      notes.push(`one ${requester.isWritable}`);
      requester.onWritable(() => notes.push("again"));
    });
    requester.onWritable(() => notes.push("two"));
    await world.advance(1_000);
    expect(notes).toEqual(["one true", "two"]);
    requester.fireAndForget(new Uint8Array(20_000));
    await world.advance(1_000);
    expect(notes).toEqual(["one true", "two", "again"]);
    expect(await world.close()).toEqual(NOTHING);
  });
});

describe("handler.callbacks", () => {
  it("is asked first, and answers with the id, now or later", async () => {
    const seen: string[] = [];
    const note = ({ id, n, data, metadata, complete }: CallbackRequest) =>
      void seen.push(`${id} n=${n} ${text(data)} ${text(metadata)} ${complete}`);
    let late: [Requester, number] | undefined;
    const world = await connected({
      requestResponse: () => "from the method",
      callbacks: {
        fireAndForget: note,
        requestResponse(request, requester) {
          note(request);
          requester.payload(request.id, utf8("now"), utf8("m"), true);
        },
        requestStream(request, requester) {
          note(request);
          late = [requester, request.id];
          return noting(seen, "stream ");
        },
        requestChannel(request, requester) {
          note(request);
          requester.requestN(request.id, 1);
          return {
            ...noting(seen, "channel "),
            next(data) {
              requester.payload(request.id, data.slice(), undefined, true);
            },
          };
        },
      },
    });
    const notes: string[] = [];
    const { requester } = world.client;
    requester.fireAndForget(utf8("f"), utf8("m"));
    requester.requestResponse(utf8("r"), undefined, noting(notes, "r "));
    const stream = requester.requestStream(utf8("s"), undefined, 2, noting(notes, "s "));
    const channel = requester.requestChannel(utf8("c"), undefined, 3, noting(notes, "c "));
    await world.advance(10);
    expect(seen).toEqual(["1 n=0 f m false", "3 n=0 r - false", "5 n=2 s - false", "7 n=3 c - false"]);
    requester.requestN(stream, 4);
    requester.payload(channel, utf8("item"), undefined, false);
    await world.advance(10);
    late![0].payload(late![1], utf8("late"), undefined, false);
    await world.advance(10);
    requester.cancel(stream);
    requester.complete(channel);
    await world.advance(10);
    expect(notes).toEqual(["r now m last", "c n 1", "c item - last", "s late -"]);
    expect(seen.slice(4)).toEqual(["stream n 4", "stream cancel", "channel complete"]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("leaves to the methods what it has no function for", async () => {
    const seen: string[] = [];
    const world = await connected({
      callbacks: {},
      requestResponse: () => "method",
      fireAndForget: () => void seen.push("method"),
    });
    expect(textOf(await world.run(world.client.requestResponse("x")))).toBe("method");
    await world.run(world.client.fireAndForget("x"));
    await world.advance(10);
    expect(seen).toEqual(["method"]);
    expect(await world.fails(world.client.requestStream("x")[Symbol.asyncIterator]().next())).toMatchObject({
      code: "rejected",
    });
    expect(await world.close()).toEqual(NOTHING);
  });

  it("hears of the lost link on every stream", async () => {
    const seen: string[] = [];
    const world = await connected({
      callbacks: {
        requestResponse: () => noting(seen, "r "),
        requestStream: () => noting(seen, "s "),
        requestChannel: () => {},
      },
    });
    const notes: string[] = [];
    const { requester } = world.client;
    requester.requestResponse(utf8(""), undefined, noting(notes, "r "));
    requester.requestStream(utf8(""), undefined, 1, noting(notes, "s "));
    requester.requestChannel(utf8(""), undefined, 1, noting(notes, "c "));
    await world.advance(10);
    world.simulation.network.wire.cut();
    await world.advance(10);
    expect(seen.toSorted()).toEqual(["r error link-reset", "s error link-reset"]);
    expect(notes.toSorted()).toEqual(["c error link-reset", "r error link-reset", "s error link-reset"]);
    expect(await world.close()).toEqual(NOTHING);
  });
});
