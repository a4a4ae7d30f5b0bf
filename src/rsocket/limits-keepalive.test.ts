// The limits of KEEPALIVE, each on both of its sides, in virtual time: what a client may announce, what counts as
// silence then, and what is owed to a peer that does not read. contract/limits.ts.
import { describe, expect, it } from "#test";
import { bytesOf, keepalive, setup } from "../../conformance/transcript/frames.ts";
import { Player } from "../../conformance/transcript/player.ts";
import { accepting, client, server } from "../../conformance/transcript/roles.ts";
import type { Limits } from "../contract/limits.ts";
import type { SetupFrame } from "./frame.ts";

const begun = (change: Partial<SetupFrame>, limits: Partial<Limits> = {}): Player =>
  new Player({ limits, react: accepting() }).gets(setup(change));

const refused = ["sent ERROR UNSUPPORTED_SETUP", "close setup-unsupported with error"];

/** When the server gives a silent client up. */
function givesUpAt(player: Player): number {
  for (let step = 0; step < 10 && player.machine.state === "open"; step++) player.at(player.machine.deadline);
  expect(player.lines.at(-1)).toBe("close keepalive-timeout with error");
  return player.now;
}

describe("minKeepaliveMs", () => {
  it("is an interval of 100 ms, by default", () => {
    expect(begun({ keepaliveMs: 100 }).machine.state).toBe("open");
    expect(begun({ keepaliveMs: 99 }).take()).toEqual(refused);
    expect(begun({ keepaliveMs: 1 }).take()).toEqual(refused);
  });

  it("is what the application says", () => {
    expect(begun({ keepaliveMs: 1 }, { minKeepaliveMs: 1 }).machine.state).toBe("open");
    expect(begun({ keepaliveMs: 999 }, { minKeepaliveMs: 1_000 }).take()).toEqual(refused);
  });

  it("does not concern clients: another server may take it", () => {
    expect(client({ setup: { keepAliveMs: 1 } }).machine.state).toBe("open");
  });
});

describe("minLifetimeMs and maxLifetimeMs", () => {
  const DAY = 86_400_000;

  it("are 1 s and 24 h, by default, and a client's lifetime is moved between them", () => {
    for (const [said, counts] of [[1, 1_000], [999, 1_000], [1_000, 1_000], [1_001, 1_001]] as const) {
      const player = begun({ keepaliveMs: 100, lifetimeMs: said });
      expect([player.machine.lifetimeMs, givesUpAt(player)]).toEqual([counts, counts]);
    }
    for (const [said, counts] of [[DAY - 1, DAY - 1], [DAY, DAY], [DAY + 1, DAY], [0x7fff_ffff, DAY]] as const) {
      const player = begun({ lifetimeMs: said });
      expect([player.machine.lifetimeMs, givesUpAt(player)]).toEqual([counts, counts]);
    }
  });

  it("leave what the client said to be read", () => {
    expect(begun({ lifetimeMs: 0x7fff_ffff }).machine.setup?.lifetimeMs).toBe(0x7fff_ffff);
  });

  it("may go down to 100 ms when the application asks for it", () => {
    expect(givesUpAt(begun({ lifetimeMs: 150 }, { minLifetimeMs: 100 }))).toBe(150);
    expect(givesUpAt(begun({ lifetimeMs: 50 }, { minLifetimeMs: 100 }))).toBe(100);
    expect(() => begun({}, { minLifetimeMs: 99 })).toThrow("minLifetimeMs");
  });

  it("do not concern clients, which know what they asked for", () => {
    const asking = client({ setup: { keepAliveMs: 100, lifetimeMs: 200 } });
    expect([asking.machine.lifetimeMs, givesUpAt(asking)]).toEqual([200, 200]);
  });
});

describe("what is owed while the link takes no more", () => {
  for (const role of ["client", "server"] as const) {
    it(`is one answer to a KEEPALIVE, the latest (${role})`, () => {
      const player = role === "client" ? client() : server();
      player.gets(keepalive(true, "0")).does((m) => m.congested(true));
      expect(player.take()).toEqual(['sent KEEPALIVE at=0 "0"']);
      for (let n = 1; n <= 1_000; n++) player.gets(keepalive(true, String(n)));
      expect(player.take()).toEqual([]);
      expect(player.does((m) => m.congested(false)).take()).toEqual(['sent KEEPALIVE at=0 "1000"']);
      expect(player.does((m) => m.congested(false)).take()).toEqual([]);
      expect(player.gets(keepalive(true, "next")).take()).toEqual(['sent KEEPALIVE at=0 "next"']);
    });
  }

  it("is nothing when nobody asked, or the connection is over", () => {
    const player = server().does((m) => m.congested(true)).does((m) => m.congested(false));
    expect(player.take()).toEqual([]);
    player.does((m) => m.congested(true)).gets(keepalive(true, bytesOf("x"))).ends();
    player.take();
    expect(player.does((m) => m.congested(false)).take()).toEqual([]);
  });

  it("does not hold back this side's own KEEPALIVE, of which there is one in each interval", () => {
    const player = client({ setup: { keepAliveMs: 100, lifetimeMs: 1_000 } }).does((m) => m.congested(true));
    expect(player.at(200).take()).toEqual(["sent KEEPALIVE R at=0", "sent KEEPALIVE R at=0"]);
  });
});
