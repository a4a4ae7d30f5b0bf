// One flood for each limit, from strangers on connections of their own: the well-behaved client's trace in virtual time
// is the one without the flood, the server holds no more than the limit, and nothing is left of it.
import { describe, expect, it } from "#test";
import type { RequestHandler } from "../../src/front/rsocket.ts";
import { FRAME_TYPE } from "../../src/rsocket/frame.ts";
import { NOTHING, textOf } from "../seeds/world.ts";
import {
  cancel,
  channel,
  error,
  fnf,
  keepalive,
  metadataPush,
  payload,
  requestN,
  response,
  setup,
  stream,
} from "../transcript/frames.ts";
import { frameLine } from "../transcript/lines.ts";
import { type Flood, type FloodOptions, type Scene, type Stranger, withFlood } from "./flood.ts";

/** Runs with and without, wants equal traces, and gives what the flood left behind. */
async function harmless(flood: Flood, options: FloodOptions = {}): Promise<Scene> {
  const calm = await withFlood(undefined, options);
  const flooded = await withFlood(flood, options);
  expect(calm.trace.length).toBeGreaterThan(100);
  expect(flooded.trace).toEqual(calm.trace);
  expect(flooded.leftovers).toEqual(NOTHING);
  expect(flooded.scene.world.server.pending).toBe(0);
  return flooded.scene;
}

/** The last thing it heard, and that it is gone. */
function endOf(stranger: Stranger): [string, boolean] {
  return [frameLine(stranger.heard.at(-1)!), stranger.isGone];
}

const ended: [string, boolean] = ["ERROR CONNECTION_ERROR", true];
const zeros = (length: number): Uint8Array => new Uint8Array(length);
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const ids = (count: number): number[] => numbers(count).map((n) => 2 * n + 1);

describe("strangers before SETUP", () => {
  it("that stay silent are 1,024 at most, and are closed after setupTimeoutMs", async () => {
    const scene = await harmless(async (its) => {
      await its.silent(1_100);
      expect([its.world.server.pending, its.world.server.refused]).toEqual([1_024, 76]);
      await its.world.advance(10);
      expect(its.strangers.filter((stranger) => stranger.isGone)).toHaveLength(76);
      await its.world.advance(5_000);
      expect([its.world.server.pending, its.world.server.sockets.size]).toEqual([0, 1]);
    }, { forMs: 6_000 });
    expect(scene.strangers.every((stranger) => stranger.isGone)).toBe(true);
  }, 30_000);

  it("that drip a byte of SETUP each 100 ms are closed as well", async () => {
    await harmless(async (its) => {
      const [dripping] = await its.silent(1);
      for (let n = 0; n < 60; n++) {
        dripping!.raw(Uint8Array.of(n === 0 ? 0 : n === 2 ? 200 : 0));
        await its.world.advance(100);
      }
      expect(dripping!.isGone).toBe(true);
    }, { forMs: 6_500 });
  });

  it("that declare a SETUP of 16 MiB are closed before it comes", async () => {
    await harmless(async (its) => {
      const strangers = await its.silent(50);
      for (const stranger of strangers) stranger.raw(Uint8Array.of(0xff, 0xff, 0xff, 0, 0));
      await its.world.advance(10);
      for (const stranger of strangers) expect(endOf(stranger)).toEqual(["ERROR INVALID_SETUP", true]);
    });
  });

  it("that want a sign of life each millisecond are refused", async () => {
    await harmless(async (its) => {
      const strangers = await its.silent(50);
      for (const stranger of strangers) stranger.says(setup({ keepaliveMs: 1 }));
      await its.world.advance(10);
      for (const stranger of strangers) expect(endOf(stranger)).toEqual(["ERROR UNSUPPORTED_SETUP", true]);
    });
  });

  it("that are never decided on by the application are closed too", async () => {
    const onSetup: RequestHandler["onSetup"] = (its) => its.dataMimeType === "text/hang" ? new Promise(() => {}) : 1;
    await harmless(async (its) => {
      const strangers = await its.silent(20);
      for (const stranger of strangers) stranger.says(setup({ dataMimeType: "text/hang" }), response(1, "early"));
      await its.world.advance(5_010);
      for (const stranger of strangers) expect(endOf(stranger)).toEqual(["ERROR REJECTED_SETUP", true]);
    }, { forMs: 6_000, handler: { onSetup } });
  });
});

