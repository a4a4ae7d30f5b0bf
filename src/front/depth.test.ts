// Callbacks that call the library from inside callbacks, 100,000 times: the stack does not grow with it.
import { describe, expect, it } from "#test";
import { runtime as simulatedRuntime } from "../../conformance/seeds/memory-runtime.ts";
import { createMemory } from "../../transports/memory.ts";
import { connect, type RequestHandler, type RSocketClient, RSocketServer, type Subscriber } from "./rsocket.ts";
import type { PayloadSink } from "./requester.ts";

const MANY = 100_000;
const EMPTY = new Uint8Array(0);

async function pair(handler: RequestHandler): Promise<[RSocketServer, RSocketClient]> {
  // A mark that is never reached: nothing else makes the callbacks pause for breath.
  const options = {
    runtime: simulatedRuntime(),
    transports: [createMemory(1e12)],
    limits: { sendHighWaterBytes: Infinity, maxSendBytes: Infinity },
  };
  const server = new RSocketServer(handler, options);
  await server.listen("memory://deep");
  return [server, await connect("memory://deep", options)];
}

async function leave([server, client]: [RSocketServer, RSocketClient]): Promise<void> {
  await client.close();
  await server.close();
  expect(server.sockets.size).toBe(0);
}

/** A Publisher that gives what it is asked for before `request` returns. */
function prompt(count: number) {
  return {
    subscribe(to: Subscriber<Uint8Array>) {
      let left = count;
      let over = false;
      to.onSubscribe({
        request(n) {
          for (let given = 0; given < n && left > 0; given++, left--) to.onNext(EMPTY);
          if (left > 0 || over) return;
          over = true;
          to.onComplete();
        },
        cancel: () => void (left = 0),
      });
    },
  };
}

describe("100,000 callbacks deep", () => {
  it("a sink that makes the next request goes on, answered at the callback level", async () => {
    const both = await pair({
      callbacks: {
        requestResponse: (request, requester) => void requester.payload(request.id, EMPTY, undefined, true),
      },
    });
    const { requester } = both[1];
    let count = 0;
    await new Promise<void>((resolve, reject) => {
      const sink: PayloadSink = {
        next() {
          if (++count === MANY) resolve();
          else requester.requestResponse(EMPTY, undefined, sink);
        },
        complete() {},
        error: reject,
      };
      requester.requestResponse(EMPTY, undefined, sink);
    });
    expect(count).toBe(MANY);
    await leave(both);
  }, 60_000);

  it("a subscriber that asks for one item at a time goes on, fed by a Publisher that gives at once", async () => {
    const both = await pair({ requestStream: () => prompt(MANY) });
    let count = 0;
    await new Promise<void>((resolve, reject) => {
      let ask: () => void;
      both[1].requestStream("").subscribe({
        onSubscribe: (subscription) => {
          ask = () => subscription.request(1);
          ask();
        },
        onNext() {
          count++;
          ask();
        },
        onError: reject,
        onComplete: resolve,
      });
    });
    expect(count).toBe(MANY);
    await leave(both);
  }, 60_000);

  it("a Publisher that gives all it is asked for at once goes on", async () => {
    const both = await pair({ requestStream: () => prompt(10 * MANY) });
    let count = 0;
    await new Promise<void>((resolve, reject) => {
      both[1].requestStream("").subscribe({
        onSubscribe: (subscription) => subscription.request(0x7fff_ffff),
        onNext: () => void count++,
        onError: reject,
        onComplete: resolve,
      });
    });
    expect(count).toBe(10 * MANY);
    await leave(both);
  }, 60_000);

  it("a sink that makes the next request when one has failed goes on", async () => {
    const both = await pair({});
    const { requester } = both[1];
    let count = 0;
    await new Promise<void>((resolve) => {
      const sink: PayloadSink = {
        next() {},
        complete() {},
        error() {
          if (++count === MANY) resolve();
          else requester.requestStream(EMPTY, undefined, 1, sink);
        },
      };
      requester.requestStream(EMPTY, undefined, 1, sink);
    });
    expect(count).toBe(MANY);
    await leave(both);
  }, 60_000);
});
