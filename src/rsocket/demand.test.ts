// Request n in both directions: what may be sent, what may come, and how credits add up. RSocket 1.0, "REQUEST_N".
import { describe, expect, it } from "#test";
import { everyCut } from "../../conformance/transcript/every-cut.ts";
import { bytesOf, cancel, channel, payload, requestN, setup, stream } from "../../conformance/transcript/frames.ts";
import { accepting, client, server } from "../../conformance/transcript/roles.ts";
import { UsageError } from "../contract/errors.ts";
import { MAX_REQUEST_N } from "../kit/credit.ts";

const none = bytesOf("");
const asServer = { react: accepting() };

describe("what this side sends", () => {
  it("never exceeds the credit of a stream", () => {
    const player = server().gets(stream(1, 2));
    const next = (): boolean => player.machine.payload(1, none, undefined, false);
    expect([next(), next()]).toEqual([true, true]);
    expect(next).toThrow(UsageError);
    expect(next).toThrow(/asked for no more/);
    player.gets(requestN(1, 1));
    expect(next()).toBe(true);
    expect(next).toThrow(UsageError);
    player.does(() => {});
    expect(player.take().filter((line) => line.startsWith("sent"))).toHaveLength(3);
  });

  it("adds credits up and keeps the sum at 2^31-1", () => {
    const player = server().gets(stream(1, MAX_REQUEST_N)).gets(requestN(1, MAX_REQUEST_N)).gets(requestN(1, 5));
    expect(player.take().slice(1)).toEqual([`requestN 1 n=${MAX_REQUEST_N}`, "requestN 1 n=5"]);
    expect(player.machine.payload(1, none, undefined, false)).toBe(true);
  });

  it("reads the 31 bits of request n and not the reserved bit", () => {
    const player = server();
    player.gets(Uint8Array.of(0, 0, 0, 1, 0x18, 0, 0x80, 0, 0, 2)).take();
    expect([1, 2].map(() => player.machine.payload(1, none, undefined, false))).toEqual([true, true]);
    expect(() => player.machine.payload(1, none, undefined, false)).toThrow(UsageError);
  });

  it("sends a fragmented item for one credit", () => {
    const player = server({ fragmentBytes: 64 }).gets(stream(1, 1));
    player.does((m) => m.payload(1, new Uint8Array(500), undefined, false)).take();
    expect(() => player.machine.payload(1, none, undefined, false)).toThrow(UsageError);
    player.gets(requestN(1, 1));
    expect(player.machine.payload(1, none, undefined, false)).toBe(true);
  });

  it("asks for at least 1 and at most 2^31-1 items", () => {
    const player = client();
    for (const wrong of [0, -1, 0.5, 2 ** 31, Number.NaN, Infinity]) {
      expect(() => player.machine.requestStream(none, undefined, wrong, "a")).toThrow(UsageError);
      expect(() => player.machine.requestChannel(none, undefined, wrong, false, "a")).toThrow(UsageError);
      expect(() => player.machine.requestN(1, wrong)).toThrow(UsageError);
    }
    player.does((m) => m.requestStream(none, undefined, MAX_REQUEST_N, "a")).does((m) => m.requestN(1, 1));
    expect(player.take()).toEqual([`sent REQUEST_STREAM 1 n=${MAX_REQUEST_N}`, "sent REQUEST_N 1 n=1"]);
  });

  it("asks for nothing on streams that have no items or are gone", () => {
    const player = client().does((m) => m.requestResponse(none, undefined, "a")).does((m) => m.requestN(1, 1));
    player.does((m) => m.requestN(77, 1));
    expect(player.take()).toEqual(["sent REQUEST_RESPONSE 1"]);
  });
});

