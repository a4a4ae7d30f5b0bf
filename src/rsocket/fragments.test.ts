// Fragments in both directions, of every carrier and size. RSocket 1.0, "Fragmentation And Reassembly".
import { describe, expect, it } from "#test";
import fc from "fast-check";
import { everyCut } from "../../conformance/transcript/every-cut.ts";
import {
  bytesOf,
  cancel,
  channel,
  fnf,
  keepalive,
  payload,
  requestN,
  response,
  setup,
  stream,
} from "../../conformance/transcript/frames.ts";
import { concat, type Player } from "../../conformance/transcript/player.ts";
import { accepting, client, server } from "../../conformance/transcript/roles.ts";
import { decodeFrame } from "./decode.ts";
import type { Frame, RequestChannelFrame, RequestFrame } from "./frame.ts";
import { Reassembly } from "./fragments.ts";

const asServer = { react: accepting() };
const zeros = (length: number): Uint8Array => new Uint8Array(length).map((_, at) => at * 7);
type Carrier = RequestFrame & Partial<Pick<RequestChannelFrame, "complete" | "requestN">> & { next?: boolean };

/** What was sent behind SETUP, decoded. */
function sent(player: Player): Carrier[] {
  return player.sentFrames().map(decodeFrame).filter((frame) => (frame as Frame).type !== "SETUP") as Carrier[];
}

describe("what is sent", () => {
  it("is in as many pieces as the size asks for, however metadata and data are split", () => {
    const part = fc.option(fc.integer({ min: 0, max: 400 }), { nil: undefined });
    fc.assert(fc.property(fc.integer({ min: 64, max: 200 }), part, fc.integer({ min: 0, max: 400 }), (size, m, d) => {
      const [metadata, data] = [m === undefined ? undefined : zeros(m), zeros(d)];
      for (const framing of ["prefixed", "message"] as const) {
        const player = client({ fragmentBytes: size, framing });
        player.does((machine) => machine.requestChannel(data, metadata, 5, true, "a"));
        const wire = player.sentFrames().slice(1);
        const frames = sent(player);
        for (const one of wire) expect(one.length + 3).toBeLessThanOrEqual(size);
        expect(frames.map((one) => one.type)).toEqual(["REQUEST_CHANNEL", ...frames.slice(1).map(() => "PAYLOAD")]);
        expect(frames.map((one) => one.follows)).toEqual(frames.map((_, at) => at < frames.length - 1));
        expect(frames.map((one) => one.complete)).toEqual(frames.map((_, at) => at === frames.length - 1));
        expect(frames.slice(1).every((one) => one.next === true)).toBe(true);
        expect(concat(frames.map((one) => one.data))).toEqual(data);
        const parts = frames.flatMap((one) => one.metadata === undefined ? [] : [one.metadata]);
        expect(parts.length > 0 ? concat(parts) : undefined).toEqual(metadata);
        // all metadata precedes any data, and no fragment is empty unless the payload is
        const dataFrom = frames.findIndex((one) => one.data.length > 0);
        if (dataFrom >= 0) expect(frames.slice(dataFrom + 1).every((one) => one.metadata === undefined)).toBe(true);
        if (frames.length > 1) {
          expect(frames.every((one) => one.data.length + (one.metadata?.length ?? 0) > 0)).toBe(true);
        }
      }
    }));
  });

  // A PAYLOAD of n data bytes has 3 + 6 + n bytes on the wire.
  it("is one frame at the exact size, and two a byte above", () => {
    const count = (length: number, metadata?: number): number => {
      const player = server({ fragmentBytes: 64 }).gets(response(1));
      player.does((m) => m.payload(1, zeros(length), metadata === undefined ? undefined : zeros(metadata), true));
      return player.sentFrames().length;
    };
    expect([count(0), count(55), count(56), count(110), count(111)]).toEqual([1, 1, 2, 2, 3]);
    expect([count(0, 0), count(0, 52), count(0, 53), count(0, 104), count(0, 105)]).toEqual([1, 1, 2, 2, 3]);
    expect([count(1, 51), count(1, 52), count(55, 52), count(56, 52)]).toEqual([1, 2, 2, 3]);
  });

  it("counts the request n of the first frame", () => {
    const count = (length: number): number => {
      const player = client({ fragmentBytes: 64 });
      player.does((m) => m.requestStream(zeros(length), undefined, 1, "a"));
      return player.sentFrames().length - 1;
    };
    expect([count(51), count(52), count(106), count(107)]).toEqual([1, 2, 2, 3]);
  });

  it("is fragmented by every request and by items both ways", () => {
    const player = client({ fragmentBytes: 64 });
    player.does((m) => m.requestResponse(zeros(100), zeros(10), "a")).does((m) =>
      m.fireAndForget(zeros(100), undefined)
    );
    player.does((m) => m.requestStream(zeros(100), undefined, 7, "b"));
    player.does((m) => m.requestChannel(zeros(100), undefined, 8, false, "c"));
    player.gets(requestN(7, 1)).does((m) => m.payload(7, zeros(100), undefined, false));
    expect(player.take().map((line) => line.replace(/ (m=)?(<|0x).*/, ""))).toEqual([
      "sent REQUEST_RESPONSE 1 F",
      "sent PAYLOAD 1 FN",
      "sent PAYLOAD 1 N",
      "sent REQUEST_FNF 3 F",
      "sent PAYLOAD 3 N",
      "sent REQUEST_STREAM 5 F n=7",
      "sent PAYLOAD 5 N",
      "sent REQUEST_CHANNEL 7 F n=8",
      "sent PAYLOAD 7 N",
      "requestN 7 n=1 [c]",
      "sent PAYLOAD 7 FN",
      "sent PAYLOAD 7 N",
    ]);
  });

  it("is never fragmented on stream 0, and ERROR neither", () => {
    const player = client({ fragmentBytes: 64, setup: { data: zeros(100) } }).gets(keepalive(true, zeros(100)));
    player.does((m) => m.metadataPush(zeros(100))).gets(channel(2, 1)).does((m) => m.fail(2, 0x201, "x".repeat(100)));
    expect(player.sentFrames().map((frame) => (decodeFrame(frame) as Frame).type)).toEqual([
      "SETUP",
      "KEEPALIVE",
      "METADATA_PUSH",
      "ERROR",
    ]);
  });

  it("is fragmented without being asked where it does not fit one frame", () => {
    const player = client();
    player.does((m) => m.requestResponse(new Uint8Array(16_777_209), undefined, "a"));
    player.does((m) => m.requestResponse(new Uint8Array(16_777_210), undefined, "b"));
    expect(sent(player).map((one) => one.data.length)).toEqual([16_777_209, 16_777_209, 1]);
  });
});

