// The interactions from both sides, with what flows through them. RSocket 1.0, "Stream Sequences and Lifetimes".
import { describe, expect, it } from "#test";
import { everyCut } from "../../conformance/transcript/every-cut.ts";
import {
  bytesOf,
  channel,
  fnf,
  metadataPush,
  payload,
  requestN,
  response,
  setup,
  stream,
} from "../../conformance/transcript/frames.ts";
import type { Player } from "../../conformance/transcript/player.ts";
import { accepting, client, server } from "../../conformance/transcript/roles.ts";

const none = bytesOf("");
const asServer = { react: accepting() };
const asClient = { role: "client" } as const;

describe("request-response", () => {
  it("is answered with one item that is the last", () => {
    const player = everyCut(asServer, (p) => {
      p.getsAll(setup(), response(1, "hi", { m: "route" })).does((m) =>
        m.payload(1, bytesOf("ho"), bytesOf("m"), true)
      );
    });
    expect(player.lines.slice(1)).toEqual(['request response 1 m="route" "hi"', 'sent PAYLOAD 1 NC m="m" "ho"']);
    expect(player.machine.liveStreams).toBe(0);
  });

  it("sends C with its item even when the application did not say complete", () => {
    const player = server().gets(response(1)).does((m) => m.payload(1, bytesOf("ho"), undefined, false));
    expect(player.take()[1]).toBe('sent PAYLOAD 1 NC "ho"');
  });

  it("may be answered with nothing", () => {
    const player = server().gets(response(1)).does((m) => m.complete(1));
    expect(player.take()[1]).toBe("sent PAYLOAD 1 C");
    const asking = client().does((m) => m.requestResponse(none, undefined, "a")).gets(payload(1, "", { flags: "C" }));
    expect(asking.take()[1]).toBe("complete 1 [a]");
    expect(asking.machine.liveStreams).toBe(0);
  });

  for (const flags of ["NC", "N", ""]) {
    it(`ends with the first item, whether its flags are "${flags}"`, () => {
      const player = everyCut(asClient, (p) => {
        p.does((m) => m.requestResponse(bytesOf("q"), undefined, "a"));
        p.getsAll(payload(1, "one", { flags }), payload(1, "two", { flags }));
      });
      expect(player.heard).toEqual(['payload 1 "one" end [a]']);
      expect(player.machine.liveStreams).toBe(0);
    });
  }

  it("takes no second answer from the application", () => {
    const player = server().gets(response(1));
    expect(player.machine.payload(1, none, undefined, true)).toBe(true);
    expect(player.machine.payload(1, none, undefined, true)).toBe(false);
    player.machine.complete(1);
    player.machine.fail(1, 0x201, "late");
    player.machine.cancel(1);
    player.does(() => {});
    expect(player.take()).toEqual(['request response 1 ""', "sent PAYLOAD 1 NC"]);
  });

  it("tells empty metadata from none, in both directions", () => {
    const player = everyCut(asServer, (p) => {
      p.getsAll(setup(), response(1, "", { m: "" }), response(3));
      p.does((m) => m.payload(1, none, none, true)).does((m) => m.payload(3, none, undefined, true));
    });
    expect(player.heard.slice(1)).toEqual(['request response 1 m="" ""', 'request response 3 ""']);
    expect(player.lines.slice(-2)).toEqual(['sent PAYLOAD 1 NC m=""', "sent PAYLOAD 3 NC"]);
  });
});

describe("fire-and-forget", () => {
  it("is heard and never answered", () => {
    const player = everyCut(asServer, (p) => p.getsAll(setup(), fnf(1, "go", { m: "x" }), fnf(3)));
    expect(player.lines.slice(1)).toEqual(['request fnf 1 m="x" "go"', 'request fnf 3 ""']);
    player.does((m) => {
      m.fail(1, 0x201, "no");
      m.complete(1);
      m.cancel(1);
      m.requestN(1, 1);
      m.attach(1, "nobody");
    });
    expect(player.machine.payload(1, none, undefined, true)).toBe(false);
    expect(player.take().slice(3)).toEqual([]);
  });

  it("is sent and over", () => {
    const player = client().does((m) => void m.fireAndForget(bytesOf("go"), bytesOf("x")));
    expect(player.take()).toEqual(['sent REQUEST_FNF 1 m="x" "go"']);
    expect(player.machine.liveStreams).toBe(0);
    expect(player.gets(payload(1, "ghost")).take()).toEqual([]);
  });
});

