// Channels that end one direction at a time, in every order, and what may still flow. RSocket 1.0, "Request Channel".
import { describe, expect, it } from "#test";
import { bytesOf, cancel, channel, error, payload, requestN } from "../../conformance/transcript/frames.ts";
import type { Player } from "../../conformance/transcript/player.ts";
import { client, server } from "../../conformance/transcript/roles.ts";

const none = bytesOf("");

/** What may happen on a channel: what this side does, or what comes. */
const moves: Readonly<Record<string, (player: Player) => void>> = {
  sendComplete: (p) => p.does((m) => m.complete(1)),
  sendLast: (p) => p.does((m) => m.payload(1, bytesOf("last"), undefined, true)),
  sendCancel: (p) => p.does((m) => m.cancel(1)),
  sendError: (p) => p.does((m) => m.fail(1, 0x201, "x")),
  recvComplete: (p) => p.gets(payload(1, "", { flags: "C" })),
  recvLast: (p) => p.gets(payload(1, "last", { flags: "NC" })),
  recvCancel: (p) => p.gets(cancel(1)),
  recvError: (p) => p.gets(error(1, 0x201)),
};

/** Which directions a move ends. Requester and responder differ only for CANCEL. */
function ends(move: string, role: "client" | "server"): { sending: boolean; receiving: boolean } {
  const both = { sending: true, receiving: true };
  switch (move) {
    case "sendComplete":
    case "sendLast":
      return { sending: true, receiving: false };
    case "recvComplete":
    case "recvLast":
      return { sending: false, receiving: true };
    case "sendCancel":
      return role === "client" ? both : { sending: false, receiving: true };
    case "recvCancel":
      return role === "server" ? both : { sending: true, receiving: false };
    default:
      return both;
  }
}

function begun(role: "client" | "server"): Player {
  const player = role === "client"
    ? client().does((m) => m.requestChannel(none, undefined, 100, false, "")).gets(requestN(1, 100))
    : server().gets(channel(1, 100)).does((m) => m.requestN(1, 100));
  player.take();
  return player;
}

describe("a channel", () => {
  for (const role of ["client", "server"] as const) {
    for (const first of Object.keys(moves)) {
      it(`keeps only the direction that ${first} left, as ${role === "client" ? "requester" : "responder"}`, () => {
        for (const second of Object.keys(moves)) {
          const player = begun(role);
          moves[first]!(player);
          const after = ends(first, role);
          const open = !(after.sending && after.receiving);
          player.take();
          expect(player.machine.liveStreams, first).toBe(open ? 1 : 0);

          expect(player.machine.payload(1, bytesOf("out"), undefined, false), `${first}, then an item out`).toBe(
            !after.sending,
          );
          player.does(() => {}).gets(payload(1, "in"));
          const lines = player.take();
          expect(lines.some((line) => line.includes('"out"')), `${first}, then an item out`).toBe(!after.sending);
          expect(lines.some((line) => line.includes('"in"')), `${first}, then an item in`).toBe(!after.receiving);

          moves[second]!(player);
          const last = ends(second, role);
          const sending = after.sending || last.sending;
          // What concerns a direction that is over is ignored, but an ERROR or the requester's CANCEL ends all.
          const receiving = after.receiving || last.receiving;
          const refused = role === "client" && after.sending && second === "sendError";
          expect(player.machine.liveStreams, `${first}, ${second}`).toBe(
            (sending && receiving && !refused) || !open ? 0 : 1,
          );
        }
      });
    }
  }

  it("takes no item out after C, and says so", () => {
    const player = begun("client").does((m) => m.complete(1)).does((m) => m.complete(1));
    expect(player.machine.payload(1, none, undefined, true)).toBe(false);
    expect(player.take()).toEqual(["sent PAYLOAD 1 C"]);
  });

  it("lets the receiving side ask for more after its own C, and not after the peer's", () => {
    const player = begun("server").does((m) => m.complete(1)).does((m) => m.requestN(1, 5));
    expect(player.take()).toEqual(["sent PAYLOAD 1 C", "sent REQUEST_N 1 n=5"]);
    const done = begun("server").gets(payload(1, "", { flags: "C" })).does((m) => m.requestN(1, 5));
    expect(done.take()).toEqual(["complete 1"]);
  });
});