describe("strangers with frames and fragments", () => {
  it("that declare frames over maxFrameBytes are closed", async () => {
    await harmless(async (its) => {
      const stranger = await its.guest();
      stranger.raw(Uint8Array.of(0x10, 0, 1));
      await its.world.advance(10);
      expect(endOf(stranger)).toEqual(ended);
    }, { server: { limits: { maxFrameBytes: 1_048_576 } } });
  });

  const breaks = async (its: Scene, each: (stranger: Stranger, id: number) => void, perStream = 1): Promise<void> => {
    const stranger = await its.guest();
    for (const id of ids(17)) {
      each(stranger, id);
      await its.world.advance(perStream);
    }
    await its.world.advance(20);
    expect(endOf(stranger)).toEqual(ended);
    const refused = stranger.heard.map((frame) => frameLine(frame)).filter((line) => line.includes("INVALID"));
    expect(refused).toHaveLength(17);
  };

  it("that send empty fragments without end lose 17 streams, then the connection", async () => {
    const empty = (id: number) => numbers(200).map(() => payload(id, "", { flags: "NF" }));
    await harmless((its) =>
      breaks(its, (stranger, id) => stranger.says(response(id, "", { flags: "F" }), ...empty(id)))
    );
  });

  it("that send payloads over maxPayloadBytes do too", async () => {
    await harmless((its) => breaks(its, (stranger, id) => stranger.says(response(id, zeros(1_001)))), {
      server: { limits: { maxPayloadBytes: 1_000 } },
    });
  });

  it("that send more fragments than maxFragmentsPerPayload do too", async () => {
    const parts = (id: number) => numbers(100).map(() => payload(id, zeros(16), { flags: "NF" }));
    await harmless(
      (its) => breaks(its, (stranger, id) => stranger.says(response(id, zeros(16), { flags: "F" }), ...parts(id))),
      { server: { limits: { maxFragmentsPerPayload: 50 } } },
    );
  });

  it("that begin payloads and leave them unfinished lose them after reassemblyIdleMs", async () => {
    await harmless(async (its) => {
      const stranger = await its.guest();
      stranger.says(...ids(1_000).map((id) => response(id, zeros(32), { flags: "F" })));
      await its.world.advance(10);
      expect(stranger.heard).toHaveLength(0);
      await its.world.advance(500);
      expect(stranger.heard.filter((frame) => frameLine(frame).includes("INVALID"))).toHaveLength(1_000);
    }, { server: { limits: { reassemblyIdleMs: 500 } } });
  });

  it("that fill maxReassemblyBytes with many payloads get no more room", async () => {
    await harmless(async (its) => {
      const stranger = await its.guest();
      for (const id of ids(12)) stranger.says(response(id, zeros(10_000), { flags: "F" }));
      await its.world.advance(50);
      const lines = stranger.heard.map((frame) => frameLine(frame));
      expect(lines).toEqual(["ERROR 21 INVALID", "ERROR 23 INVALID"]);
    }, { server: { limits: { maxReassemblyBytes: 100_000 } } });
  });
});

describe("strangers with requests", () => {
  it("that begin 5,000 streams get 1,024, as long as their handlers run, cancelled or not", async () => {
    await harmless(async (its) => {
      const stranger = await its.guest();
      for (const id of ids(5_000)) {
        stranger.says(response(id, "hang"), cancel(id));
        if (id % 100 === 1) await its.world.advance(1);
      }
      await its.world.advance(50);
      expect(stranger.heard.length).toBe(5_000 - 1_024);
      expect(frameLine(stranger.heard.at(-1)!)).toBe("ERROR 9999 REJECTED");
    }, { handler: { requestResponse: stubborn() } });
  });

  it("that ask for 2^31-1 items again and again are served and no more", async () => {
    await harmless(async (its) => {
      const stranger = await its.guest();
      stranger.says(stream(1, 0x7fff_ffff), ...numbers(1_000).map(() => requestN(1, 0x7fff_ffff)));
      await its.world.advance(50);
      expect(stranger.heard.filter((frame) => (frame[4]! >> 2) === FRAME_TYPE.PAYLOAD)).toHaveLength(21);
    });
  });

  it("that flood with fire-and-forget run 1,024 handlers, and the rest is dropped and counted", async () => {
    let running = 0;
    let most = 0;
    const fireAndForget: RequestHandler["fireAndForget"] = (_, cx) =>
      new Promise((resolve) => {
        most = Math.max(most, ++running);
        void cx.socket.closed.then(() => {
          running--;
          resolve();
        });
      });
    const scene = await harmless(async (its) => {
      const stranger = await its.guest();
      stranger.says(...ids(5_000).map((id) => fnf(id, "x")));
      await its.world.advance(50);
      expect([running, its.world.socket.dropped]).toEqual([1_024, 5_000 - 1_024]);
    }, { handler: { fireAndForget } });
    expect([most, running]).toEqual([1_024, 0]);
    expect(scene.told.filter((code) => code === "requests-dropped")).toHaveLength(12); // 1, 2, 4 … 2,048
  });

  it("that flood with metadata pushes run 64 handlers, none of them with more than 64 KiB", async () => {
    let heard = 0;
    const onMetadataPush = () => {
      heard++;
      return new Promise<void>(() => {});
    };
    await harmless(async (its) => {
      const stranger = await its.guest();
      stranger.says(metadataPush(zeros(65_537)), ...numbers(2_000).map(() => metadataPush("x")));
      await its.world.advance(50);
      expect([heard, its.world.socket.dropped]).toEqual([64, 1 + 2_000 - 64]);
    }, { handler: { onMetadataPush } });
  });

  it("that send more items of a channel than were asked for lose 17 streams, then the connection", async () => {
    await harmless(async (its) => {
      const stranger = await its.guest();
      for (const id of ids(17)) stranger.says(channel(id, 1, "x"), payload(id, "unasked"));
      await its.world.advance(20);
      expect(endOf(stranger)).toEqual(ended);
    }, { handler: { requestChannel: () => new ReadableStream<string>() } });
  });
});

