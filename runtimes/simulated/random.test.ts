// The seeded generator: fixed numbers on every engine, even spread, independent forks.
import { describe, expect, it } from "#test";
import { Random } from "./random.ts";

describe("Random", () => {
  it("gives these numbers for this seed on every engine", () => {
    const random = new Random(42);
    expect([random.next(), random.next(), random.next(), random.next()]).toEqual([
      660444221,
      3652823732,
      77672526,
      910233633,
    ]);
    expect(random.below(1000)).toBe(756);
    expect(random.fork("wire").next()).toBe(4240956879);
  });

  it("differs by seed, also in the seed's upper half and for neighbours", () => {
    const seeds = [0, 1, 2, 3, 0x1_0000_0000, 0x2_0000_0000, Number.MAX_SAFE_INTEGER, -1];
    expect(new Set(seeds.map((seed) => new Random(seed).next())).size).toBe(seeds.length);
    expect(() => new Random(0.5)).toThrow("not a safe integer");
  });

  it("draws evenly", () => {
    const random = new Random(1);
    const counts = [0, 0, 0, 0, 0, 0];
    for (let draw = 0; draw < 60_000; draw++) counts[random.below(6)]! += 1; // below 6 is a place of the six
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThanOrEqual(400);
    expect(() => random.below(0)).toThrow(RangeError);
    expect(random.below(1)).toBe(0);
  });

  it("meets a probability, and draws once whatever it is", () => {
    const random = new Random(2);
    let hits = 0;
    for (let draw = 0; draw < 10_000; draw++) if (random.chance(0.2)) hits += 1;
    expect(Math.abs(hits - 2000)).toBeLessThanOrEqual(200);
    expect(random.chance(0)).toBe(false);
    expect(random.chance(1)).toBe(true);
    const [a, b] = [new Random(3), new Random(3)];
    a.chance(0);
    b.chance(0.5);
    expect(a.next()).toBe(b.next());
  });

  it("fills bytes", () => {
    const bytes = new Uint8Array(4096);
    new Random(4).bytes(bytes);
    expect(new Set(bytes).size).toBe(256);
  });

  it("forks by label, whatever was drawn before", () => {
    const [fresh, used] = [new Random(5), new Random(5)];
    used.next();
    expect(used.fork("a").next()).toBe(fresh.fork("a").next());
    expect(fresh.fork("a").next()).not.toBe(fresh.fork("b").next());
    expect(fresh.fork("a").next()).not.toBe(new Random(6).fork("a").next());
    const labels = Array.from({ length: 1000 }, (_, n) => `n${n}.up`);
    expect(new Set(labels.map((label) => fresh.fork(label).next())).size).toBe(1000);
  });
});
