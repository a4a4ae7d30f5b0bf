// One lane for each request: what is opened, ended and reset, and what a peer may do to lanes. mapping.ts.
import { describe, expect, it } from "#test";
import {
  bytesOf,
  cancel,
  channel,
  fnf,
  keepalive,
  payload,
  response,
  setup,
  stream,
} from "../../conformance/transcript/frames.ts";
import { Player, type PlayerOptions } from "../../conformance/transcript/player.ts";
import { client, server } from "../../conformance/transcript/roles.ts";

const none = bytesOf("");
const mapping = "stream-per-request" as const;
const asking = (options: PlayerOptions = {}): Player => client({ mapping, ...options });
const serving = (options: PlayerOptions = {}): Player => server({ mapping, ...options });

describe("a requester", () => {
  it("opens an even lane for each request and keeps connection frames on lane 0", () => {
    const player = asking().does((m) => m.requestResponse(bytesOf("q"), undefined, "a"));
    player.does((m) => m.requestStream(none, undefined, 1, "b")).does((m) => m.metadataPush(none)).gets(
      keepalive(true),
    );
    expect(player.take()).toEqual([
      "open 2",
      'sent on 2 REQUEST_RESPONSE 1 "q"',
      "open 4",
      "sent on 4 REQUEST_STREAM 3 n=1",
      'sent METADATA_PUSH m=""',
      "sent KEEPALIVE at=0",
    ]);
  });

  it("ends the lane with the stream", () => {
    const player = asking().does((m) => m.requestResponse(none, undefined, "a"));
    player.does((m) => m.requestStream(none, undefined, 1, "b")).take();
    player.gets(payload(1, "x", { flags: "NC" }), 2).does((m) => m.cancel(3)).ends(2).ends(4);
    expect(player.take()).toEqual(['payload 1 "x" end [a]', "end 2", "sent on 4 CANCEL 3", "end 4"]);
  });

  it("ends the lane of fire-and-forget behind it", () => {
    const player = asking({ fragmentBytes: 64 }).does((m) => void m.fireAndForget(new Uint8Array(60), undefined));
    const lines = player.take();
    expect([lines[0], lines.at(-1)]).toEqual(["open 2", "end 2"]);
    expect(lines).toHaveLength(4);
  });

  for (
    const [what, lose] of [
      ["ended", (p: Player) => p.ends(2)],
      ["reset", (p: Player) => p.does((m) => m.receiveReset(7, 0, 2))],
      ["stopped", (p: Player) => p.does((m) => m.receiveStop(7, 0, 2))],
    ] as const
  ) {
    it(`fails only the request whose lane is ${what} too early`, () => {
      const player = asking().does((m) => m.requestStream(none, undefined, 5, "a"));
      player.does((m) => m.requestStream(none, undefined, 5, "b")).take();
      lose(player);
      expect(player.take()).toEqual(["end 2", "error 1 link-reset [a]"]);
      expect([player.machine.liveStreams, player.machine.state]).toEqual([1, "open"]);
      lose(player);
      expect(player.take()).toEqual([]);
    });
  }

  it("still gets the answer when the responder reads no more", () => {
    const player = asking().does((m) => m.requestResponse(none, undefined, "a"));
    player.does((m) => m.receiveStop(0, 0, 2)).gets(payload(1, "x", { flags: "NC" }), 2);
    expect(player.take().slice(2)).toContain('payload 1 "x" end [a]');
  });
});