describe("strangers that do not read", () => {
  const small = { windowBytes: 1_024, highWaterBytes: 1_024 };

  it("and ask for signs of life are owed one at a time", async () => {
    await harmless(async (its) => {
      const [stranger] = await connectedWith(its, { windowBytes: 100_000, highWaterBytes: 1_024 });
      stranger!.deaf();
      for (let n = 0; n < 200; n++) {
        stranger!.says(...numbers(50).map(() => keepalive(true, zeros(1_000))));
        await its.world.advance(1);
      }
      expect([its.told, stranger!.isGone]).toEqual([[], false]);
      await its.world.advance(200);
      stranger!.listens();
      await its.world.advance(200);
      expect(stranger!.heard.length).toBeLessThan(110); // of 10,000: those under way, and one
    });
  });

  it("and ask for answers hold maxSendBytes at most, and are closed", async () => {
    const scene = await harmless(async (its) => {
      const [stranger] = await connectedWith(its, small);
      stranger!.deaf();
      for (const id of ids(200)) {
        stranger!.says(response(id, zeros(10_000)));
        await its.world.advance(5);
      }
      expect(its.world.server.sockets.size).toBe(1);
    }, { server: { limits: { maxSendBytes: 500_000 } }, forMs: 1_500 });
    expect(scene.told).toEqual(["slow-consumer"]);
  });

  it("and ask for a stream have it paused, and are closed after writeStallMs", async () => {
    let pulled = 0;
    const requestStream: RequestHandler["requestStream"] = function* (request) {
      if (textOf(request) !== "endless") return yield* ["a", "b"];
      for (;;) {
        pulled++;
        yield zeros(10_000);
      }
    };
    const scene = await harmless(async (its) => {
      const [stranger] = await connectedWith(its, small);
      stranger!.deaf().says(stream(1, 0x7fff_ffff, "endless"));
      await its.world.advance(9_990);
      expect([its.told, pulled < 10]).toEqual([[], true]);
      await its.world.advance(50);
      expect(its.told).toEqual(["slow-consumer"]);
    }, { handler: { requestStream }, forMs: 11_000 });
    expect(scene.world.server.sockets.size).toBe(0);
  });
});

describe("strangers with noise", () => {
  it("that send errors of a MiB have their texts cut", async () => {
    const scene = await harmless(async (its) => {
      const stranger = await its.guest();
      stranger.says(error(0, 0x101, "\u001b[2J".repeat(250_000)));
      await its.world.advance(20);
      expect(stranger.isGone).toBe(true);
    });
    expect(scene.told).toEqual(["connection-error"]);
  });

  it("that send bytes that are no frames are closed at once", async () => {
    await harmless(async (its) => {
      for (const stranger of [await its.guest(), await its.guest(), await its.guest()]) {
        stranger.raw(zeros(60_000));
        await its.world.advance(10);
        expect(stranger.isGone).toBe(true);
      }
    });
  });
});

/** A guest over a wire of another shape. */
async function connectedWith(scene: Scene, shape: { windowBytes: number; highWaterBytes: number }) {
  const { network } = scene.world.simulation;
  const before = network.shape;
  network.shape = { ...before, ...shape };
  const guest = await scene.guest();
  network.shape = before;
  return [guest];
}

/** Echoes, but hangs for "hang" even after it was cancelled, until the connection is gone. */
function stubborn(): NonNullable<RequestHandler["requestResponse"]> {
  return (request, cx) =>
    textOf(request) !== "hang" ? request : new Promise((resolve) => void cx.socket.closed.then(() => resolve("late")));
}
