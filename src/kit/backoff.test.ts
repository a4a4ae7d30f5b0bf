// Waits between attempts: their ceilings, their spread, and where they begin again.
import { describe, expect, it } from "#test";
import { createSimulation } from "../../runtimes/simulated/mod.ts";
import { Backoff } from "./backoff.ts";

/** Randomness that always gives the same byte. */
const always = (byte: number) => (into: Uint8Array) => void into.fill(byte);
const drawn = (backoff: Backoff, count: number): number[] => Array.from({ length: count }, () => backoff.next());

describe("backoff", () => {
  it("has ceilings that double from 100 ms to 30 s", () => {
    const ceilings = [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000];
    expect(drawn(new Backoff(always(0xff)), 11)).toEqual(ceilings);
  });

  it("may not wait at all (full jitter)", () => {
    expect(drawn(new Backoff(always(0)), 5)).toEqual([0, 0, 0, 0, 0]);
  });

  it("takes other bounds, also a first above the most", () => {
    expect(drawn(new Backoff(always(0xff), { firstMs: 10, mostMs: 25 }), 4)).toEqual([10, 20, 25, 25]);
    expect(drawn(new Backoff(always(0xff), { firstMs: 50, mostMs: 25 }), 2)).toEqual([25, 25]);
  });

  it("begins again after a reset", () => {
    const backoff = new Backoff(always(0xff));
    drawn(backoff, 6);
    backoff.reset();
    expect(drawn(backoff, 2)).toEqual([100, 200]);
  });

  it("spreads evenly: each tenth of the ceiling comes up about as often", () => {
    const { runtime } = createSimulation(11);
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let count = 0; count < 10_000; count++) {
      const wait = new Backoff((into) => runtime.random(into), { firstMs: 999 }).next();
      expect(wait >= 0 && wait <= 999).toBe(true);
      tenths[Math.floor(wait / 100)]! += 1;
    }
    for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  it("gives the same waits for the same randomness", () => {
    const of = (seed: number): number[] => {
      const { runtime } = createSimulation(seed);
      return drawn(new Backoff((into) => runtime.random(into)), 8);
    };
    expect(of(5)).toEqual(of(5));
    expect(of(5)).not.toEqual(of(6));
  });
});
