// The end of a connection: in order, at once, by the peer, by the link, and every command after it.
// RSocket 1.0, "Error Codes": CONNECTION_CLOSE, CONNECTION_ERROR.
import { describe, expect, it } from "#test";
import { everyCut } from "../../conformance/transcript/every-cut.ts";
import { bytesOf, cancel, error, fnf, payload, response, setup, stream } from "../../conformance/transcript/frames.ts";
import { Player } from "../../conformance/transcript/player.ts";
import { accepting, client, server } from "../../conformance/transcript/roles.ts";
import { HeadraceError, LinkError, UsageError } from "../contract/errors.ts";
import { ERROR_CODE } from "./frame.ts";

const none = bytesOf("");
const asServer = { react: accepting() };
const CLOSE = ERROR_CODE.CONNECTION_CLOSE;

describe("close", () => {
  it("says CONNECTION_CLOSE and ends when nothing is live", () => {
    for (const player of [client(), server()]) {
      expect(player.does((m) => m.close(0)).take()).toEqual(["sent ERROR CONNECTION_CLOSE", "close closed"]);
      expect(player.machine.state).toBe("closed");
    }
  });

  it("waits for live streams of both sides, refuses the peer's new requests, and ends with the last", () => {
    const player = server().gets(stream(1, 5)).does((m) => m.requestResponse(none, undefined, "a"));
    player.take();
    player.does((m) => m.close(0, 1_000)).gets(response(3)).gets(fnf(5));
    player.does((m) => m.payload(1, bytesOf("x"), undefined, false)).does((m) => m.complete(1));
    expect(player.machine.state).toBe("closing");
    player.gets(payload(2, "y", { flags: "NC" }));
    expect(player.take()).toEqual([
      "sent ERROR CONNECTION_CLOSE",
      "sent ERROR 3 REJECTED",
      'sent PAYLOAD 1 N "x"',
      "sent PAYLOAD 1 C",
      'payload 2 "y" end [a]',
      "close closed",
    ]);
  });

  const lastMoves: readonly (readonly [string, (p: Player) => void])[] = [
    ["the peer's CANCEL", (p) => p.gets(cancel(1))],
    ["the peer's ERROR", (p) => p.gets(error(1, 0x201))],
    ["an ERROR of ours", (p) => p.does((m) => m.fail(1, 0x201, "x"))],
    ["a last item of ours", (p) => p.does((m) => m.payload(1, none, undefined, true))],
  ];
  for (const [what, move] of lastMoves) {
    it(`ends with ${what} too`, () => {
      const player = server().gets(stream(1, 5)).does((m) => m.close(0, 1_000));
      move(player);
      expect(player.take().at(-1)).toBe("close closed");
    });
  }

  it("ends with a CANCEL of ours too", () => {
    const player = client().does((m) => m.requestStream(none, undefined, 1, "a")).does((m) => m.close(0, 1_000));
    expect(player.does((m) => m.cancel(1)).take().slice(-2)).toEqual(["sent CANCEL 1", "close closed"]);
  });

  it("waits no longer than drainMs", () => {
    const player = client().does((m) => m.requestResponse(none, undefined, "a")).does((m) => m.close(0, 500));
    expect(player.machine.deadline).toBe(500);
    player.at(499).take();
    expect(player.machine.state).toBe("closing");
    expect(player.at(500).take()).toEqual(["error 1 link-closed [a]", "close closed"]);
  });

  it("with a drainMs of 0 ends live streams at once", () => {
    const player = client().does((m) => m.requestResponse(none, undefined, "a"));
    player.take();
    expect(player.does((m) => m.close(0)).take()).toEqual([
      "sent ERROR CONNECTION_CLOSE",
      "error 1 link-closed [a]",
      "close closed",
    ]);
  });

  it("can be hurried, and says CONNECTION_CLOSE once", () => {
    const player = client().does((m) => m.requestResponse(none, undefined, "a")).does((m) => m.close(0, 500));
    player.take();
    expect(player.does((m) => m.close(10)).take()).toEqual(["error 1 link-closed [a]", "close closed"]);
  });

  it("of a server that waits for SETUP, or decides, ends at once", () => {
    for (const drainMs of [0, 1_000]) {
      const waiting = new Player().does((m) => m.close(0, drainMs));
      expect(waiting.take()).toEqual(["sent ERROR CONNECTION_CLOSE", "close closed"]);
      const deciding = new Player().getsAll(setup(), fnf(1)).does((m) => m.close(0, drainMs));
      expect(deciding.take().slice(2)).toEqual(["sent ERROR CONNECTION_CLOSE", "close closed"]);
      expect([waiting.machine.state, deciding.machine.deadline]).toEqual(["closed", Infinity]);
    }
  });
});