describe("a responder", () => {
  it("answers on the lane of the request, and ends it", () => {
    const player = serving().gets(response(1, "q"), 1).gets(stream(3, 2), 3).gets(channel(5, 1), 5);
    player.take();
    player.does((m) => m.payload(1, bytesOf("a"), undefined, true)).does((m) =>
      m.payload(3, bytesOf("b"), undefined, false)
    );
    player.does((m) => m.fail(5, 0x201, "x")).gets(cancel(3), 3);
    expect(player.take()).toEqual([
      'sent on 1 PAYLOAD 1 NC "a"',
      "end 1",
      'sent on 3 PAYLOAD 3 N "b"',
      "sent on 5 ERROR 5 APPLICATION_ERROR",
      "end 5",
      "cancel 3",
      "end 3",
    ]);
  });

  it("ends the lane of a fire-and-forget and of a refused request", () => {
    const player = serving().gets(fnf(1, "x"), 1).gets(stream(3, 0), 3).gets(fnf(5, "a", { flags: "F" }), 5);
    player.gets(payload(5, "b"), 5);
    expect(player.sent.filter((one) => one.type === "end").map((one) => one.lane)).toEqual([1, 3, 5]);
    expect(player.take()).toContain("sent on 3 ERROR 3 INVALID");
  });

  it("hears of a lane that is lost under a live stream", () => {
    const player = serving().gets(stream(1, 5), 1).gets(response(3, "a", { flags: "F" }), 3).does((m) =>
      m.attach(1, "a")
    );
    player.take();
    player.does((m) => m.receiveReset(9, 0, 1)).does((m) => m.receiveReset(9, 0, 3));
    expect(player.take().toSorted()).toEqual(["end 1", "end 3", "error 1 link-reset [a]"]);
    expect(player.machine.liveStreams).toBe(0);
  });

  it("takes requests on lane 0 too, as they come", () => {
    const player = serving().gets(response(1, "q")).does((m) => m.payload(1, bytesOf("a"), undefined, true));
    expect(player.take()).toEqual(['request response 1 "q"', 'sent PAYLOAD 1 NC "a"']);
  });

  it("goes on with a fire-and-forget whose sender reads no more", () => {
    const player = serving().gets(fnf(1, "a", { flags: "F" }), 1).does((m) => m.receiveStop(0, 0, 1));
    expect(player.gets(payload(1, "b"), 1).take()).toContain('request fnf 1 "ab"');
  });
});

describe("lanes before the client is accepted", () => {
  it("wait, are paused, and are read after accept, even when they have ended by then", () => {
    const player = new Player({ mapping }).gets(fnf(1, "early"), 1).gets(fnf(3, "x"), 3).ends(3);
    expect(player.take()).toEqual(["pause 1", "pause 3"]);
    player.gets(setup()).gets(response(5, "q"), 5).ends(1);
    expect(player.take()).toEqual(['setup ""', "pause", "pause 5"]);
    player.does((m) => m.accept());
    expect(player.take().toSorted()).toEqual([
      "end 1",
      "end 3",
      'request fnf 1 "early"',
      'request fnf 3 "x"',
      'request response 5 "q"',
      "resume",
      "resume 1",
      "resume 3",
      "resume 5",
    ]);
    expect(player.gets(fnf(7), 7).take()).toEqual(['request fnf 7 ""', "end 7"]);
  });

  it("are given up when they are reset", () => {
    const player = new Player({ mapping }).gets(fnf(1, "early"), 1).does((m) => m.receiveReset(1, 0, 1)).gets(setup());
    expect(player.does((m) => m.accept()).take().filter((line) => line.startsWith("request"))).toEqual([]);
  });
});

describe("a peer that misuses lanes", () => {
  const after = (player: Player, lane: number): string[] => {
    const at = player.sent.findIndex((one) => one.type === "end" && one.lane === lane);
    return player.sent.slice(at + 1).filter((one) => one.lane === lane).map((one) => one.type);
  };

  it("gets one request for each lane it opens", () => {
    const player = serving().gets(response(1), 1).gets(response(3), 1).does((m) => m.complete(1)).gets(response(5), 1);
    player.gets(stream(7, 0), 1).does((m) => m.complete(3));
    expect(player.take().filter((line) => line.startsWith("request"))).toEqual(['request response 1 ""']);
    expect(after(player, 1)).toEqual([]);
    player.ends(1);
    expect(player.take()).toEqual([]);
  });

  it("begins no request on a lane of ours", () => {
    const player = asking().does((m) => m.requestStream(none, undefined, 1, "a")).gets(response(2), 2);
    player.does((m) => m.cancel(1)).gets(response(4), 2);
    expect(player.take().filter((line) => line.startsWith("request"))).toEqual([]);
    expect(after(player, 2)).toEqual([]);
  });

  it("has its connection frames ignored there", () => {
    const player = serving().gets(keepalive(true, "x"), 1).gets(setup(), 1).gets(fnf(1), 1);
    expect(player.take().filter((line) => line.startsWith("request") || line.startsWith("sent"))).toEqual([
      'request fnf 1 ""',
    ]);
  });

  it("ends the connection with a broken frame there", () => {
    const player = serving().gets(new Uint8Array(3), 1);
    expect(player.take()).toEqual(["sent ERROR CONNECTION_ERROR", "close frame-malformed with error"]);
  });
});
