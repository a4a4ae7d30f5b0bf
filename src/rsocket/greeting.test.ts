// Peers that speak another protocol altogether: the error says so, in both roles. greeting.ts.
import { describe, expect, it } from "#test";
import { everyCut } from "../../conformance/transcript/every-cut.ts";
import { fnf, payload } from "../../conformance/transcript/frames.ts";
import { Player, type PlayerOptions } from "../../conformance/transcript/player.ts";
import { bytesOf } from "../../conformance/transcript/frames.ts";
import { fromHex } from "../bytes/hex.ts";
import { PeerError } from "../contract/errors.ts";
import { Greeting } from "./greeting.ts";

const http = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

describe("a server", () => {
  const greetings: readonly (readonly [what: string, bytes: Uint8Array, says: string])[] = [
    ["HTTP GET", bytesOf(http), "HTTP"],
    ["HTTP POST", bytesOf("POST / HTTP/1.1\r\n\r\n"), "HTTP"],
    ["HTTP/2", bytesOf("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "HTTP"],
    ["TLS", fromHex("16030102000100")!, "TLS"],
    ["SSH", bytesOf("SSH-2.0-OpenSSH_9.6\r\n"), "SSH"],
  ];
  for (const [what, bytes, says] of greetings) {
    it(`knows ${what}, byte by byte too`, () => {
      const player = everyCut({}, (p) => p.raw(bytes));
      expect(player.take()).toEqual(["sent ERROR INVALID_SETUP", "close not-rsocket with error"]);
      expect(closeMessage({}, bytes)).toContain(says);
    });
  }

  it("does not take other nonsense for a protocol", () => {
    const player = new Player().raw(Uint8Array.of(0xff, 0xff, 0xff, 0));
    expect(player.take()).toEqual(["sent ERROR INVALID_SETUP", "close setup-invalid with error"]);
  });
});

describe("a client", () => {
  const greetings: readonly (readonly [what: string, bytes: Uint8Array, says: string])[] = [
    ["an HTTP answer", bytesOf("HTTP/1.1 400 Bad Request\r\n\r\n"), "HTTP"],
    ["a TLS alert", fromHex("15030300020246")!, "TLS"],
    ["a TLS ServerHello", fromHex("160303007a0200007603")!, "TLS"],
    ["an SSH banner", bytesOf("SSH-2.0-OpenSSH_9.6\r\n"), "SSH"],
  ];
  for (const [what, bytes, says] of greetings) {
    it(`knows ${what}, byte by byte too, and ends its requests with it`, () => {
      const player = everyCut({ role: "client" }, (p) => {
        p.does((m) => m.requestResponse(bytesOf(""), undefined, "a")).raw(bytes);
      });
      expect(player.lines.slice(2)).toEqual([
        "sent ERROR CONNECTION_ERROR",
        "error 1 not-rsocket [a]",
        "close not-rsocket with error",
      ]);
      expect(closeMessage({ role: "client" }, bytes)).toContain(says);
    });
  }

  it("knows HTTP under a small frame limit too, and closes once", () => {
    const player = everyCut(
      { role: "client", limits: { maxFrameBytes: 65_536 } },
      (p) => p.raw(bytesOf("HTTP/1.1 200 OK")),
    );
    expect(player.lines.slice(1)).toEqual(["sent ERROR CONNECTION_ERROR", "close not-rsocket with error"]);
  });

  it("looks only at what comes first", () => {
    const player = new Player({ role: "client" }).gets(fnf(2, "x"));
    player.take();
    player.raw(bytesOf("HTTP/1.1")).raw(bytesOf("SSH-2.0"));
    expect(player.take()).toEqual([]); // a frame of 4.7 MB is on its way
  });

  it("takes large first frames that only begin alike", () => {
    for (const length of [0x15_03_01, 0x16_03_01, 0x48_54_54, 0x53_53_48]) {
      const first = Uint8Array.of(length >>> 16, length >>> 8, length, 0, 0, 0, 1, 0x28, 0x60);
      const player = new Player({ role: "client" }).raw(first);
      expect(player.machine.state).toBe("open");
    }
  });
});

describe("a greeting", () => {
  it("is judged by what was seen, however it was cut", () => {
    const greeting = new Greeting();
    expect(greeting.error()).toBeUndefined();
    for (const byte of bytesOf("HTTP")) greeting.look(Uint8Array.of(byte));
    expect(greeting.answersElse).toBe(false);
    greeting.look(bytesOf("/1.1 200 OK and much more than is remembered"));
    expect(greeting.answersElse).toBe(true);
    expect(greeting.error()).toBeInstanceOf(PeerError);
  });

  it("of RSocket says nothing", () => {
    const greeting = new Greeting();
    greeting.look(new Player().wire(payload(1, "x")));
    expect(greeting.error()).toBeUndefined();
  });
});

/** The message of the error the connection closes with. */
function closeMessage(options: PlayerOptions, bytes: Uint8Array): string {
  const { machine } = new Player(options);
  machine.receive(bytes, 0);
  for (let output = machine.poll(); output !== undefined; output = machine.poll()) {
    if (output.type === "close") return output.info.error!.message;
  }
  return "";
}
