// The limits of payloads in pieces, each on both of its sides, in virtual time: tiny fragments, fragments that stop
// coming, and how many broken streams a peer may leave behind. contract/limits.ts.
import { describe, expect, it } from "#test";
import { bytesOf, channel, fnf, payload, response, stream } from "../../conformance/transcript/frames.ts";
import type { Player } from "../../conformance/transcript/player.ts";
import { client, server } from "../../conformance/transcript/roles.ts";

const none = bytesOf("");
const zeros = (length: number): Uint8Array => new Uint8Array(length);
const more = { flags: "NF" };

/** A request whose first fragment is large enough. */
const begun = (id: number) => response(id, zeros(16), { flags: "F" });

function repeat(count: number, run: (n: number) => void): void {
  for (let n = 0; n < count; n++) run(n);
}

describe("maxTinyFragments", () => {
  it("are 128 of fewer than 16 bytes, by default, and the payload is whole", () => {
    const player = server().gets(begun(1));
    repeat(128, () => player.gets(payload(1, zeros(15), more)));
    expect(player.gets(payload(1, "")).take()).toEqual([expect.stringMatching(/^request response 1 </)]);
  });

  it("end the stream with the next", () => {
    const player = server().gets(begun(1));
    repeat(128, () => player.gets(payload(1, zeros(15), more)));
    expect(player.take()).toEqual([]);
    expect(player.gets(payload(1, zeros(15), more)).take()).toEqual(["sent ERROR 1 INVALID"]);
    expect([player.machine.liveStreams, player.machine.state]).toEqual([0, "open"]);
  });

  it("are counted by metadata and data together, the first among them, and the last not", () => {
    const limits = { maxTinyFragments: 1 };
    const large = server({ limits }).gets(begun(1));
    repeat(5, () => large.gets(payload(1, "", { ...more, m: zeros(16) })));
    repeat(5, () => large.gets(payload(1, zeros(16), { ...more })));
    expect(large.gets(payload(1, "x")).take()).toHaveLength(1);
    const small = server({ limits }).gets(response(1, "", { flags: "F", m: zeros(15) }));
    expect(small.take()).toEqual([]);
    expect(small.gets(payload(1, "", { ...more, m: zeros(8) })).take()).toEqual(["sent ERROR 1 INVALID"]);
  });

  it("are counted for each payload by itself", () => {
    const player = client({ limits: { maxTinyFragments: 2 } });
    player.does((m) => m.requestStream(none, undefined, 9, "a")).take();
    repeat(3, () => player.gets(payload(1, "a", more)).gets(payload(1, "b", more)).gets(payload(1, "c")));
    expect(player.take().filter((line) => line.startsWith("payload"))).toHaveLength(3);
    repeat(3, () => player.gets(payload(1, "a", more)));
    expect(player.take()).toEqual(["error 1 payload-over-limit [a]", "sent CANCEL 1"]);
  });

  it("are what tinyFragmentBytes says", () => {
    const limits = { maxTinyFragments: 0, tinyFragmentBytes: 3 };
    const player = server({ limits }).gets(response(1, "abc", { flags: "F" })).gets(response(3, "ab", { flags: "F" }));
    expect(player.take()).toEqual(["sent ERROR 3 INVALID"]);
  });
});

describe("reassemblyIdleMs", () => {
  it("is how long the next fragment may take: 30 s by default", () => {
    const player = server().gets(begun(1)).at(29_999);
    expect(player.take()).toEqual([]);
    player.gets(payload(1, zeros(16), more)).at(59_998);
    expect(player.take()).toEqual([]);
    expect(player.gets(payload(1, "")).take()).toHaveLength(1);
    expect(player.machine.deadline).toBe(59_998 + 90_000); // keepalive only
  });

  it("ends a request with INVALID when it is over, and only that", () => {
    const player = server().gets(begun(1)).at(10_000).gets(begun(3));
    expect(player.machine.deadline).toBe(30_000);
    expect(player.at(30_000).take()).toEqual(["sent ERROR 1 INVALID"]);
    expect([player.machine.liveStreams, player.machine.deadline]).toEqual([1, 40_000]);
    expect(player.at(40_000).take()).toEqual(["sent ERROR 3 INVALID"]);
    expect([player.machine.liveStreams, player.machine.state]).toEqual([0, "open"]);
  });

  it("ends a requester's stream with CANCEL, a channel with INVALID, and a fire-and-forget in silence", () => {
    const limits = { reassemblyIdleMs: 50 };
    const asking = client({ limits }).does((m) => m.requestStream(none, undefined, 9, "a"));
    asking.does((m) => m.requestChannel(none, undefined, 9, false, "b")).take();
    asking.gets(payload(1, zeros(20), more)).gets(payload(3, zeros(20), more)).take();
    expect(asking.at(50).take()).toEqual([
      "sent CANCEL 1",
      "error 1 reassembly-idle [a]",
      "sent ERROR 3 INVALID",
      "error 3 reassembly-idle [b]",
    ]);
    expect(server({ limits }).gets(fnf(1, zeros(20), { flags: "F" })).at(50).take()).toEqual([]);
  });

  it("does not count for payloads that are whole, or whose stream is over", () => {
    const player = server({ limits: { reassemblyIdleMs: 50 } }).gets(begun(1)).gets(payload(1, "x"));
    player.gets(begun(3)).gets({ type: "CANCEL", streamId: 3 }).take();
    expect(player.machine.deadline).toBe(90_000);
    expect(player.at(1_000).take()).toEqual([]);
  });

  it("lets a connection that closes end as soon as nothing is unfinished", () => {
    const player = server({ limits: { reassemblyIdleMs: 50 } }).gets(begun(1)).does((m) => m.close(0, 1_000));
    player.take();
    expect(player.at(50).take()).toEqual(["sent ERROR 1 INVALID", "close closed"]);
  });

  it("costs one look at each unfinished payload, however many fragments came", () => {
    const player = server({ limits: { reassemblyIdleMs: 50, maxBreaches: 100 } });
    repeat(100, (n) => player.at(n % 40).gets(begun(2 * n + 1)));
    repeat(100, (n) => player.at(40 + n / 10).gets(payload(2 * n + 1, zeros(16), more)));
    expect(player.take()).toEqual([]);
    expect(player.at(89).take()).toEqual([]);
    for (let now = 90; now <= 100; now++) player.at(now);
    expect(player.take()).toHaveLength(100);
    expect([player.machine.liveStreams, player.machine.state]).toEqual([0, "open"]);
  });
});

