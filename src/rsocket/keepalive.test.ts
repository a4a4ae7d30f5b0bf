// KEEPALIVE and silence in virtual time, on both sides. RSocket 1.0, "KEEPALIVE Frame".
import { describe, expect, it } from "#test";
import { everyCut } from "../../conformance/transcript/every-cut.ts";
import { fnf, keepalive, payload, setup } from "../../conformance/transcript/frames.ts";
import { Player } from "../../conformance/transcript/player.ts";
import { accepting, client, server } from "../../conformance/transcript/roles.ts";
import { Keepalive } from "./keepalive.ts";

const times = { setup: { keepAliveMs: 100, lifetimeMs: 1_000 } };
const asks = "sent KEEPALIVE R at=0";

describe("a client", () => {
  it("sends KEEPALIVE at each interval, with R and position 0", () => {
    const player = client(times);
    expect(player.machine.deadline).toBe(100);
    expect(player.at(99).take()).toEqual([]);
    expect(player.at(100).take()).toEqual([asks]);
    expect(player.machine.deadline).toBe(200);
    expect(player.at(350).take()).toEqual([asks, asks]);
  });

  it("counts the next interval from a late tick", () => {
    const player = client(times);
    player.machine.tick(450);
    expect(player.machine.deadline).toBe(550);
  });

  it("gives the server up after the lifetime, not a millisecond before", () => {
    const player = client(times).does((m) => m.requestResponse(new Uint8Array(0), undefined, "a"));
    player.at(999).take();
    expect(player.at(1_000).take()).toEqual([
      "sent ERROR CONNECTION_ERROR",
      "keepaliveTimeout 1000 ms keepalive-timeout",
      "error 1 keepalive-timeout [a]",
      "close keepalive-timeout with error",
    ]);
    expect(player.machine.deadline).toBe(Infinity);
    expect(player.at(5_000).take()).toEqual([]);
  });

  it("takes any bytes as a sign of life", () => {
    const player = client(times).at(900);
    player.raw(new Uint8Array([0])).at(1_899).take(); // one byte of a prefix
    expect(player.machine.state).toBe("open");
    expect(player.at(1_900).take()).toContain("keepaliveTimeout 1000 ms keepalive-timeout");
  });

  it("says how long it was silent when the clock jumps", () => {
    const player = client(times);
    player.machine.tick(61_000.4);
    player.does(() => {});
    expect(player.take()).toContain("keepaliveTimeout 61000.4 ms keepalive-timeout");
  });
});

describe("a server", () => {
  const begun = (options = {}): Player =>
    new Player({ react: accepting(), ...options }).gets(setup({ keepaliveMs: 100, lifetimeMs: 1_000 }));

  it("never asks by itself", () => {
    const player = begun();
    player.take();
    expect(player.machine.deadline).toBe(1_000);
    expect(player.at(999).take()).toEqual([]);
  });

  it("asks too when it was told to", () => {
    const player = begun({ serverKeepAliveMs: 300 });
    player.take();
    expect(player.at(650).take()).toEqual([asks, asks]);
  });

  it("gives the client up after the lifetime that SETUP said", () => {
    const player = begun().gets(fnf(1));
    player.at(500).gets(keepalive(true)).at(1_499).take();
    expect(player.at(1_500).take()).toEqual([
      "sent ERROR CONNECTION_ERROR",
      "keepaliveTimeout 1000 ms keepalive-timeout",
      "close keepalive-timeout with error",
    ]);
  });

  it("does not take silence for death while it holds back reading itself", () => {
    const player = new Player().gets(setup({ lifetimeMs: 1_000 }));
    player.at(4_900);
    expect(player.machine.state).toBe("deciding");
    player.does((m) => m.accept()).take();
    expect(player.at(5_899).take()).toEqual([]);
    expect(player.machine.state).toBe("open");
    expect(player.at(6_900).take()).toContain("close keepalive-timeout with error");
  });

  it("does not hold a pause without a tick against the client either", () => {
    const player = new Player().gets(setup({ lifetimeMs: 1_000 }));
    player.now = 999;
    player.does((m) => m.accept()).at(1_000);
    expect(player.machine.state).toBe("open");
    expect(player.at(1_999).machine.state).toBe("open");
    expect(player.at(2_000).machine.state).toBe("closed");
  });
});

describe("both sides", () => {
  for (const role of ["client", "server"] as const) {
    it(`answer R with the same data, R clear and position 0 (${role})`, () => {
      const player = everyCut({ role, react: accepting() }, (p) => {
        if (role === "server") p.gets(setup());
        p.getsAll(keepalive(true, "ping", 77n), keepalive(true));
      });
      expect(player.lines.slice(-2)).toEqual(['sent KEEPALIVE at=0 "ping"', "sent KEEPALIVE at=0"]);
    });

    it(`do not answer without R (${role})`, () => {
      const player = role === "client" ? client() : server();
      expect(player.gets(keepalive(false, "pong")).take()).toEqual([]);
    });
  }

  it("go on asking while they close and streams are live", () => {
    const player = client(times).does((m) => m.requestResponse(new Uint8Array(0), undefined, "a"));
    player.does((m) => m.close(0, 5_000)).take();
    expect(player.at(100).take()).toEqual([asks]);
    expect(player.gets(payload(1, "x", { flags: "NC" })).take()).toEqual(['payload 1 "x" end [a]', "close closed"]);
  });

  it("wake for nothing when neither clock runs", () => {
    expect(new Keepalive(Infinity, Infinity, 5).deadline).toBe(Infinity);
    expect(new Keepalive(Infinity, 7, 5).send(1e9)).toBe(false);
  });
});
