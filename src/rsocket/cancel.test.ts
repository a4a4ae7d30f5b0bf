// CANCEL in every state of every interaction, both ways. RSocket 1.0, "CANCEL Frame", "Stream Sequences and Lifetimes".
import { describe, expect, it } from "#test";
import { everyCut } from "../../conformance/transcript/every-cut.ts";
import {
  bytesOf,
  cancel,
  channel,
  payload,
  requestN,
  response,
  setup,
  stream,
} from "../../conformance/transcript/frames.ts";
import { accepting, client, server } from "../../conformance/transcript/roles.ts";

const none = bytesOf("");
const asServer = { react: accepting() };

describe("a requester's CANCEL", () => {
  it("ends request-response at both sides", () => {
    const serving = everyCut(asServer, (p) => p.getsAll(setup(), response(1), cancel(1), cancel(1)));
    expect(serving.heard.slice(1)).toEqual(['request response 1 ""', "cancel 1"]);
    expect(serving.machine.payload(1, none, undefined, true)).toBe(false);
    const asking = client().does((m) => m.requestResponse(none, undefined, "a")).does((m) => m.cancel(1));
    asking.does((m) => m.cancel(1)).gets(payload(1, "late"));
    expect(asking.take()).toEqual(["sent REQUEST_RESPONSE 1", "sent CANCEL 1"]);
    expect([serving.machine.liveStreams, asking.machine.liveStreams]).toEqual([0, 0]);
  });

  it("ends request-stream at both sides", () => {
    const serving = everyCut(asServer, (p) => p.getsAll(setup(), stream(1, 5), cancel(1), requestN(1, 1)));
    expect(serving.heard.slice(1)).toEqual(['request stream 1 n=5 ""', "cancel 1"]);
    expect(serving.machine.payload(1, none, undefined, false)).toBe(false);
    const asking = client().does((m) => m.requestStream(none, undefined, 1, "a")).does((m) => m.cancel(1));
    expect(asking.gets(payload(1, "late")).take().slice(1)).toEqual(["sent CANCEL 1"]);
  });

  it("ends both directions of a channel that is open", () => {
    const serving = everyCut(asServer, (p) => p.getsAll(setup(), channel(1, 5), cancel(1), payload(1, "x")));
    expect(serving.heard.slice(1)).toEqual(['request channel 1 n=5 ""', "cancel 1"]);
    const asking = client().does((m) => m.requestChannel(none, undefined, 1, false, "a")).does((m) => m.cancel(1));
    expect(asking.gets(payload(1, "late")).take().slice(1)).toEqual(["sent CANCEL 1"]);
    expect([serving.machine.liveStreams, asking.machine.liveStreams]).toEqual([0, 0]);
  });

  it("ends a channel whose requester was done", () => {
    const serving = server().gets(channel(1, 5, "", { flags: "C" })).gets(cancel(1));
    expect(serving.take().slice(1)).toEqual(["cancel 1"]);
    const asking = client().does((m) => m.requestChannel(none, undefined, 1, true, "a")).does((m) => m.cancel(1));
    expect(asking.take().slice(1)).toEqual(["sent CANCEL 1"]);
    expect([serving.machine.liveStreams, asking.machine.liveStreams]).toEqual([0, 0]);
  });

  it("ends a channel whose responder was done", () => {
    const serving = server().gets(channel(1, 5)).does((m) => m.complete(1)).gets(cancel(1));
    expect(serving.take().slice(1)).toEqual(["sent PAYLOAD 1 C", "cancel 1"]);
    const asking = client().does((m) => m.requestChannel(none, undefined, 1, false, "a"));
    asking.gets(payload(1, "", { flags: "C" })).does((m) => m.cancel(1));
    expect(asking.take().slice(1)).toEqual(["complete 1 [a]", "sent CANCEL 1"]);
    expect([serving.machine.liveStreams, asking.machine.liveStreams]).toEqual([0, 0]);
  });

  it("before the last fragment of its request leaves nothing behind", () => {
    const player = everyCut(asServer, (p) => {
      p.getsAll(setup(), response(1, "a", { flags: "F" }), cancel(1), payload(1, "b"), response(3, "c"));
    });
    expect(player.heard.slice(1)).toEqual(['request response 3 "c"']);
    expect(player.machine.liveStreams).toBe(1);
  });
});