describe("maxBreaches", () => {
  const tooLarge = (player: Player, id: number): Player => player.gets(response(id, zeros(101)));
  const limits = { maxPayloadBytes: 100 };

  it("are 16 broken streams, by default, that the connection survives", () => {
    const player = server({ limits });
    repeat(16, (n) => tooLarge(player, 2 * n + 1));
    expect(player.take()).toHaveLength(16);
    expect(player.gets(response(101)).take()).toEqual(['request response 101 ""']);
  });

  it("end it with the next", () => {
    const player = server({ limits }).gets(response(101)).does((m) => m.requestStream(none, undefined, 1, "a"));
    player.take();
    repeat(17, (n) => tooLarge(player, 2 * n + 1));
    const lines = player.take();
    expect(lines.slice(16)).toEqual([
      "sent ERROR 33 INVALID",
      "sent ERROR CONNECTION_ERROR",
      "error 2 too-many-breaches [a]",
      "error 101 too-many-breaches",
      "close too-many-breaches with error",
    ]);
    expect([player.machine.state, player.machine.liveStreams]).toEqual(["closed", 0]);
  });

  it("count every way of breaking a stream, on either side", () => {
    const ways: readonly ((player: Player) => void)[] = [
      (player) => player.gets(response(1, zeros(101))),
      (player) => player.gets(response(1, zeros(60), { flags: "F" })).gets(payload(1, zeros(60), more)),
      (player) => player.gets(response(1, zeros(20), { flags: "F" })).gets(payload(1, "", { ...more, m: "late" })),
      (player) => player.gets(begun(1)).at(30_000),
      (player) => player.gets(stream(1, 1)).gets({ type: "REQUEST_N", streamId: 1, requestN: 0 }),
      (player) => player.gets(channel(1, 1)).gets(payload(1, "unasked")),
    ];
    ways.forEach((way, index) => {
      const player = server({ limits: { ...limits, maxBreaches: 0 } });
      way(player);
      expect(player.lines.at(-1), `way ${index}`).toBe("close too-many-breaches with error");
    });
    const asking = client({ limits: { ...limits, maxBreaches: 0 } }).does((m) =>
      m.requestResponse(none, undefined, "a")
    );
    expect(asking.gets(payload(1, zeros(101))).take().slice(1)).toEqual([
      "error 1 payload-over-limit [a]",
      "sent CANCEL 1",
      "sent ERROR CONNECTION_ERROR",
      "close too-many-breaches with error",
    ]);
  });

  it("count payloads that stopped coming together once, and tell of them before the close", () => {
    const player = client({ limits: { maxBreaches: 0, reassemblyIdleMs: 50 } });
    player.does((m) => m.requestStream(none, undefined, 9, "a")).does((m) => m.requestStream(none, undefined, 9, "b"));
    player.gets(payload(1, zeros(20), more)).gets(payload(3, zeros(20), more)).take();
    const lines = player.at(50).take().filter((line) => !line.startsWith("sent"));
    expect(lines).toEqual([
      "error 1 reassembly-idle [a]",
      "error 3 reassembly-idle [b]",
      "close too-many-breaches with error",
    ]);
  });

  it("are no requests that the server is too busy for", () => {
    const player = server({ limits: { maxConcurrentStreams: 0 } });
    repeat(50, (n) => player.gets(response(2 * n + 1)));
    expect(player.machine.state).toBe("open");
  });
});
