// Back-pressure from end to end: who sends holds still when the link is full, and who reads holds no more than it asked
// for. Also on the memory transport, which lends the sender's memory to the receiver.
import { describe, expect, it } from "#test";
import { connected, NOTHING, textOf, textsOf } from "../../conformance/seeds/world.ts";
import { runtime as simulatedRuntime } from "../../conformance/seeds/memory-runtime.ts";
import { createMemory } from "../../transports/memory.ts";
import { connect, type RequestHandler, type RSocketClient, RSocketServer, type Subscriber } from "./rsocket.ts";

const ITEM = 65_536;
const ITEMS = 1_600; // 100 MB
/** What is read of it; the rest would show nothing new. */
const ENOUGH = 100 * ITEM;

/** 100 MB in items of 64 KiB, counted as they are pulled. */
function* flood(count: { pulled: number }) {
  for (; count.pulled < ITEMS; count.pulled++) yield new Uint8Array(ITEM);
}

describe("a stalled link", () => {
  for (const by of ["a generator", "a Publisher"]) {
    it(`pulls ${by} of 100 MB no further than a bound, and goes on afterwards`, async () => {
      const count = { pulled: 0 };
      const publisher = {
        subscribe(to: Subscriber<Uint8Array>) {
          let stopped = false;
          to.onSubscribe({
            request(n) {
              for (let left = n; left > 0 && !stopped; left--) {
                if (count.pulled++ < ITEMS) to.onNext(new Uint8Array(ITEM));
                else {
                  stopped = true;
                  to.onComplete();
                }
              }
            },
            cancel: () => void (stopped = true),
          });
        },
      };
      const handler: RequestHandler = { requestStream: () => by === "a generator" ? flood(count) : publisher };
      const world = await connected(handler, { shape: { windowBytes: 262_144, highWaterBytes: 262_144 } });
      world.simulation.network.wire.stall(Infinity, "down");
      let read = 0;
      const reading = (async () => {
        for await (const { data } of world.client.requestStream("", { initialRequestN: ITEMS, prefetch: ITEMS })) {
          read += data.length;
          if (read >= ENOUGH) break;
        }
      })();
      await world.advance(1_000);
      // A generator stops at the mark; a Publisher gives what it was asked for, which is 1 MiB at most.
      const bound = by === "a generator" ? 262_144 / ITEM + 1 : 1 + 1_048_576 / ITEM;
      expect(count.pulled).toBeGreaterThan(2);
      expect(count.pulled).toBeLessThanOrEqual(bound);
      world.simulation.network.wire.heal();
      await world.run(reading);
      expect(read).toBe(ENOUGH);
      expect(await world.close()).toEqual(NOTHING);
    });
  }

  it("pulls the items of a channel no further either", async () => {
    const count = { pulled: 0 };
    const world = await connected({
      async *requestChannel(_, rest) {
        let bytes = 0;
        for await (const { data } of rest) {
          bytes += data.length;
          if (bytes >= ENOUGH) break;
        }
        yield String(bytes);
      },
    }, { shape: { windowBytes: 65_536, highWaterBytes: 65_536 } });
    const result = textsOf(world.client.requestChannel("", flood(count)));
    await world.advance(2);
    world.simulation.network.wire.stall(Infinity, "up");
    await world.advance(1_000);
    const stalled = count.pulled;
    expect(stalled).toBeLessThan(10);
    world.simulation.network.wire.heal();
    expect(await world.run(result)).toEqual([String(ENOUGH)]);
    expect(await world.close()).toEqual(NOTHING);
  });

  it("ends who waits for it when it is lost", async () => {
    const ended: string[] = [];
    const world = await connected({
      async *requestStream() {
        try {
          for (;;) yield new Uint8Array(ITEM);
        } finally {
          ended.push("ended");
        }
      },
    });
    world.simulation.network.wire.stall(Infinity, "down");
    const failing = world.client.requestStream("")[Symbol.asyncIterator]();
    const first = failing.next().catch((error: { code: string }) => error.code);
    await world.advance(1_000);
    world.simulation.network.wire.cut();
    await world.advance(10);
    expect([await first, ended]).toEqual(["link-reset", ["ended"]]);
    expect(await world.close()).toEqual(NOTHING);
  });
});

describe("a consumer that stops", () => {
  it("holds the prefetch and no more, while others go on", async () => {
    let pulled = 0;
    const world = await connected({
      requestResponse: (payload) => payload,
      *requestStream() {
        for (;;) {
          pulled++;
          yield new Uint8Array(1_000);
        }
      },
    });
    const iterator = world.client.requestStream("", { prefetch: 50 })[Symbol.asyncIterator]();
    await world.run(iterator.next());
    await world.advance(60_000);
    expect(pulled).toBe(50);
    expect(textOf(await world.run(world.client.requestResponse("others")))).toBe("others");
    await world.run(iterator.return!());
    expect(await world.close()).toEqual(NOTHING);
  });
});

describe("the memory transport", () => {
  async function pair(handler: RequestHandler): Promise<[RSocketServer, RSocketClient]> {
    const options = { runtime: simulatedRuntime(), transports: [createMemory(100_000)] };
    const server = new RSocketServer(handler, options);
    await server.listen("memory://here");
    return [server, await connect("memory://here", options)];
  }

  it("carries every interaction", async () => {
    const seen: string[] = [];
    const [server, client] = await pair({
      fireAndForget: (payload) => void seen.push(textOf(payload)),
      onMetadataPush: (metadata) => void seen.push(new TextDecoder().decode(metadata)),
      requestResponse: (payload) => payload,
      requestStream: () => ["a", "b"],
      async *requestChannel(first, rest) {
        yield first;
        yield* rest;
      },
    });
    await client.fireAndForget("f");
    await client.metadataPush("p");
    expect(textOf(await client.requestResponse("r"))).toBe("r");
    expect(await textsOf(client.requestStream("s"))).toEqual(["a", "b"]);
    expect(await textsOf(client.requestChannel("c", ["d", "e"]))).toEqual(["c", "d", "e"]);
    expect(seen).toEqual(["f", "p"]);
    await client.close();
    await server.close();
    expect([client.state, server.sockets.size]).toEqual(["closed", 0]);
  });

  it("carries 32 MB with every byte in its place", async () => {
    const [server, client] = await pair({
      *requestStream() {
        for (let n = 0; n < 2_000; n++) yield new Uint8Array(n % 2 === 0 ? 1_000 : 32_000).fill(n & 0xff);
      },
    });
    let n = 0;
    for await (const { data } of client.requestStream("")) {
      if (data.length !== (n % 2 === 0 ? 1_000 : 32_000) || data.some((byte) => byte !== (n & 0xff))) {
        throw new Error(`Item ${n} is wrong`);
      }
      n++;
    }
    expect(n).toBe(2_000);
    await client.close();
    await server.close();
  }, 30_000);

  it("ends calls with the client", async () => {
    const [server, client] = await pair({ requestResponse: () => new Promise(() => {}) });
    const call = client.requestResponse("x").catch((error: { code: string }) => error.code);
    await client.close();
    expect(await call).toBe("link-closed");
    await server.close();
    expect(server.sockets.size).toBe(0);
  });
});
