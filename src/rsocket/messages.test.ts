// Message links (WebSocket): one message is one frame, without a length before it. RSocket 1.0, "Framing Protocol Usage".
import { describe, expect, it } from "#test";
import { bytesOf, fnf, keepalive, payload, response, setup, stream } from "../../conformance/transcript/frames.ts";
import { Player } from "../../conformance/transcript/player.ts";
import { accepting, client, server } from "../../conformance/transcript/roles.ts";
import { encodeFrame } from "./encode.ts";
import { MessageFrames } from "./frame-source.ts";

const framing = "message" as const;

describe("a messages link", () => {
  it("carries each frame as one message, both ways", () => {
    const player = server({ framing }).gets(response(1, "q")).gets(stream(3, 9));
    player.does((m) => {
      m.payload(1, bytesOf("a"), undefined, true);
      m.payload(3, bytesOf("b"), undefined, false);
      m.payload(3, new Uint8Array(20_000), bytesOf("m"), false);
      m.payload(3, bytesOf("c"), new Uint8Array(9_000), true);
      m.requestResponse(bytesOf("d"), undefined, "ctx");
    }).gets(keepalive(true, "ping"));
    const lines = player.take();
    expect(lines.slice(0, 2)).toEqual(['request response 1 "q"', 'request stream 3 n=9 ""']);
    expect(lines.slice(2).map((line) => line.replace(/<.*>/, "<>"))).toEqual([
      'sent PAYLOAD 1 NC "a"',
      'sent PAYLOAD 3 N "b"',
      'sent PAYLOAD 3 N m="m" <>',
      'sent PAYLOAD 3 NC m=<> "c"',
      'sent REQUEST_RESPONSE 2 "d"',
      'sent KEEPALIVE at=0 "ping"',
    ]);
    expect(player.sent.map((one) => one.bytes.length)).toEqual([7, 7, 20_010, 9_010, 7, 18]);
  });

  it("counts the same positions as a bytes link", () => {
    const play = (kind: "message" | "prefixed"): number[] => {
      const player = server({ framing: kind }).gets(response(1, "q", { m: "m" })).gets(keepalive(true));
      player.does((m) => m.payload(1, new Uint8Array(10_000), undefined, true));
      return [player.machine.sentPosition, player.machine.receivedPosition];
    };
    expect(play("message")).toEqual(play("prefixed"));
    expect(play("message")).toEqual([10_006, 11]);
  });

  it("takes an empty message for a frame of 0 bytes", () => {
    expect(server({ framing }).raw(new Uint8Array(0)).take()).toEqual([
      "sent ERROR CONNECTION_ERROR",
      "close frame-malformed with error",
    ]);
  });

  it("holds messages while the application decides", () => {
    const player = new Player({ framing }).gets(setup()).gets(fnf(1, "a")).gets(fnf(3, "b")).gets(fnf(5, "c"));
    player.does((m) => m.accept()).gets(fnf(7, "d"));
    expect(player.take()).toEqual([
      'setup ""',
      "pause",
      "resume",
      ...["1", "3", "5", "7"].map((id, at) => `request fnf ${id} "${"abcd"[at]}"`),
    ]);
  });

  it("takes messages that come before the last was polled", () => {
    const { machine } = new Player({ framing, react: accepting() });
    const chunks = [setup(), fnf(1, "a"), fnf(3, "b")].map(encodeFrame);
    for (const chunk of chunks) machine.receive(chunk, 0);
    const types: string[] = [];
    for (let output = machine.poll(); output !== undefined; output = machine.poll()) {
      if (output.type !== "event") continue;
      types.push(output.event.type);
      if (output.event.type === "setup") machine.accept();
    }
    expect(types).toEqual(["setup", "request", "request"]);
  });

  it("fragments by the same size as a bytes link, prefix included", () => {
    const player = client({ framing, fragmentBytes: 64 }).does((m) =>
      void m.fireAndForget(new Uint8Array(56), undefined)
    );
    expect(player.sentFrames().slice(1).map((frame) => frame.length)).toEqual([61, 7]);
    expect(player.gets(fnf(2, "a", { flags: "F" })).gets(payload(2, "b")).take().at(-1)).toBe('request fnf 2 "ab"');
  });
});

describe("message frames", () => {
  it("copy a message once when it must wait", () => {
    const source = new MessageFrames();
    expect([source.hasInput, source.next(100)]).toEqual([false, 0]);
    const chunk = bytesOf("one");
    source.push(chunk);
    source.keep();
    source.keep();
    chunk.fill(0);
    expect(source.next(100)).toBe(1);
    expect(source.bytes.subarray(source.at, source.end)).toEqual(bytesOf("one"));
    expect([source.next(100), source.bytes.length]).toEqual([0, 0]);
  });

  it("refuse what is too large without taking it", () => {
    const source = new MessageFrames();
    source.push(bytesOf("four"));
    expect([source.next(3), source.next(3), source.next(4), source.hasInput]).toEqual([-1, -1, 1, false]);
  });
});
