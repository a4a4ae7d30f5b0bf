// Frames that mean nothing where they came, and frames that cannot be read. RSocket 1.0, "Handling the Unexpected",
// "Ignore Flag", "Metadata Optional Header".
import { describe, expect, it } from "#test";
import { everyCut } from "../../conformance/transcript/every-cut.ts";
import {
  bytesOf,
  cancel,
  error,
  fnf,
  keepalive,
  payload,
  requestN,
  response,
  setup,
  stream,
} from "../../conformance/transcript/frames.ts";
import { accepting, client, server } from "../../conformance/transcript/roles.ts";
import { fromHex } from "../bytes/hex.ts";
import { encodeFrame } from "./encode.ts";
import { ERROR_CODE, type Frame } from "./frame.ts";

const asServer = { react: accepting() };
const alive = ['setup ""', 'request fnf 1 ""'];

function hex(text: string): Uint8Array {
  return fromHex(text.replaceAll(" ", ""))!;
}

describe("what is ignored", () => {
  const ignored: readonly (readonly [what: string, frame: Frame | Uint8Array])[] = [
    ["PAYLOAD on an unknown stream", payload(99, "x")],
    ["the first fragment of a PAYLOAD on an unknown stream", payload(99, "x", { flags: "NF" })],
    ["PAYLOAD on stream 0", payload(0, "x")],
    ["CANCEL on stream 0", cancel(0)],
    ["REQUEST_N on stream 0", requestN(0, 1)],
    ["ERROR on an unknown stream", error(9, 0x201)],
    ["LEASE nobody asked for", { type: "LEASE", streamId: 0, ttlMs: 1, requests: 1 }],
    ["RESUME_OK nobody asked for", { type: "RESUME_OK", streamId: 0, position: 0n }],
    ["KEEPALIVE on a stream", { ...keepalive(true, "x"), streamId: 5 }],
    ["SETUP on a stream", setup({ streamId: 5 })],
    ["LEASE on a stream", { type: "LEASE", streamId: 5, ttlMs: 1, requests: 1 }],
    ["an unknown type with I", hex("00000000 8200 7a7a")],
    ["an unknown type with I on a stream", hex("00000005 8200 7a7a")],
    ["the reserved type 0 with I", hex("00000000 0200")],
    ["EXT with I", { type: "EXT", streamId: 0, ignore: true, extendedType: 5, data: bytesOf("x") }],
    ["EXT with I on a stream", { type: "EXT", streamId: 5, ignore: true, extendedType: 5, data: bytesOf("x") }],
    ["EXT with I whose extended type is missing", hex("00000000 fe00 0000")],
    ["a PAYLOAD with I whose metadata length is too long", hex("00000001 2b20 000005 6162")],
    ["a PAYLOAD with I whose metadata length is cut", hex("00000001 2b20 0000")],
    ["a REQUEST_N with I that is cut", hex("00000001 2200 0000")],
    ["a KEEPALIVE on a stream that is cut", hex("00000001 0c80 00")],
  ];
  for (const [what, frame] of ignored) {
    it(`is ${what}`, () => {
      const player = everyCut(asServer, (p) => p.getsAll(setup(), frame, fnf(1)));
      expect(player.lines).toEqual(alive);
      expect(player.machine.state).toBe("open");
      const asking = client().gets(frame).gets(fnf(2));
      expect(asking.take()).toEqual(['request fnf 2 ""']);
    });
  }

  it("is a request on a live id, which goes on undisturbed", () => {
    const player = everyCut(asServer, (p) => {
      p.getsAll(setup(), response(1, "a"), response(1, "b"), stream(1, 5, "c"), stream(1, 0, "d"), fnf(1, "e"));
      p.does((m) => m.payload(1, bytesOf("x"), undefined, true));
    });
    expect(player.lines.slice(1)).toEqual(['request response 1 "a"', 'sent PAYLOAD 1 NC "x"']);
  });

  it("are reserved flags, and they are not sent back", () => {
    const player = everyCut(asServer, (p) => {
      p.getsAll(setup(), hex("00000001 101f 6f6b")).does((m) => m.payload(1, bytesOf("x"), undefined, true));
    });
    expect(player.lines.slice(1)).toEqual(['request response 1 "ok"', 'sent PAYLOAD 1 NC "x"']);
    expect([...player.sentFrames()[0]!.subarray(0, 6)]).toEqual([0, 0, 0, 1, 0x28, 0x60]);
  });

  it("is the reserved top bit of the stream id, which is not sent back", () => {
    const player = everyCut(asServer, (p) => {
      p.getsAll(setup(), hex("80000001 1000 6f6b")).does((m) => m.payload(1, bytesOf("x"), undefined, true));
      p.gets(hex("80000000 0c80 8000000000000000 70"));
    });
    expect(player.lines.slice(1)).toEqual([
      'request response 1 "ok"',
      'sent PAYLOAD 1 NC "x"',
      'sent KEEPALIVE at=0 "p"',
    ]);
    expect(player.sentFrames().every((frame) => frame[0] === 0)).toBe(true);
  });
});