describe("the peer's CONNECTION_CLOSE", () => {
  it("ends the connection when nothing is live, and nothing behind it is handled", () => {
    const player = everyCut(asServer, (p) => p.getsAll(setup(), error(0, CLOSE, "bye"), fnf(1)));
    expect(player.heard.slice(1)).toEqual(["connectionError connection-close", "close connection-close"]);
  });

  it("lets live streams end first, takes no new ones, and has no deadline of its own", () => {
    const player = everyCut({ role: "client" }, (p) => {
      p.does((m) => m.requestStream(none, undefined, 9, "a"));
      p.getsAll(error(0, CLOSE), response(2), payload(1, "x"), payload(1, "", { flags: "C" }), fnf(4));
    });
    expect(player.heard).toEqual([
      "connectionError connection-close",
      'payload 1 "x" [a]',
      "complete 1 [a]",
      "close connection-close",
    ]);
    expect(player.lines).toContain("sent ERROR 2 REJECTED");
  });

  it("lets a responder finish", () => {
    const player = server().gets(response(1)).gets(error(0, CLOSE)).does((m) =>
      m.payload(1, bytesOf("x"), undefined, true)
    );
    expect(player.take().slice(1)).toEqual([
      "connectionError connection-close",
      'sent PAYLOAD 1 NC "x"',
      "close connection-close",
    ]);
  });

  it("refuses requests of this side, and may come twice", () => {
    const player = client().does((m) => m.requestResponse(none, undefined, "a")).gets(error(0, CLOSE)).gets(
      error(0, CLOSE),
    );
    expect(() => player.machine.requestResponse(none, undefined, "b")).toThrow(/closing/);
    expect(player.machine.state).toBe("closing");
    expect(player.does((m) => m.close(0)).take().slice(-2)).toEqual([
      "error 1 link-closed [a]",
      "close connection-close",
    ]);
  });
});

describe("abort", () => {
  it("tells the peer CONNECTION_ERROR and every stream why", () => {
    const player = server().gets(stream(1, 1)).does((m) => m.requestResponse(none, undefined, "a"));
    player.take();
    player.does((m) => m.abort(new HeadraceError("callback-threw", "oops"))).does((m) =>
      m.abort(new HeadraceError("closing", ""))
    );
    const lines = player.take();
    expect(lines[0]).toBe("sent ERROR CONNECTION_ERROR");
    expect(lines.slice(1, 3).toSorted()).toEqual(["error 1 callback-threw", "error 2 callback-threw [a]"]);
    expect(lines.slice(3)).toEqual(["close callback-threw with error"]);
  });
});

describe("the end of the link", () => {
  it("is clean when nothing is live", () => {
    expect(client().ends().take()).toEqual(["close link-closed"]);
    expect(server().ends().take()).toEqual(["close link-closed"]);
    expect(new Player().ends().take()).toEqual(["close link-closed"]);
  });

  it("ends every live stream with a LinkError", () => {
    const player = client().does((m) => m.requestResponse(none, undefined, "a")).gets(stream(2, 1));
    player.take();
    const lines = player.ends().take();
    expect(lines.slice(0, 2).toSorted()).toEqual(["error 1 link-closed [a]", "error 2 link-closed"]);
    expect(lines[2]).toBe("close link-closed with error");
  });

  it("carries the link's own error", () => {
    const reset = new LinkError("link-reset", "reset", "broken");
    const player = client().does((m) => m.requestResponse(none, undefined, "a")).ends(0, reset);
    expect(player.take().slice(1)).toEqual(["error 1 link-reset [a]", "close link-reset with error"]);
    expect(client().ends(0, new Error("odd")).take()).toEqual(["close link-closed with error"]);
  });

  it("while the application decides is an error", () => {
    expect(new Player().gets(setup()).ends().take().slice(2)).toEqual(["close link-closed with error"]);
  });

  it("while closing with live streams ends them", () => {
    const player = client().does((m) => m.requestResponse(none, undefined, "a")).does((m) => m.close(0, 500)).ends();
    expect(player.take().slice(-2)).toEqual(["error 1 link-closed [a]", "close link-closed with error"]);
  });

  it("in the middle of a frame is the end all the same", () => {
    expect(client().raw(Uint8Array.of(0, 0, 9, 1)).ends().take()).toEqual(["close link-closed"]);
  });
});

describe("after the end", () => {
  it("nothing is said, whatever is called", () => {
    const player = server().gets(stream(1, 5)).does((m) => m.abort(new HeadraceError("closing", "x")));
    player.take();
    const { machine } = player;
    player.getsAll(setup(), fnf(3)).raw(new Uint8Array(100), 1).at(1e9).ends().ends(5);
    machine.receiveReset(1, 0, 1);
    machine.receiveStop(1, 0, 1);
    player.does((m) => {
      m.complete(1);
      m.requestN(1, 1);
      m.cancel(1);
      m.fail(1, 0x201, "x");
      m.attach(1, "x");
      m.accept();
      m.reject("x");
      m.close(0, 10);
      m.released();
    });
    expect(machine.payload(1, none, undefined, true)).toBe(false);
    expect(player.take()).toEqual([]);
    expect([machine.deadline, machine.ready, machine.liveStreams]).toEqual([Infinity, 0, 0]);
  });

  it("no request begins", () => {
    const { machine } = client().does((m) => m.close(0));
    const tries: (() => unknown)[] = [
      () => machine.requestResponse(none, undefined, "a"),
      () => machine.requestStream(none, undefined, 1, "a"),
      () => machine.requestChannel(none, undefined, 1, false, "a"),
      () => machine.fireAndForget(none, undefined),
      () => machine.metadataPush(none),
    ];
    for (const one of tries) {
      expect(one).toThrow(UsageError);
      expect(one).toThrow(/closed/);
    }
  });

  it("close is said once, and last, whatever ended it", () => {
    const player = client().does((m) => m.close(0, 100)).ends();
    expect(player.lines.filter((line) => line.startsWith("close"))).toHaveLength(1);
    expect(player.lines.at(-1)).toMatch(/^close/);
  });
});
