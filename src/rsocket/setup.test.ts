// SETUP and what comes first, on both sides. RSocket 1.0, "SETUP Frame", "Connection Establishment", "Negotiation".
import { describe, expect, it } from "#test";
import { everyCut } from "../../conformance/transcript/every-cut.ts";
import { error, fnf, keepalive, metadataPush, payload, response, setup } from "../../conformance/transcript/frames.ts";
import { Player } from "../../conformance/transcript/player.ts";
import { accepting, client, server } from "../../conformance/transcript/roles.ts";
import { UsageError } from "../contract/errors.ts";
import { decodeFrame } from "./decode.ts";
import { encodeFrame } from "./encode.ts";
import { ERROR_CODE, type Frame, type SetupFrame } from "./frame.ts";

describe("a server", () => {
  it("tells the application of a valid SETUP and handles requests once it accepts", () => {
    const player = everyCut({}, (p) => {
      p.getsAll(setup({ data: new Uint8Array([104, 105]) }), response(1, "early"));
      p.does((m) => m.accept()).gets(response(3, "late"));
    });
    expect(player.heard).toEqual([
      'setup "hi"',
      "pause",
      "resume",
      'request response 1 "early"',
      'request response 3 "late"',
    ]);
    expect(player.machine.state).toBe("open");
  });

  it("accepts from inside the event without pausing the link", () => {
    const player = everyCut({ react: accepting() }, (p) => p.getsAll(setup(), fnf(1, "now")));
    expect(player.heard).toEqual(['setup ""', 'request fnf 1 "now"']);
  });

  it("gives the setup as memory of its own", () => {
    const player = new Player();
    const sent = setup({ data: new Uint8Array([1, 2]), metadata: new Uint8Array([3]) });
    player.gets(sent).gets(fnf(1));
    expect(player.machine.setup).toEqual({ ...sent });
  });

  it("handles nothing of what came behind a SETUP that the application rejects", () => {
    const player = everyCut({}, (p) => {
      p.getsAll(setup(), response(1, "early"), fnf(3)).does((m) => m.reject("no")).gets(fnf(5));
    });
    expect(player.lines).toEqual(['setup ""', "pause", "sent ERROR REJECTED_SETUP", "close rejected-setup"]);
    expect(player.machine.state).toBe("closed");
  });

  it("rejects with the code that the application chose", () => {
    const player = new Player({ react: (e, m) => e.type === "setup" && m.reject("?", ERROR_CODE.UNSUPPORTED_SETUP) });
    player.getsAll(setup(), fnf(1));
    expect(player.lines).toEqual(['setup ""', "sent ERROR UNSUPPORTED_SETUP", "close rejected-setup"]);
  });

  it("ignores accept and reject when nothing is to be decided", () => {
    const player = server().does((m) => m.reject("late")).does((m) => m.accept()).gets(fnf(1));
    expect(player.take()).toEqual(['request fnf 1 ""']);
    const early = new Player().does((m) => m.accept()).does((m) => m.reject("early"));
    expect(early.take()).toEqual([]);
    expect(early.machine.state).toBe("awaitingSetup");
  });

  const refused: readonly (readonly [what: string, frame: Frame | Uint8Array, code: string, close: string])[] = [
    ["another major version", setup({ major: 2 }), "UNSUPPORTED_SETUP", "setup-unsupported"],
    ["version 0.2", setup({ major: 0, minor: 2 }), "UNSUPPORTED_SETUP", "setup-unsupported"],
    ["a keepalive interval of 0", setup({ keepaliveMs: 0 }), "INVALID_SETUP", "setup-invalid"],
    ["a max lifetime of 0", setup({ lifetimeMs: 0 }), "INVALID_SETUP", "setup-invalid"],
    ["resume", setup({ resumeToken: new Uint8Array([1]) }), "REJECTED_SETUP", "setup-unsupported"],
    ["lease", setup({ lease: true }), "UNSUPPORTED_SETUP", "setup-unsupported"],
    ["SETUP on a stream", setup({ streamId: 1 }), "INVALID_SETUP", "setup-invalid"],
    ["a truncated SETUP", encodeFrame(setup()).subarray(0, 20), "INVALID_SETUP", "setup-invalid"],
    ["metadata beyond SETUP", brokenMetadata(), "INVALID_SETUP", "setup-invalid"],
    ["RESUME on a stream", resume(3), "INVALID_SETUP", "setup-invalid"],
    ["a request first", response(1, "x"), "INVALID_SETUP", "setup-invalid"],
    ["KEEPALIVE first", keepalive(true), "INVALID_SETUP", "setup-invalid"],
    ["PAYLOAD first", payload(1), "INVALID_SETUP", "setup-invalid"],
    ["METADATA_PUSH first", metadataPush("x"), "INVALID_SETUP", "setup-invalid"],
    ["ERROR first", error(0, ERROR_CODE.CONNECTION_ERROR), "INVALID_SETUP", "setup-invalid"],
    ["an unknown type first, even with I", Uint8Array.of(0, 0, 0, 0, 0x82, 0), "INVALID_SETUP", "setup-invalid"],
    ["an empty frame first", new Uint8Array(0), "INVALID_SETUP", "setup-invalid"],
    ["five bytes first", new Uint8Array(5), "INVALID_SETUP", "setup-invalid"],
    ["RESUME", resume(0), "REJECTED_RESUME", "setup-unsupported"],
  ];
  for (const [what, frame, code, close] of refused) {
    it(`refuses ${what} with ${code}, closes, and handles nothing behind it`, () => {
      const player = everyCut({ react: accepting() }, (p) => p.getsAll(frame, fnf(1)));
      expect(player.take()).toEqual([`sent ERROR ${code}`, `close ${close} with error`]);
      expect(player.machine.state).toBe("closed");
      expect(player.machine.deadline).toBe(Infinity);
    });
  }

  it("takes a later minor version and MIME types of 255 bytes that it does not read", () => {
    const mime = "m".repeat(255);
    const player = everyCut({}, (p) => p.gets(setup({ minor: 9, dataMimeType: mime, metadataMimeType: "" })));
    expect(player.heard).toEqual(['setup ""', "pause"]);
    expect(player.machine.setup).toMatchObject({ minor: 9, dataMimeType: mime, metadataMimeType: "" });
  });

  it("cannot request before SETUP is accepted", () => {
    const player = new Player();
    const tries = (): void => void player.machine.requestResponse(new Uint8Array(0), undefined, "x");
    expect(tries).toThrow(UsageError);
    player.gets(setup());
    expect(tries).toThrow(/deciding/);
    player.does((m) => m.accept());
    expect(tries).not.toThrow();
  });

  it("ignores a second SETUP and the client's setup errors", () => {
    const player = everyCut({ react: accepting() }, (p) => {
      p.getsAll(setup(), setup({ major: 9 }), error(0, ERROR_CODE.REJECTED_SETUP), error(0, ERROR_CODE.INVALID_SETUP));
      p.gets(error(0, ERROR_CODE.REJECTED_RESUME)).gets(error(0, ERROR_CODE.UNSUPPORTED_SETUP)).gets(fnf(1));
    });
    expect(player.heard).toEqual(['setup ""', 'request fnf 1 ""']);
  });

  it("ends the connection on RESUME after SETUP", () => {
    const player = everyCut({ react: accepting() }, (p) => p.getsAll(setup(), resume(0), fnf(1)));
    expect(player.lines).toEqual(['setup ""', "sent ERROR CONNECTION_ERROR", "close frame-malformed with error"]);
  });
});

