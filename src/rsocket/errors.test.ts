// ERROR on streams and on the connection, with every code, both ways. RSocket 1.0, "ERROR Frame", "Error Codes".
import { describe, expect, it } from "#test";
import { everyCut } from "../../conformance/transcript/every-cut.ts";
import { bytesOf, channel, error, fnf, payload, response, setup, stream } from "../../conformance/transcript/frames.ts";
import { accepting, client, server } from "../../conformance/transcript/roles.ts";
import { type HeadraceError, RemoteError, UsageError } from "../contract/errors.ts";
import { utf8Decode } from "../bytes/utf8.ts";
import { decodeFrame } from "./decode.ts";
import { errorText, isSetupCode, isStreamCode, remoteError } from "./error-codes.ts";
import { ERROR_CODE, type ErrorFrame } from "./frame.ts";

const none = bytesOf("");
const asServer = { react: accepting() };

const streamCodes: readonly (readonly [code: number, name: string])[] = [
  [0x201, "application-error"],
  [0x202, "rejected"],
  [0x203, "canceled"],
  [0x204, "invalid"],
  [0x301, "application-code"],
  [0x7fff_ffff, "application-code"],
  [0x8000_0000, "application-code"],
  [0xffff_fffe, "application-code"],
];

describe("ERROR on a stream", () => {
  for (const [code, name] of streamCodes) {
    it(`reaches the application intact with code 0x${code.toString(16)}`, () => {
      const errors: HeadraceError[] = [];
      const player = everyCut({
        role: "client",
        react: (event) => event.type === "error" && errors.push(event.error),
      }, (p) => {
        p.does((m) => m.requestStream(none, undefined, 1, "a")).getsAll(error(1, code, "why"), payload(1, "ghost"));
      });
      expect(player.heard).toEqual([`error 1 ${name} [a]`]);
      expect(player.machine.liveStreams).toBe(0);
      const [heard] = errors as [RemoteError];
      expect(heard).toBeInstanceOf(RemoteError);
      expect([heard.rsocketCode, utf8Decode(heard.data)]).toEqual([code, "why"]);
      expect(heard.message).toContain("why");
    });

    it(`is sent by the application with code 0x${code.toString(16)}`, () => {
      const player = server().gets(stream(1, 1)).does((m) => m.fail(1, code, "why"));
      player.does((m) => m.fail(1, code, "again"));
      expect(player.machine.payload(1, none, undefined, true)).toBe(false);
      const frame = decodeFrame(player.sentFrames()[0]!) as ErrorFrame;
      expect(frame).toEqual({ type: "ERROR", streamId: 1, code, data: bytesOf("why") });
      expect(player.sentFrames()).toHaveLength(1);
      expect(player.machine.liveStreams).toBe(0);
    });
  }

  it("is never sent with a code that a stream cannot carry", () => {
    const player = server().gets(stream(1, 1));
    for (
      const wrong of [0, 1, 4, 0x101, 0x102, 0x200, 0x205, 0x300, 0xffff_ffff, 2 ** 32, 0x301 + 0.5, Number.NaN, -1]
    ) {
      expect(() => player.machine.fail(1, wrong, "x")).toThrow(UsageError);
    }
    expect(player.machine.liveStreams).toBe(1);
  });

  for (const code of [0, 0x003, 0x101, 0x102, 0x205, 0x300, 0xffff_ffff]) {
    it(`ends the stream and not the connection even with code 0x${code.toString(16)}`, () => {
      const player = client().does((m) => m.requestResponse(none, undefined, "a")).gets(error(1, code));
      expect(player.take()[1]).toMatch(/^error 1 /);
      expect([player.machine.liveStreams, player.machine.state]).toEqual([0, "open"]);
    });
  }

  it("from the requester ends both directions", () => {
    const player = everyCut(asServer, (p) => {
      p.getsAll(setup(), channel(1, 9), error(1, 0x201, "x"), payload(1, "ghost"));
      p.getsAll(stream(3, 9), error(3, 0x203), response(5), error(5, 0x203));
    });
    expect(player.heard.filter((line) => !line.startsWith("request"))).toEqual([
      'setup ""',
      "error 1 application-error",
      "error 3 canceled",
      "error 5 canceled",
    ]);
    expect(player.machine.liveStreams).toBe(0);
  });

  it("from the requester before its last fragment leaves nothing behind", () => {
    const player = server().gets(response(1, "a", { flags: "F" })).gets(error(1, 0x203)).gets(payload(1, "b"));
    expect(player.take()).toEqual([]);
    expect(player.machine.liveStreams).toBe(0);
  });

  it("may be sent by the requester of a channel and of nothing else", () => {
    const player = client().does((m) => m.requestChannel(none, undefined, 1, false, "a"));
    player.does((m) => m.requestStream(none, undefined, 1, "b")).does((m) => m.requestResponse(none, undefined, "c"))
      .take();
    for (const id of [1, 3, 5]) player.does((m) => m.fail(id, 0x201, "x"));
    expect(player.take()).toEqual(["sent ERROR 1 APPLICATION_ERROR"]);
    expect(player.machine.liveStreams).toBe(2);
  });

  it("on an unknown stream is ignored", () => {
    const player = everyCut(asServer, (p) => p.getsAll(setup(), error(77, 0x201), error(2, 0x201), fnf(1)));
    expect(player.lines.slice(1)).toEqual(['request fnf 1 ""']);
  });
});

