// Every limit on both of its sides: one under is served, one over is refused with the right answer. contract/limits.ts.
import { describe, expect, it } from "#test";
import { everyCut } from "../../conformance/transcript/every-cut.ts";
import {
  bytesOf,
  channel,
  fnf,
  keepalive,
  payload,
  response,
  setup,
  stream,
} from "../../conformance/transcript/frames.ts";
import { Player, prefixed } from "../../conformance/transcript/player.ts";
import { accepting, client, server } from "../../conformance/transcript/roles.ts";
import { encodeFrame } from "./encode.ts";

const none = bytesOf("");
const zeros = (length: number): Uint8Array => new Uint8Array(length);

describe("maxFrameBytes", () => {
  const limits = { maxFrameBytes: 100, maxSetupBytes: 1_000 };

  it("is what a frame may have", () => {
    const player = server({ limits }).gets(fnf(1, zeros(94)));
    expect(player.take()).toHaveLength(1);
  });

  it("ends the connection one byte above, before the frame has come", () => {
    const player = everyCut({ limits, react: accepting() }, (p) => p.gets(setup()).raw(Uint8Array.of(0, 0, 101, 0, 0)));
    expect(player.lines.slice(1)).toEqual(["sent ERROR CONNECTION_ERROR", "close frame-too-large with error"]);
  });

  it("holds for clients, for messages and for lanes", () => {
    const asking = client({ limits }).raw(Uint8Array.of(0, 0, 101));
    expect(asking.take()).toEqual(["sent ERROR CONNECTION_ERROR", "close frame-too-large with error"]);
    const messages = client({ limits, framing: "message" }).gets(fnf(2, zeros(94))).gets(fnf(4, zeros(95)));
    expect(messages.take().slice(1)).toEqual(["sent ERROR CONNECTION_ERROR", "close frame-too-large with error"]);
    const lanes = server({ limits, mapping: "stream-per-request" }).raw(Uint8Array.of(0, 0, 101), 1);
    expect(lanes.take()).toEqual(["sent ERROR CONNECTION_ERROR", "close frame-too-large with error"]);
  });

  it("bounds SETUP too", () => {
    const player = new Player({ limits: { maxFrameBytes: 20 } }).gets(setup());
    expect(player.take()).toEqual(["sent ERROR INVALID_SETUP", "close setup-invalid with error"]);
  });
});

describe("maxSetupBytes", () => {
  const size = encodeFrame(setup()).length;

  it("is what SETUP may have", () => {
    const player = new Player({ limits: { maxSetupBytes: size } }).gets(setup());
    expect(player.take()).toEqual(['setup ""', "pause"]);
  });

  it("refuses a byte more with INVALID_SETUP, before it has come", () => {
    const player = new Player({ limits: { maxSetupBytes: size - 1 } });
    player.raw(prefixed(encodeFrame(setup())).subarray(0, 3));
    expect(player.take()).toEqual(["sent ERROR INVALID_SETUP", "close setup-invalid with error"]);
  });

  it("does not bound what follows", () => {
    const player = server({ limits: { maxSetupBytes: size } }).gets(fnf(1, zeros(5_000)));
    expect(player.take()).toHaveLength(1);
  });
});

describe("maxKeepaliveBytes", () => {
  const limits = { maxKeepaliveBytes: 10 };

  it("is what is echoed", () => {
    expect(server({ limits }).gets(keepalive(true, "0123456789")).take()).toEqual(['sent KEEPALIVE at=0 "0123456789"']);
  });

  it("ends the connection one byte above, when an answer is wanted", () => {
    const player = server({ limits }).gets(keepalive(false, "0123456789a")).gets(keepalive(true, "0123456789a"));
    expect(player.take()).toEqual(["sent ERROR CONNECTION_ERROR", "close keepalive-too-large with error"]);
  });
});

