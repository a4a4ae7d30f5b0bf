// The seeded scenario: the same seed gives the same run, another seed another. All engines: conformance/cross/seeds.test.ts.
import { describe, expect, it } from "#test";
import { digestOf, runSeed } from "./scenario.ts";

describe("digestOf()", () => {
  it("gives the same digest for the same seed", async () => {
    const digests: string[] = [];
    for (const seed of [1, 2, 3]) {
      const [once, again] = [await runSeed(seed), await runSeed(seed)];
      const differs = once.lines.findIndex((line, at) => line !== again.lines[at]);
      expect([differs, once.digest]).toEqual([-1, again.digest]);
      digests.push(await digestOf(seed));
      expect(digests.at(-1)).toBe(once.digest);
    }
    expect(new Set(digests).size).toBe(3);
  }, 30_000);
});