describe("a client", () => {
  it("says SETUP first, with the defaults, and may request right behind it", () => {
    const player = new Player({ role: "client" });
    player.does((m) => m.requestResponse(new Uint8Array([120]), undefined, "a"));
    expect(player.take()).toEqual(["sent SETUP", 'sent REQUEST_RESPONSE 1 "x"']);
    const sent = decodeFrame(player.sentFrames()[0]!) as SetupFrame;
    expect(sent).toMatchObject({ major: 1, minor: 0, keepaliveMs: 20_000, lifetimeMs: 90_000, lease: false });
    expect(sent).toMatchObject({
      dataMimeType: "application/octet-stream",
      metadataMimeType: "application/octet-stream",
    });
    expect(sent.metadata).toBeUndefined();
  });

  it("says what it was told to say", () => {
    const player = new Player({
      role: "client",
      setup: {
        dataMimeType: "a/b",
        metadataMimeType: "c/d",
        keepAliveMs: 7,
        lifetimeMs: 2_147_483_647,
        data: new Uint8Array([1]),
        metadata: new Uint8Array(0),
      },
    });
    const sent = decodeFrame(player.sentFrames()[0]!);
    expect(sent).toEqual({
      ...setup({ dataMimeType: "a/b", metadataMimeType: "c/d", keepaliveMs: 7, lifetimeMs: 2_147_483_647 }),
      data: new Uint8Array([1]),
      metadata: new Uint8Array(0),
    });
  });

  it("refuses times and texts that SETUP cannot carry", () => {
    for (const wrong of [0, -1, 1.5, 2 ** 31, Number.NaN]) {
      expect(() => client({ setup: { keepAliveMs: wrong } })).toThrow(/keepAliveMs/);
      expect(() => client({ setup: { lifetimeMs: wrong } })).toThrow(/lifetimeMs/);
    }
    expect(() => client({ setup: { dataMimeType: "x".repeat(256) } })).toThrow(/dataMimeType/);
  });

  for (const code of ["INVALID_SETUP", "UNSUPPORTED_SETUP", "REJECTED_SETUP", "REJECTED_RESUME"] as const) {
    it(`is rejected by ${code}, and its requests end with it`, () => {
      const player = everyCut({ role: "client" }, (p) => {
        p.does((m) => m.requestResponse(new Uint8Array(0), undefined, "a"));
        p.getsAll(error(0, ERROR_CODE[code], "no"), payload(1, "ghost"));
      });
      const name = code.toLowerCase().replace("_", "-");
      expect(player.heard).toEqual([`connectionError ${name}`, `error 1 ${name} [a]`, `close ${name} with error`]);
    });
  }

  it("still hears a rejection after KEEPALIVE, which does not say that it was taken", () => {
    const player = client().gets(keepalive(false)).gets(error(0, ERROR_CODE.REJECTED_SETUP));
    expect(player.take()).toEqual(["connectionError rejected-setup", "close rejected-setup with error"]);
  });

  const accepted: readonly (readonly [string, Frame])[] = [
    ["a response", payload(1, "x", { flags: "NC" })],
    ["a request", response(2)],
    ["LEASE", { type: "LEASE", streamId: 0, ttlMs: 1, requests: 1 }],
    ["METADATA_PUSH", metadataPush("x")],
  ];
  for (const [what, frame] of accepted) {
    it(`takes ${what} as acceptance and ignores setup errors after it`, () => {
      const player = client().does((m) => m.requestResponse(new Uint8Array(0), undefined, "a")).gets(frame);
      player.take();
      player.gets(error(0, ERROR_CODE.REJECTED_SETUP)).gets(error(0, ERROR_CODE.INVALID_SETUP));
      expect(player.take()).toEqual([]);
      expect(player.machine.state).toBe("open");
    });
  }

  it("ignores SETUP and RESUME", () => {
    const player = everyCut({ role: "client" }, (p) => p.getsAll(setup(), resume(0), metadataPush("x")));
    expect(player.heard).toEqual(['metadataPush m="x"']);
  });

  it("takes no fragment size that cannot be", () => {
    for (const wrong of [0, 63, 64.5, 16_777_219, Number.NaN, Infinity, -1]) {
      expect(() => client({ fragmentBytes: wrong })).toThrow(/fragmentBytes/);
    }
    for (const right of [64, 16_777_218]) client({ fragmentBytes: right });
  });
});

function resume(streamId: number): Frame {
  const positions = { lastServerPosition: 0n, firstClientPosition: 0n };
  return { type: "RESUME", streamId, major: 1, minor: 0, resumeToken: new Uint8Array([1]), ...positions };
}

/** SETUP whose metadata length says one byte more than there is. */
function brokenMetadata(): Uint8Array {
  const bytes = encodeFrame(setup({ metadata: new Uint8Array(3) }));
  bytes[bytes.length - 4] = 4;
  return bytes;
}