describe("ERROR on stream 0", () => {
  for (
    const [code, name] of [[0x101, "connection-error"], [0x301, "application-code"], [
      0x201,
      "application-error",
    ]] as const
  ) {
    it(`with code 0x${code.toString(16)} ends the connection at once in both roles`, () => {
      const asking = everyCut({ role: "client" }, (p) => {
        p.does((m) => m.requestResponse(none, undefined, "a")).getsAll(error(0, code, "x"), payload(1, "ghost"));
      });
      expect(asking.heard).toEqual([`connectionError ${name}`, `error 1 ${name} [a]`, `close ${name} with error`]);
      const serving = server().gets(response(1)).gets(error(0, code));
      expect(serving.take().slice(1)).toEqual([
        `connectionError ${name}`,
        `error 1 ${name}`,
        `close ${name} with error`,
      ]);
    });
  }

  for (const code of [0, 0xffff_ffff]) {
    it(`with the reserved code 0x${code.toString(16)} ends the connection too`, () => {
      const player = client().gets(error(0, code));
      expect(player.take()).toEqual(["connectionError unknown-error-code", "close unknown-error-code with error"]);
    });
  }
});

describe("the text of an error", () => {
  it("is cut at maxErrorBytes when it comes, between bytes", () => {
    const text = "é".repeat(10);
    expect(remoteError(0x201, bytesOf(text), 20).data).toHaveLength(20);
    expect(remoteError(0x201, bytesOf(text), 19).data).toHaveLength(19);
    expect(remoteError(0x201, bytesOf(text), 0).message).toBe("The peer answered ERROR[APPLICATION_ERROR]");
  });

  it("is cut at maxErrorBytes when it is sent, between characters", () => {
    expect(utf8Decode(errorText("aéé", 5))).toBe("aéé");
    expect(utf8Decode(errorText("aéé", 4))).toBe("aé");
    expect(utf8Decode(errorText("a😀", 4))).toBe("a");
    expect(errorText("é", 1)).toHaveLength(0);
    const player = server({ limits: { maxErrorBytes: 3 } }).gets(stream(1, 1)).does((m) => m.fail(1, 0x201, "abcdef"));
    expect((decodeFrame(player.sentFrames()[0]!) as ErrorFrame).data).toEqual(bytesOf("abc"));
  });

  it("keeps what came in memory of its own and cannot write to a terminal", () => {
    const data = bytesOf("a\x1b[31m\n\u0085b");
    const heard = remoteError(0x301, data, 100);
    data.fill(0);
    expect(utf8Decode(heard.data)).toBe("a\x1b[31m\n\u0085b");
    expect(heard.message).toBe("The peer answered ERROR[0x301]: a\\u001b[31m\\u000a\\u0085b");
  });

  it("cannot turn a line around or begin another", () => {
    const heard = remoteError(0x301, bytesOf("a\u202eb\u2028c\u2066d\u200fe"), 100);
    expect(heard.message).toBe("The peer answered ERROR[0x301]: a\\u202eb\\u2028c\\u2066d\\u200fe");
  });

  it("may be malformed UTF-8", () => {
    expect(remoteError(0x201, Uint8Array.of(0xff, 0x61), 10).message).toBe(
      "The peer answered ERROR[APPLICATION_ERROR]: \ufffda",
    );
  });
});

describe("the codes", () => {
  it("have their stable names", () => {
    const names = Object.entries(ERROR_CODE).map(([name, code]) => [name, remoteError(code, none, 9).code]);
    for (const [name, stable] of names) expect(stable).toBe(name!.toLowerCase().replaceAll("_", "-"));
    expect(remoteError(0x300, none, 9).code).toBe("unknown-error-code");
    expect(remoteError(0xffff_ffff, none, 9).code).toBe("unknown-error-code");
  });

  it("belong to setup, to streams, or to neither", () => {
    expect([0, 1, 4, 5].map(isSetupCode)).toEqual([false, true, true, false]);
    expect([0x200, 0x201, 0x204, 0x205, 0x300, 0x301].map(isStreamCode)).toEqual([
      false,
      true,
      true,
      false,
      false,
      true,
    ]);
  });
});