describe("what comes", () => {
  it("is one payload, whatever its fragments' N says", () => {
    const player = everyCut(asServer, (p) => {
      p.getsAll(
        setup(),
        response(1, "", { m: "me", flags: "F" }),
        payload(1, "da", { m: "ta", flags: "FN" }),
        payload(1, "t", { flags: "F" }),
        payload(1, "a", { flags: "" }),
        response(3, "x", { flags: "F" }),
        payload(3, "y"),
      );
    });
    expect(player.heard.slice(1)).toEqual(['request response 1 m="meta" "data"', 'request response 3 "xy"']);
  });

  it("is put together for every carrier", () => {
    const player = everyCut(asServer, (p) => {
      p.getsAll(
        setup(),
        fnf(1, "a", { flags: "F" }),
        payload(1, "b"),
        stream(3, 4, "a", { flags: "F" }),
        payload(3, "b"),
        channel(5, 6, "a", { flags: "F" }),
        payload(5, "b"),
      );
      p.does((m) => m.requestN(5, 1)).getsAll(payload(5, "c", { flags: "FN" }), payload(5, "d", { flags: "NC" }));
    });
    expect(player.heard.slice(1)).toEqual([
      'request fnf 1 "ab"',
      'request stream 3 n=4 "ab"',
      'request channel 5 n=6 "ab"',
      'payload 5 "cd" end',
    ]);
    expect(player.machine.liveStreams).toBe(2);
  });

  it("may interleave with other streams and with frames of its own", () => {
    const player = everyCut({ role: "client" }, (p) => {
      p.does((m) => m.requestChannel(bytesOf(""), undefined, 9, false, "a"));
      p.does((m) => m.requestStream(bytesOf(""), undefined, 9, "b"));
      p.getsAll(
        payload(1, "1", { flags: "FN" }),
        payload(3, "3", { flags: "FN" }),
        requestN(1, 2),
        keepalive(true, "k"),
        payload(3, "c"),
        payload(1, "a", { flags: "NC" }),
        payload(3, "d"),
      );
    });
    expect(player.heard).toEqual([
      "requestN 1 n=2 [a]",
      'payload 3 "3c" [b]',
      'payload 1 "1a" end [a]',
      'payload 3 "d" [b]',
    ]);
  });

  for (const [first, last] of [["FC", "N"], ["F", "NC"], ["F", "C"]] as const) {
    it(`completes a channel whose C is on "${first}" and "${last}"`, () => {
      const player = server().gets(channel(1, 3, "a", { flags: first })).gets(payload(1, "b", { flags: last }));
      expect(player.take()).toEqual(['request channel 1 n=3 "ab" end']);
    });
  }

  it("ends at C: F beside it is ignored", () => {
    const player = everyCut(asServer, (p) => {
      p.getsAll(setup(), response(1, "a", { flags: "F" }), payload(1, "b", { flags: "FNC" }), payload(1, "ghost"));
    });
    expect(player.heard.slice(1)).toEqual(['request response 1 "ab"']);
    const asking = client().does((m) => m.requestStream(bytesOf(""), undefined, 9, "a"));
    expect(asking.gets(payload(1, "x", { flags: "FNC" })).take()[1]).toBe('payload 1 "x" end [a]');
  });

  it("ends with C alone as the last fragment", () => {
    const asking = client().does((m) => m.requestStream(bytesOf(""), undefined, 9, "a"));
    asking.gets(payload(1, "x", { flags: "FN" })).gets(payload(1, "", { flags: "C" }));
    expect(asking.take()[1]).toBe('payload 1 "x" end [a]');
  });

  it("must have its metadata before its data", () => {
    const player = everyCut(asServer, (p) => {
      p.getsAll(setup(), response(1, "d", { flags: "F" }), payload(1, "", { m: "m" }), response(3));
    });
    expect(player.lines.filter((line) => line.startsWith("sent"))).toEqual(["sent ERROR 1 INVALID"]);
    expect(player.heard.slice(1)).toEqual(['request response 3 ""']);
    const asking = client().does((m) => m.requestStream(bytesOf(""), undefined, 9, "a"));
    asking.gets(payload(1, "d", { m: "m", flags: "FN" })).gets(payload(1, "d", { m: "m", flags: "FN" }));
    expect(asking.take().slice(1)).toEqual(["error 1 fragment-invalid [a]", "sent CANCEL 1"]);
  });

  it("may have empty metadata behind data, and is then still one payload", () => {
    const player = server().gets(response(1, "d", { flags: "F" })).gets(payload(1, "e", { m: "" }));
    expect(player.take()).toEqual(['request response 1 m="" "de"']);
  });

  it("is gone after CANCEL, and the next payload begins anew", () => {
    const player = everyCut(asServer, (p) => {
      p.getsAll(setup(), channel(1, 1, "a", { flags: "F" }), cancel(1), payload(1, "b"), channel(1, 1, "c"));
    });
    expect(player.heard.slice(1)).toEqual(['request channel 1 n=1 "c"']);
  });

  it("does not begin for a request that is refused", () => {
    const player = server().gets(response(2, "a", { flags: "F" })).gets(payload(2, "b")).gets(
      stream(1, 0, "a", { flags: "F" }),
    );
    expect(player.gets(payload(1, "b")).take()).toEqual(["sent ERROR 2 INVALID", "sent ERROR 1 INVALID"]);
  });

  it("is nothing to the application until it is whole", () => {
    const player = server().gets(stream(1, 5, "a", { flags: "F" }));
    expect(player.machine.payload(1, bytesOf("x"), undefined, false)).toBe(false);
    player.does((m) => m.complete(1)).does((m) => m.requestN(1, 1)).does((m) => m.cancel(1)).gets(requestN(1, 1));
    expect(player.take()).toEqual([]);
    expect(player.ends().take()).toEqual(["close link-closed with error"]);
  });
});

describe("a reassembly", () => {
  it("gives memory of its own", () => {
    const whole = new Reassembly();
    const first = bytesOf("ab");
    whole.add(bytesOf("m"), first);
    first.fill(0);
    whole.add(undefined, bytesOf("c"));
    expect([whole.metadata(), whole.data()]).toEqual([bytesOf("m"), bytesOf("abc")]);
    expect([whole.size, whole.count]).toEqual([4, 2]);
    expect(whole.held).toBeGreaterThanOrEqual(4);
  });

  it("tells no metadata from empty metadata", () => {
    const none = new Reassembly();
    none.add(undefined, bytesOf("a"));
    expect(none.metadata()).toBeUndefined();
    const empty = new Reassembly();
    empty.add(bytesOf(""), bytesOf("a"));
    expect(empty.metadata()).toHaveLength(0);
    expect(empty.data()).toEqual(bytesOf("a"));
  });
});