describe("what ends the connection", () => {
  const fatal: readonly (readonly [what: string, frame: Uint8Array, code: string])[] = [
    ["an unknown type without I", hex("00000000 8000 7a7a"), "frame-unknown"],
    ["an unknown type without I on a stream", hex("00000001 8000"), "frame-unknown"],
    ["the reserved type 0", hex("00000000 0000"), "frame-unknown"],
    [
      "EXT without I",
      encodeFrame({ type: "EXT", streamId: 0, ignore: false, extendedType: 5, data: bytesOf("") }),
      "frame-unknown",
    ],
    ["EXT without I on a stream", hex("00000001 fc00 00000005 7a7a"), "frame-unknown"],
    ["a metadata length beyond the frame", hex("00000001 1100 000005 6162"), "frame-malformed"],
    ["a metadata length one byte beyond the frame", hex("00000001 1100 000003 6162"), "frame-malformed"],
    ["a metadata length that is cut", hex("00000001 1100 0000"), "frame-malformed"],
    ["a REQUEST_STREAM without request n", hex("00000001 1800 000000"), "frame-malformed"],
    ["a REQUEST_CHANNEL without request n", hex("00000001 1c00"), "frame-malformed"],
    ["a REQUEST_N without request n", hex("00000001 2000 000000"), "frame-malformed"],
    ["an ERROR without a code", hex("00000001 2c00 000000"), "frame-malformed"],
    ["an EXT without an extended type", hex("00000001 fc00 00"), "frame-malformed"],
    ["a KEEPALIVE that is too short", hex("00000000 0c80 00000000000000"), "frame-malformed"],
    ["REQUEST_RESPONSE on stream 0", hex("00000000 1000 78"), "frame-malformed"],
    ["REQUEST_FNF on stream 0", hex("00000000 1400 78"), "frame-malformed"],
    ["REQUEST_STREAM on stream 0", hex("00000000 1800 00000001"), "frame-malformed"],
    ["REQUEST_CHANNEL on stream 0", hex("00000000 1c00 00000001"), "frame-malformed"],
    ...[0, 1, 2, 3, 4, 5].map((length) =>
      [`a frame of ${length} bytes`, new Uint8Array(length), "frame-malformed"] as const
    ),
  ];
  for (const [what, frame, code] of fatal) {
    it(`is ${what}`, () => {
      const player = everyCut(asServer, (p) => p.getsAll(setup(), response(5), frame, fnf(1)));
      expect(player.lines.slice(2)).toEqual([
        "sent ERROR CONNECTION_ERROR",
        `error 5 ${code}`,
        `close ${code} with error`,
      ]);
      const asking = client().gets(frame);
      expect(asking.take()).toEqual(["sent ERROR CONNECTION_ERROR", `close ${code} with error`]);
    });
  }
});

describe("what a peer may do although it looks odd", () => {
  it("is CANCEL and REQUEST_N with bytes behind them", () => {
    const player = everyCut(asServer, (p) => {
      p.getsAll(setup(), stream(1, 1), hex("00000001 2000 00000002 ffff"), hex("00000001 2400 ffff"));
    });
    expect(player.heard.slice(2)).toEqual(["requestN 1 n=2", "cancel 1"]);
  });

  it("is METADATA_PUSH without M", () => {
    expect(server().gets(hex("00000000 3000 78")).take()).toEqual(['metadataPush m="x"']);
  });

  it("is a setup error sent to a server, which ignores it", () => {
    expect(server().gets(error(0, ERROR_CODE.REJECTED_SETUP)).take()).toEqual([]);
  });

  it("is an id of a finished stream, used again", () => {
    const player = server().gets(response(1, "a")).does((m) => m.complete(1)).gets(response(1, "b"));
    expect(player.take()).toEqual(['request response 1 "a"', "sent PAYLOAD 1 C", 'request response 1 "b"']);
  });

  it("is any odd id at any time", () => {
    const player = server().gets(response(0x7fff_ffff)).gets(response(5)).gets(response(3));
    expect(player.take()).toHaveLength(3);
  });
});

describe("an id of the wrong side", () => {
  it("is refused with INVALID, and nothing is handled", () => {
    const player = everyCut(asServer, (p) => p.getsAll(setup(), response(2), fnf(4), stream(6, 1), fnf(1)));
    expect(player.heard).toEqual(alive);
    expect(player.lines.filter((line) => line.startsWith("sent"))).toEqual([
      "sent ERROR 2 INVALID",
      "sent ERROR 6 INVALID",
    ]);
    expect(client().gets(response(1)).take()).toEqual(["sent ERROR 1 INVALID"]);
  });

  it("is ignored when this side has a live stream with it", () => {
    const player = client().does((m) => m.requestResponse(bytesOf(""), undefined, "a"));
    player.take();
    expect(player.gets(response(1)).take()).toEqual([]);
    expect(player.machine.liveStreams).toBe(1);
  });
});