describe("what comes", () => {
  it("may use up what was asked for, and one item more ends a stream with CANCEL", () => {
    const player = everyCut({ role: "client" }, (p) => {
      p.does((m) => m.requestStream(none, undefined, 1, "a")).does((m) => m.requestN(1, 1));
      p.getsAll(payload(1, "1"), payload(1, "2"), payload(1, "3"), payload(1, "4"));
    });
    expect(player.heard).toEqual(['payload 1 "1" [a]', 'payload 1 "2" [a]', "error 1 demand-exceeded [a]"]);
    expect(player.lines.filter((line) => line.startsWith("sent"))).toContain("sent CANCEL 1");
    expect(player.machine.state).toBe("open");
    expect(player.machine.liveStreams).toBe(0);
  });

  it("ends a channel with INVALID on both sides when it is too much", () => {
    const serving = everyCut(asServer, (p) => {
      p.getsAll(setup(), channel(1, 1)).does((m) => m.requestN(1, 1)).getsAll(payload(1, "1"), payload(1, "2"));
    });
    expect(serving.heard.slice(2)).toEqual(['payload 1 "1"', "error 1 demand-exceeded"]);
    expect(serving.lines).toContain("sent ERROR 1 INVALID");
    const asking = client().does((m) => m.requestChannel(none, undefined, 1, false, "a"));
    asking.gets(payload(1, "1")).gets(payload(1, "2"));
    expect(asking.take().slice(1)).toEqual([
      'payload 1 "1" [a]',
      "error 1 demand-exceeded [a]",
      "sent ERROR 1 INVALID",
    ]);
  });

  it("is too much at the first fragment already, before anything is put together", () => {
    const player = client().does((m) => m.requestStream(none, undefined, 1, "a")).gets(payload(1, "1"));
    player.take();
    player.gets(payload(1, "2", { flags: "NF" }));
    expect(player.take()).toEqual(["error 1 demand-exceeded [a]", "sent CANCEL 1"]);
  });

  it("takes a channel's items only after asking for them", () => {
    const player = server().gets(channel(1, 1)).gets(payload(1, "early"));
    expect(player.take().slice(1)).toEqual(["error 1 demand-exceeded", "sent ERROR 1 INVALID"]);
  });

  it("needs no demand to end", () => {
    const player = client().does((m) => m.requestStream(none, undefined, 1, "a"));
    player.gets(payload(1, "1")).gets(payload(1, "", { flags: "C" }));
    expect(player.take().slice(1)).toEqual(['payload 1 "1" [a]', "complete 1 [a]"]);
  });

  it("keeps demand at 2^31-1, which is a number like any other", () => {
    const player = client().does((m) => m.requestStream(none, undefined, MAX_REQUEST_N, "a"));
    player.does((m) => m.requestN(1, MAX_REQUEST_N)).gets(payload(1, "1"));
    expect(player.take().at(-1)).toBe('payload 1 "1" [a]');
  });
});

describe("a request n of 0", () => {
  it("at the request is refused with INVALID, and the application hears nothing", () => {
    const player = everyCut(
      asServer,
      (p) => p.getsAll(setup(), stream(1, 0, "q"), channel(3, 0, "q"), payload(3, "x")),
    );
    expect(player.lines.slice(1)).toEqual(["sent ERROR 1 INVALID", "sent ERROR 3 INVALID"]);
    expect(player.machine.liveStreams).toBe(0);
  });

  it("in REQUEST_N ends the stream with INVALID on both sides", () => {
    const player = everyCut(asServer, (p) => p.getsAll(setup(), stream(1, 1), requestN(1, 0), requestN(1, 5)));
    expect(player.heard.slice(2)).toEqual(["error 1 frame-malformed"]);
    expect(player.lines).toContain("sent ERROR 1 INVALID");
    expect(player.machine.liveStreams).toBe(0);
  });
});

describe("REQUEST_N", () => {
  it("is ignored on unknown streams, on request-response and from a stream's responder", () => {
    const player = client().gets(requestN(1, 1)).gets(requestN(2, 1)).gets(requestN(0, 1));
    player.does((m) => m.requestResponse(none, undefined, "a")).does((m) => m.requestStream(none, undefined, 1, "b"));
    player.take();
    expect(player.gets(requestN(1, 1)).gets(requestN(1, 0)).gets(requestN(3, 1)).gets(requestN(3, 0)).take()).toEqual(
      [],
    );
    expect(player.machine.liveStreams).toBe(2);
  });

  it("is ignored once this side has sent its last item", () => {
    const player = server().gets(channel(1, 1)).does((m) => m.complete(1));
    player.take();
    expect(player.gets(requestN(1, 3)).gets(requestN(1, 0)).take()).toEqual([]);
    expect(player.gets(cancel(1)).take()).toEqual(["cancel 1"]);
  });

  it("does not give credit back after CANCEL", () => {
    const player = client().does((m) => m.requestChannel(none, undefined, 1, false, "a")).gets(requestN(1, 9));
    player.gets(cancel(1)).take();
    expect(player.gets(requestN(1, 5)).take()).toEqual([]);
    expect(player.machine.payload(1, none, undefined, false)).toBe(false);
  });
});
