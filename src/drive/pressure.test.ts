// When a peer is too slow: each limit on both of its sides, as numbers only.
import { describe, expect, it } from "#test";
import { Pressure } from "./pressure.ts";

const limits = { sendHighWaterBytes: 100, maxSendBytes: 1_000, writeStallMs: 10_000 };

describe("sendHighWaterBytes", () => {
  it("is looked at every 5 ms when the link will not tell", () => {
    const pressure = new Pressure(limits);
    pressure.fills(100, 50, false);
    expect(pressure.lookAt).toBe(55);
    expect(pressure.look(100, 55, false)).toBeUndefined();
    expect(pressure.lookAt).toBe(60);
    pressure.eases();
    expect(pressure.lookAt).toBe(Infinity);
  });
});

describe("maxSendBytes", () => {
  it("is what may wait, with one payload more", () => {
    const pressure = new Pressure(limits);
    expect([pressure.excess(1_000), typeof pressure.excess(1_001)]).toEqual([undefined, "string"]);
    pressure.commands(5_000, 0);
    expect([pressure.excess(6_000), typeof pressure.excess(6_001)]).toEqual([undefined, "string"]);
  });

  it("remembers the largest payload until little waits", () => {
    const pressure = new Pressure(limits);
    pressure.commands(5_000, 0);
    pressure.commands(10, 5_000);
    expect(pressure.excess(6_000)).toBeUndefined();
    pressure.commands(10, 1_000);
    expect([pressure.excess(1_010), typeof pressure.excess(1_011)]).toEqual([undefined, "string"]);
  });

  it("is where this side stops asking", () => {
    const pressure = new Pressure(limits);
    expect([pressure.isOver(1_000), pressure.isOver(1_001)]).toEqual([false, true]);
  });
});

describe("writeStallMs", () => {
  /** Looks whenever it is due, with nothing leaving, and gives when that was too long. */
  function stallsAt(pressure: Pressure, waiting: number): number {
    for (let looks = 0; looks < 100; looks++) {
      const at = pressure.lookAt;
      if (pressure.look(waiting, at, true) !== undefined) return at;
    }
    return Infinity;
  }

  it("is how long nothing may leave, to the millisecond, with ten looks", () => {
    const pressure = new Pressure(limits);
    pressure.fills(500, 7, true);
    expect(pressure.lookAt).toBe(1_007);
    expect(stallsAt(pressure, 500)).toBe(10_007);
    expect(pressure.lookAt).toBe(Infinity);
  });

  it("begins again when something has left, or the link drained", () => {
    const pressure = new Pressure(limits);
    pressure.fills(500, 0, true);
    expect(pressure.look(499, 9_999, true)).toBeUndefined();
    expect(pressure.look(499, 19_998, true)).toBeUndefined();
    expect(typeof pressure.look(499, 19_999, true)).toBe("string");
    pressure.fills(499, 20_000, true);
    pressure.drains(29_999);
    expect(pressure.look(499, 30_000, true)).toBeUndefined();
    expect(stallsAt(pressure, 499)).toBe(39_999);
  });

  it("takes a write of which less and less is left for progress, though all of it still counts as waiting", () => {
    const pressure = new Pressure(limits);
    pressure.fills(5_000, 0, true);
    for (let now = 9_000, unsent = 5_000; unsent > 0; now += 9_000, unsent -= 1_000) {
      expect(pressure.look(5_000, now, true, unsent)).toBeUndefined();
    }
    expect(typeof pressure.look(5_000, 55_001, true, 1_000)).toBe("string");
  });

  it("takes bytes that were added for no progress", () => {
    const pressure = new Pressure(limits);
    pressure.fills(500, 0, true);
    pressure.gave(500);
    expect(stallsAt(pressure, 1_000)).toBe(10_000);
  });

  it("may be none", () => {
    const pressure = new Pressure({ ...limits, writeStallMs: Infinity });
    pressure.fills(500, 0, true);
    expect(pressure.lookAt).toBe(Infinity);
  });
});