describe("a responder's CANCEL", () => {
  it("stops only the requester's items of a channel", () => {
    const serving = everyCut(asServer, (p) => {
      p.getsAll(setup(), channel(1, 2)).does((m) => m.requestN(1, 9)).does((m) => m.cancel(1));
      p.getsAll(payload(1, "on its way"), payload(1, "", { flags: "C" })).does((m) => m.cancel(1));
      p.does((m) => m.payload(1, bytesOf("still"), undefined, false)).does((m) => m.complete(1));
    });
    expect(serving.lines.slice(1)).toEqual([
      'request channel 1 n=2 ""',
      "sent REQUEST_N 1 n=9",
      "sent CANCEL 1",
      'sent PAYLOAD 1 N "still"',
      "sent PAYLOAD 1 C",
    ]);
    expect(serving.machine.liveStreams).toBe(0);
  });

  it("leaves the requester receiving, and tells its application once", () => {
    const asking = everyCut({ role: "client" }, (p) => {
      p.does((m) => m.requestChannel(none, undefined, 9, false, "a"));
      p.getsAll(requestN(1, 3), cancel(1), cancel(1), payload(1, "x"), payload(1, "", { flags: "C" }));
    });
    expect(asking.heard).toEqual(["requestN 1 n=3 [a]", "cancel 1 [a]", 'payload 1 "x" [a]', "complete 1 [a]"]);
    expect(asking.machine.liveStreams).toBe(0);
  });

  it("ends the channel when the responder was done", () => {
    const serving = server().gets(channel(1, 2)).does((m) => m.complete(1)).does((m) => m.cancel(1));
    expect(serving.take().slice(1)).toEqual(["sent PAYLOAD 1 C", "sent CANCEL 1"]);
    const asking = client().does((m) => m.requestChannel(none, undefined, 1, false, "a"));
    asking.gets(payload(1, "", { flags: "C" })).gets(cancel(1));
    expect(asking.take().slice(1)).toEqual(["complete 1 [a]", "cancel 1 [a]"]);
    expect([serving.machine.liveStreams, asking.machine.liveStreams]).toEqual([0, 0]);
  });

  it("is ignored when the requester has sent its last item already", () => {
    const asking = client().does((m) => m.requestChannel(none, undefined, 9, true, "a")).gets(cancel(1));
    expect(asking.take().slice(1)).toEqual([]);
    expect(asking.gets(payload(1, "x", { flags: "NC" })).take()).toEqual(['payload 1 "x" end [a]']);
  });

  it("forgets the fragments that had come, and ignores those on their way", () => {
    const player = server({ limits: { maxReassemblyBytes: 100 } }).gets(channel(1, 1)).does((m) => m.requestN(1, 9));
    player.gets(payload(1, new Uint8Array(60), { flags: "NF" })).does((m) => m.cancel(1)).take();
    player.gets(payload(1, new Uint8Array(60), { flags: "NF" })).gets(payload(1, new Uint8Array(60)));
    expect(player.take()).toEqual([]);
    // all of the budget is free again
    player.gets(response(3, new Uint8Array(60), { flags: "F" })).gets(payload(3, new Uint8Array(10)));
    expect(player.take()).toHaveLength(1);
    expect(player.does((m) => m.complete(1)).take()).toEqual(["sent PAYLOAD 1 C"]);
  });

  it("does not exist for request-response and request-stream", () => {
    const serving = server().gets(response(1)).gets(stream(3, 1));
    serving.does((m) => m.cancel(1)).does((m) => m.cancel(3));
    expect(serving.take().slice(2)).toEqual([]);
    const asking = client().does((m) => m.requestResponse(none, undefined, "a"));
    asking.does((m) => m.requestStream(none, undefined, 1, "b")).take();
    expect(asking.gets(cancel(1)).gets(cancel(3)).take()).toEqual([]);
    expect(asking.machine.liveStreams).toBe(2);
  });
});

describe("CANCEL", () => {
  it("is ignored on unknown streams and on stream 0", () => {
    const player = everyCut(asServer, (p) => p.getsAll(setup(), cancel(99), cancel(0), cancel(2), response(1)));
    expect(player.lines.slice(1)).toEqual(['request response 1 ""']);
  });
});
