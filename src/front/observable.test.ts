// A stream as an observable: by hand, and as rxjs takes it.
import { EmptyError, firstValueFrom, from, lastValueFrom, map, take, toArray } from "rxjs";
import { describe, expect, it } from "#test";
import { connected, NOTHING, textOf, type World } from "../../conformance/seeds/world.ts";
import type { HeadraceError } from "../contract/errors.ts";
import type { Payload } from "./rsocket.ts";

/** Streams 0, 1, 2, … as many as the request says; a negative number fails after so many. */
const COUNTING = {
  *requestStream(payload: Payload) {
    const count = Number(textOf(payload));
    for (let n = 0; n < Math.abs(count); n++) yield String(n);
    if (count < 0) throw new Error("secret");
  },
};
const numbers = (count: number) => Array.from({ length: count }, (_, n) => String(n));
const demands = (world: World) => world.frames().filter((line) => line.startsWith("> ")).map((line) => line.slice(2));

/** An observer that writes down what it hears. */
function noting() {
  const heard: string[] = [];
  return {
    heard,
    next: (item: Payload) => void heard.push(textOf(item)),
    error: (error: unknown) => void heard.push((error as HeadraceError).code),
    complete: () => void heard.push("end"),
  };
}

describe("an observable", () => {
  it("is cold, asks for the prefetch and for half of it again, and ends", async () => {
    const world = await connected(COUNTING);
    const observable = world.client.requestStream("20", { prefetch: 8 })["@@observable"]();
    expect(observable["@@observable"]()).toBe(observable);
    await world.advance(10);
    expect(world.frames()).toEqual([]);
    const observer = noting();
    observable.subscribe(observer);
    await world.advance(10);
    expect(observer.heard).toEqual([...numbers(20), "end"]);
    expect(demands(world)).toEqual(["1 REQUEST_STREAM n=8 20", ...Array(5).fill("1 REQUEST_N n=4")]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("begins with initialRequestN", async () => {
    const world = await connected(COUNTING);
    const options = { initialRequestN: 2, prefetch: 8 };
    world.client.requestStream("20", options)["@@observable"]().subscribe({});
    await world.advance(10);
    expect(demands(world).slice(0, 3)).toEqual(["1 REQUEST_STREAM n=2 20", "1 REQUEST_N n=7", "1 REQUEST_N n=4"]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("takes an array's last item and the end in one", async () => {
    const world = await connected({ requestStream: () => ["a", "b"] });
    const observer = noting();
    world.client.requestStream("")["@@observable"]().subscribe(observer);
    await world.advance(10);
    expect(observer.heard).toEqual(["a", "b", "end"]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("cancels when unsubscribed, once, and is silent then", async () => {
    const world = await connected(COUNTING);
    const observer = noting();
    const subscription = world.client.requestStream("100", { prefetch: 4 })["@@observable"]().subscribe({
      ...observer,
      next(item) {
        observer.next(item);
        if (observer.heard.length === 6) subscription.unsubscribe();
      },
    });
    await world.advance(10);
    subscription.unsubscribe();
    await world.advance(10);
    expect(observer.heard).toEqual(numbers(6));
    expect(demands(world).filter((line) => line === "1 CANCEL")).toHaveLength(1);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("tells of the error; with no method for it, onError hears of it", async () => {
    const reported: string[] = [];
    const onError = (error: HeadraceError) => void reported.push(error.code);
    const world = await connected(COUNTING, { client: { handler: { onError } } });
    const observer = noting();
    world.client.requestStream("-2")["@@observable"]().subscribe(observer);
    await world.advance(10);
    expect([observer.heard, reported]).toEqual([["0", "1", "application-error"], []]);
    world.client.requestStream("-2")["@@observable"]().subscribe({});
    await world.advance(10);
    expect(reported).toEqual(["application-error"]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("cancels for an observer that throws, and onError hears of it", async () => {
    const reported: string[] = [];
    const onError = (error: HeadraceError) => void reported.push(String(error.cause));
    const world = await connected(COUNTING, { client: { handler: { onError } } });
    const thrower = (text: string) => () => {
      throw new Error(text);
    };
    world.client.requestStream("9", { prefetch: 2 })["@@observable"]().subscribe({ next: thrower("next") });
    world.client.requestStream("0")["@@observable"]().subscribe({ complete: thrower("complete") });
    world.client.requestStream("-1")["@@observable"]().subscribe({ error: thrower("error") });
    await world.advance(10);
    expect(reported.toSorted()).toEqual(["Error: complete", "Error: error", "Error: next"]);
    expect(demands(world)).toContain("1 CANCEL");
    expect(await world.close()).toEqual(NOTHING);
  });

  it("is single use, with every other way of reading", async () => {
    const world = await connected(COUNTING);
    const stream = world.client.requestStream("1");
    stream["@@observable"]().subscribe({});
    for (const again of [() => stream["@@observable"]().subscribe({}), () => stream.readable()]) {
      expect(again).toThrow("Cannot consume this stream again");
    }
    await world.advance(10);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("has the symbol where there is one", async () => {
    const world = await connected(COUNTING);
    const { observable } = Symbol as { readonly observable?: symbol };
    const stream = world.client.requestStream("1");
    expect((observable ?? "@@observable") in stream).toBe(true);
    expect(await world.close()).toEqual(NOTHING);
  });
});

describe("rxjs", () => {
  it("takes a stream with from()", async () => {
    const world = await connected(COUNTING);
    const texts = from(world.client.requestStream("5")).pipe(map(textOf), toArray());
    expect(await world.run(lastValueFrom(texts))).toEqual(numbers(5));
    expect(await world.close()).toEqual(NOTHING);
  });

  it("cancels at once with take()", async () => {
    const world = await connected(COUNTING);
    const first = from(world.client.requestStream("1000", { prefetch: 8 })).pipe(map(textOf), take(3), toArray());
    expect(await world.run(lastValueFrom(first))).toEqual(numbers(3));
    await world.advance(10);
    expect(demands(world)).toEqual(["1 REQUEST_STREAM n=8 1000", "1 CANCEL"]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("hears of errors, of an empty stream and of a second subscription", async () => {
    const world = await connected(COUNTING);
    const failing = lastValueFrom(from(world.client.requestStream("-1")));
    expect(await world.fails(failing)).toMatchObject({ code: "application-error" });
    const stream = from(world.client.requestStream("0"));
    expect(await world.fails(firstValueFrom(stream))).toBeInstanceOf(EmptyError);
    expect(await world.fails(firstValueFrom(stream))).toMatchObject({ code: "already-used" });
    expect(await world.close()).toEqual(NOTHING);
  });
});
