// The raw conversations that were tried on live servers, here against ours: what the specification asks for, which is
// in about twenty places not what those servers did. Expectations are from the text, never from the peers.
import { describe, expect, it } from "#test";
import { everyCut } from "../../conformance/transcript/every-cut.ts";
import { bytesOf } from "../../conformance/transcript/frames.ts";
import type { Machine } from "../../conformance/transcript/player.ts";
import { rsocketVectors } from "../../conformance/vectors/rsocket.ts";
import { fromHex } from "../bytes/hex.ts";
import { utf8Decode } from "../bytes/utf8.ts";
import type { RSocketEvent } from "./event.ts";

const echo = ['sent PAYLOAD 1 NC "echo:ok"'];
const channel = ['sent PAYLOAD 1 N "ch0"', 'sent PAYLOAD 1 N "ch1"', 'sent PAYLOAD 1 NC "ch2"'];
const fatal = ["sent ERROR CONNECTION_ERROR"];

/** For each probe what we send, and the code we close with, or "open". */
const answers: Readonly<Record<string, readonly [sent: readonly string[], state: string]>> = {
  "a first frame is REQUEST_RESPONSE": [["sent ERROR INVALID_SETUP"], "setup-invalid"],
  "c RESUME unknown token": [["sent ERROR REJECTED_RESUME"], "setup-unsupported"],
  "d second SETUP then RR": [echo, "open"],
  "e RR twice on same live stream": [['sent PAYLOAD 3 NC "echo:ok3"'], "open"],
  "f unknown type 0x20 I=1 then RR": [echo, "open"],
  "g EXT I=1 then RR": [echo, "open"],
  "g2 EXT I=0 stream then RR": [fatal, "frame-unknown"],
  "i KEEPALIVE R with data": [['sent KEEPALIVE at=0 "ping"'], "open"],
  "j PAYLOAD unknown stream": [echo, "open"],
  "j0 PAYLOAD stream 0": [echo, "open"],
  "k CANCEL unknown and 0": [echo, "open"],
  "n SETUP version 2.0": [["sent ERROR UNSUPPORTED_SETUP"], "setup-unsupported"],
  "p3 REQUEST_STREAM n=2 then REQUEST_N 1": [
    ['sent PAYLOAD 1 N "item0"', 'sent PAYLOAD 1 N "item1"', 'sent PAYLOAD 1 NC "item2"'],
    "open",
  ],
  "p4 REQUEST_N 0 on live stream": [
    ['sent PAYLOAD 1 N "item0"', 'sent PAYLOAD 1 N "item1"', "sent ERROR 1 INVALID"],
    "open",
  ],
  "r setup rejected by app": [["sent ERROR REJECTED_SETUP"], "rejected-setup"],
  "s client uses even stream id": [["sent ERROR 2 INVALID"], "open"],
  "t PAYLOAD F+C ends request (fragmented RR)": [['sent PAYLOAD 1 NC "echo:ab"'], "open"],
  "t4 cancel during fragmented RR": [['sent PAYLOAD 3 NC "echo:ok"'], "open"],
  "u zero-length frame": [fatal, "frame-malformed"],
  "u2 5-byte frame": [fatal, "frame-malformed"],
  "v2 stream empty items": [["sent PAYLOAD 1 N", 'sent PAYLOAD 1 N "x"', "sent PAYLOAD 1 NC"], "open"],
  "w MIME length 200": [echo, "open"],
  "y cancel RR": [['sent PAYLOAD 3 NC "echo:ok"'], "open"],
  "z2 channel complete flag": [channel, "open"],
  "z3 fragmented channel, C on request frame": [channel, "open"],
  "z4 fragmented channel, C on last fragment": [channel, "open"],
  "A CONNECTION_CLOSE from client": [[], "connection-close"],
  "B REJECTED_SETUP error sent to server": [echo, "open"],
  "C app error code 0x301 on stream": [["sent REQUEST_N 1 n=2", ...channel, 'sent PAYLOAD 3 NC "echo:ok"'], "open"],
  "D RESUME after SETUP": [fatal, "frame-malformed"],
  "E reserved flags set on RR": [echo, "open"],
  "F RESERVED type 0 frame": [fatal, "frame-unknown"],
  "G split writes byte by byte": [echo, "open"],
};

describe("the probes", () => {
  for (const probe of rsocketVectors.server_probes) {
    it(`answers "${probe.name}" as the specification asks`, () => {
      const [sent, state] = answers[probe.name]!;
      const frames = probe.sent_frames.filter((text) => /^[0-9a-f]*$/.test(text)).map((text) => fromHex(text)!);
      const conversation = frames.length > 0 ? frames : splitWrites();
      const app = new Application();
      const player = everyCut({ react: (event, machine) => app.hears(event, machine) }, (p) => {
        app.items.clear();
        p.getsAll(...conversation);
      });
      expect(player.lines.filter((line) => line.startsWith("sent"))).toEqual(sent);
      const close = player.lines.find((line) => line.startsWith("close"));
      expect(close?.split(" ")[1] ?? "open").toBe(state);
    });
  }

  it("are all answered here", () => {
    expect(Object.keys(answers).toSorted()).toEqual(rsocketVectors.server_probes.map((probe) => probe.name).toSorted());
  });
});

/** SETUP and REQUEST_RESPONSE, which that probe sends one byte at a time, as every probe here is. */
function splitWrites(): Uint8Array[] {
  const second = rsocketVectors.server_probes.find((probe) => probe.name.startsWith("d "))!;
  return [second.sent_frames[0]!, second.sent_frames[2]!].map((text) => fromHex(text)!);
}

/** What the servers of the probes did: echo, count, and three items for every channel. */
class Application {
  readonly items = new Map<number, string[]>();

  hears(event: RSocketEvent<string>, machine: Machine): void {
    if (event.type === "setup") {
      if (utf8Decode(event.setup.data) === "reject") machine.reject("no way");
      else machine.accept();
    }
    if (event.type === "request") this.#request(event, machine);
    if (event.type === "requestN") this.#give(event.id, event.n, machine);
  }

  #request(event: RSocketEvent<string> & { type: "request" }, machine: Machine): void {
    const text = utf8Decode(event.data);
    if (event.interaction === "response" && text !== "hang") {
      machine.payload(event.id, bytesOf(`echo:${text}`), undefined, true);
    }
    if (event.interaction === "stream") {
      this.items.set(event.id, text === "3" ? ["item0", "item1", "item2"] : ["", "x", ""]);
    }
    if (event.interaction === "channel") {
      if (!event.complete) machine.requestN(event.id, 2);
      this.items.set(event.id, ["ch0", "ch1", "ch2"]);
    }
    this.#give(event.id, event.n, machine);
  }

  #give(id: number, n: number, machine: Machine): void {
    const items = this.items.get(id) ?? [];
    for (let count = 0; count < n && items.length > 0; count++) {
      machine.payload(id, bytesOf(items.shift()!), undefined, items.length === 0);
    }
  }
}