describe("maxPayloadBytes", () => {
  const limits = { maxPayloadBytes: 100 };

  it("counts metadata and data, and not the length between them", () => {
    const player = server({ limits }).gets(response(1, zeros(100))).gets(response(3, zeros(40), { m: zeros(60) }));
    expect(player.take().map((line) => line.slice(0, 18))).toEqual(["request response 1", "request response 3"]);
    const over = server({ limits }).gets(response(1, zeros(101))).gets(response(3, zeros(41), { m: zeros(60) }));
    expect(over.take()).toEqual(["sent ERROR 1 INVALID", "sent ERROR 3 INVALID"]);
    expect(over.machine.liveStreams).toBe(0);
  });

  it("refuses a request-fnf in silence", () => {
    expect(server({ limits }).gets(fnf(1, zeros(101))).take()).toEqual([]);
    const parts = server({ limits }).gets(fnf(1, zeros(60), { flags: "F" })).gets(payload(1, zeros(41)));
    expect(parts.take()).toEqual([]);
    expect(parts.machine.liveStreams).toBe(0);
  });

  it("ends a requester's stream with CANCEL and a channel with INVALID", () => {
    const player = client({ limits }).does((m) => m.requestStream(none, undefined, 5, "a"));
    player.does((m) => m.requestChannel(none, undefined, 5, false, "b")).does((m) =>
      m.requestResponse(none, undefined, "c")
    );
    player.take();
    player.gets(payload(1, zeros(100))).gets(payload(1, zeros(101))).gets(payload(3, zeros(101))).gets(
      payload(5, zeros(101)),
    );
    expect(player.take().slice(1)).toEqual([
      "error 1 payload-over-limit [a]",
      "sent CANCEL 1",
      "error 3 payload-over-limit [b]",
      "sent ERROR 3 INVALID",
      "error 5 payload-over-limit [c]",
      "sent CANCEL 5",
    ]);
    expect([player.machine.liveStreams, player.machine.state]).toEqual([0, "open"]);
  });

  it("counts the fragments of a payload together", () => {
    const parts = (last: number): Player =>
      server({ limits }).gets(response(1, zeros(30), { m: zeros(30), flags: "F" })).gets(payload(1, zeros(last)));
    expect(parts(40).take()).toHaveLength(1);
    expect(parts(41).take()).toEqual(["sent ERROR 1 INVALID"]);
    const asking = client({ limits }).does((m) => m.requestStream(none, undefined, 5, "a"));
    asking.gets(payload(1, zeros(60), { flags: "NF" })).gets(payload(1, zeros(41), { flags: "NF" }));
    expect(asking.take().slice(1)).toEqual(["error 1 payload-over-limit [a]", "sent CANCEL 1"]);
    expect(asking.gets(payload(1, zeros(1))).take()).toEqual([]);
  });

  it("says nothing about items that nobody receives", () => {
    const player = server({ limits }).gets(channel(1, 1)).does((m) => m.cancel(1));
    player.take();
    expect(player.gets(payload(1, zeros(101))).take()).toEqual([]);
    expect(player.machine.liveStreams).toBe(1);
  });
});

describe("maxFragmentsPerPayload", () => {
  const limits = { maxFragmentsPerPayload: 3 };

  it("is how many fragments a payload may have", () => {
    const player = server({ limits }).gets(response(1, "a", { flags: "F" })).gets(payload(1, "b", { flags: "NF" }));
    expect(player.gets(payload(1, "c")).take()).toEqual(['request response 1 "abc"']);
  });

  it("refuses one more, empty ones too", () => {
    const player = server({ limits }).gets(response(1, "", { flags: "F" }));
    for (let count = 2; count <= 3; count++) player.gets(payload(1, "", { flags: "NF" }));
    expect(player.take()).toEqual([]);
    expect(player.gets(payload(1, "", { flags: "NF" })).take()).toEqual(["sent ERROR 1 INVALID"]);
    expect(player.gets(payload(1, "x")).take()).toEqual([]);
  });
});