describe("request-stream", () => {
  it("gives as many items as were asked for, and ends with C", () => {
    const player = everyCut(asServer, (p) => {
      p.getsAll(setup(), stream(1, 2, "q")).does((m) => m.attach(1, "ctx"));
      p.does((m) => m.payload(1, bytesOf("a"), undefined, false)).does((m) => m.payload(1, none, undefined, false));
      p.gets(requestN(1, 1)).does((m) => m.payload(1, bytesOf("c"), undefined, true));
    });
    expect(player.lines.slice(1)).toEqual([
      'request stream 1 n=2 "q"',
      'sent PAYLOAD 1 N "a"',
      "sent PAYLOAD 1 N",
      "requestN 1 n=1 [ctx]",
      'sent PAYLOAD 1 NC "c"',
    ]);
    expect(player.machine.liveStreams).toBe(0);
  });

  it("completes without credit", () => {
    const player = server().gets(stream(1, 1)).does((m) => m.payload(1, none, undefined, false));
    player.does((m) => m.complete(1));
    expect(player.take().slice(1)).toEqual(["sent PAYLOAD 1 N", "sent PAYLOAD 1 C"]);
  });

  it("hears items, empty ones and those without any flag too, and the end", () => {
    const player = everyCut(asClient, (p) => {
      p.does((m) => m.requestStream(bytesOf("q"), undefined, 9, "a"));
      p.getsAll(payload(1, "x"), payload(1, "", { flags: "" }), payload(1), payload(1, "y", { m: "m", flags: "NC" }));
      p.gets(payload(1, "ghost"));
    });
    expect(player.heard).toEqual([
      'payload 1 "x" [a]',
      'payload 1 "" [a]',
      'payload 1 "" [a]',
      'payload 1 m="m" "y" end [a]',
    ]);
    expect(player.machine.liveStreams).toBe(0);
  });

  it("takes C alone for the end and not for an item", () => {
    const player = client().does((m) => m.requestStream(none, undefined, 1, "a")).gets(payload(1, "?", { flags: "C" }));
    expect(player.take()[1]).toBe("complete 1 [a]");
  });
});

describe("request-channel", () => {
  it("carries items both ways, the first one with the request", () => {
    const player = everyCut(asServer, (p) => {
      p.getsAll(setup(), channel(1, 1, "c0", { m: "r" }));
      p.does((m) => m.requestN(1, 2)).getsAll(payload(1, "c1"), payload(1, "c2", { flags: "NC" }));
      p.does((m) => m.payload(1, bytesOf("s0"), undefined, true));
    });
    expect(player.lines.slice(1)).toEqual([
      'request channel 1 n=1 m="r" "c0"',
      "sent REQUEST_N 1 n=2",
      'payload 1 "c1"',
      'payload 1 "c2" end',
      'sent PAYLOAD 1 NC "s0"',
    ]);
    expect(player.machine.liveStreams).toBe(0);
  });

  it("says at the request that the first item is also the last", () => {
    const player = everyCut(
      asServer,
      (p) => p.getsAll(setup(), channel(1, 1, "only", { flags: "C" }), payload(1, "no")),
    );
    expect(player.heard[1]).toBe('request channel 1 n=1 "only" end');
    expect(player.heard).toHaveLength(2);
    const asking = client().does((m) => m.requestChannel(bytesOf("only"), undefined, 3, true, "a"));
    expect(asking.take()).toEqual(['sent REQUEST_CHANNEL 1 C n=3 "only"']);
    expect(asking.machine.payload(1, none, undefined, false)).toBe(false);
  });

  it("does not count the request's own item against REQUEST_N", () => {
    const player = client().does((m) => m.requestChannel(bytesOf("c0"), undefined, 1, false, "a"));
    expect(() => player.machine.payload(1, none, undefined, false)).toThrow(/asked for no more/);
    player.gets(requestN(1, 1)).does((m) => m.payload(1, bytesOf("c1"), undefined, true)).gets(payload(1, "s"));
    expect(player.take()).toEqual([
      'sent REQUEST_CHANNEL 1 n=1 "c0"',
      "requestN 1 n=1 [a]",
      'sent PAYLOAD 1 NC "c1"',
      'payload 1 "s" [a]',
    ]);
  });
});

describe("metadata push", () => {
  it("is sent with M on stream 0 and has no answer", () => {
    const player = client().does((m) => m.metadataPush(bytesOf("x")));
    expect(player.take()).toEqual(['sent METADATA_PUSH m="x"']);
    expect([...player.sentFrames()[1]!]).toEqual([0, 0, 0, 0, 0x31, 0, 120]);
  });

  it("is heard in both roles, empty too", () => {
    const player = everyCut(asServer, (p) => p.getsAll(setup(), metadataPush("x"), metadataPush("")));
    expect(player.lines.slice(1)).toEqual(['metadataPush m="x"', 'metadataPush m=""']);
    expect(client().gets(metadataPush("y")).take()).toEqual(['metadataPush m="y"']);
  });

  it("is ignored on a stream", () => {
    const player = everyCut(asServer, (p) => p.getsAll(setup(), metadataPush("x", 1), fnf(1)));
    expect(player.heard.slice(1)).toEqual(['request fnf 1 ""']);
  });

  it("takes what fits one frame and refuses a byte more", () => {
    const player = client({ fragmentBytes: 64 });
    player.does((m) => m.metadataPush(new Uint8Array(16_777_209)));
    expect(player.sentFrames()[1]).toHaveLength(16_777_215);
    expect(() => player.machine.metadataPush(new Uint8Array(16_777_210))).toThrow(/never fragmented/);
  });
});

describe("a request of the server", () => {
  it("has even ids and works like a client's", () => {
    const begun: Player = server();
    begun.does((m) => m.requestResponse(bytesOf("q"), undefined, "a")).does((m) =>
      m.requestStream(none, undefined, 1, "b")
    );
    begun.gets(payload(2, "x", { flags: "NC" })).gets(payload(4, "y", { flags: "NC" }));
    expect(begun.take()).toEqual([
      'sent REQUEST_RESPONSE 2 "q"',
      "sent REQUEST_STREAM 4 n=1",
      'payload 2 "x" end [a]',
      'payload 4 "y" end [b]',
    ]);
    expect(client().gets(response(2, "q")).take()).toEqual(['request response 2 "q"']);
  });
});