describe("maxReassemblyBytes", () => {
  const limits = { maxReassemblyBytes: 100 };
  const half = (id: number, length: number) => response(id, zeros(length), { flags: "F" });

  it("is what all unfinished payloads may hold together", () => {
    const player = server({ limits }).gets(half(1, 60)).gets(half(3, 40));
    expect(player.take()).toEqual([]);
    expect(player.gets(half(5, 1)).take()).toEqual(["sent ERROR 5 INVALID"]);
    player.gets(payload(1, none));
    expect(player.take()).toEqual([expect.stringMatching(/^request response 1 /)]);
    expect(player.gets(half(7, 60)).take()).toEqual([]);
    expect(player.machine.liveStreams).toBe(3);
  });

  it("ends only the stream that crossed it", () => {
    const player = server({ limits }).gets(half(1, 60)).gets(half(3, 41)).gets(payload(1, "", { flags: "N" }));
    expect(player.take()).toEqual(["sent ERROR 3 INVALID", expect.stringMatching(/^request response 1 /)]);
  });

  it("is given back by every way in which a payload can end", () => {
    const player = server({ limits });
    const ways: ((id: number) => void)[] = [
      (id) => void player.gets({ type: "CANCEL", streamId: id }),
      (id) => void player.gets({ type: "ERROR", streamId: id, code: 0x201, data: none }),
      (id) => void player.gets(payload(id, "")).does((m) => m.fail(id, 0x201, "")),
      (id) => void player.does((m) => m.fail(id, 0x201, "")),
      (id) => void player.gets(payload(id, zeros(99))), // over the limit itself
    ];
    ways.forEach((way, index) => {
      const id = index * 2 + 1;
      player.gets(half(id, 100));
      way(id);
      expect(player.machine.liveStreams, `way ${index}`).toBe(0);
    });
    player.take();
    expect(player.gets(half(99, 100)).gets(payload(99, "")).take()).toHaveLength(1);
  });
});

describe("maxConcurrentStreams", () => {
  const limits = { maxConcurrentStreams: 2 };

  it("refuses a request too many with REJECTED, and takes the next when one has ended", () => {
    const player = everyCut({ limits, react: accepting() }, (p) => {
      p.getsAll(setup(), response(1), stream(3, 1), response(5), fnf(7)).does((m) => m.complete(1)).gets(response(9));
    });
    expect(player.heard.slice(1)).toEqual([
      'request response 1 ""',
      'request stream 3 n=1 ""',
      'request response 9 ""',
    ]);
    expect(player.lines).toContain("sent ERROR 5 REJECTED");
    expect(player.machine.liveStreams).toBe(2);
  });

  it("counts requests whose fragments are still coming", () => {
    const player = server({ limits }).gets(response(1, "", { flags: "F" })).gets(fnf(3, "", { flags: "F" })).gets(
      response(5),
    );
    expect(player.take()).toEqual(["sent ERROR 5 REJECTED"]);
  });

  it("does not count this side's own requests, nor fire-and-forget that is over", () => {
    const player = server({ limits });
    for (let count = 0; count < 5; count++) player.does((m) => m.requestResponse(none, undefined, "a"));
    for (const id of [1, 3, 5]) player.gets(fnf(id));
    expect(player.gets(response(7)).gets(response(9)).take().filter((line) => line.startsWith("request"))).toHaveLength(
      5,
    );
  });

  it("counts a handler that is held until it is let go", () => {
    const player = server({ limits }).gets(fnf(1)).does((m) => m.hold()).gets(response(3)).gets(response(5));
    expect(player.take().slice(2)).toEqual(["sent ERROR 5 REJECTED"]);
    player.does((m) => m.letGo()).gets(response(7));
    expect(player.take()).toEqual(['request response 7 ""']);
  });
});

describe("setupTimeoutMs", () => {
  const limits = { setupTimeoutMs: 1_000 };
  const lost = ["sent ERROR INVALID_SETUP", "close setup-timeout with error"];

  it("is how long a server waits for SETUP", () => {
    expect(new Player({ limits }).at(999).gets(setup()).take()).toEqual(['setup ""', "pause"]);
    const player = new Player({ limits }).raw(Uint8Array.of(0, 0)).at(999);
    expect(player.take()).toEqual([]);
    expect(player.at(1_000).take()).toEqual(lost);
  });

  it("is how long it then waits for the application", () => {
    const waits = new Player({ limits }).at(900).gets(setup()).at(1_899);
    expect(waits.take()).toEqual(['setup ""', "pause"]);
    expect(waits.at(1_900).take()).toEqual(["sent ERROR REJECTED_SETUP", "close setup-timeout with error"]);
    const accepts = new Player({ limits }).gets(setup()).at(999).does((m) => m.accept()).at(80_000);
    expect(accepts.machine.state).toBe("open");
  });

  it("does not concern clients", () => {
    expect(client({ limits }).at(10_000).take()).toEqual([]);
  });
});
