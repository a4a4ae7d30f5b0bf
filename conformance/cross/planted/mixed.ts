// Planted for runner.test.ts: one test that passes, one that fails, one that is skipped, one that takes too long.
import { describe, expect, it } from "#test";

describe("planted", () => {
  it("passes", () => expect(1).toBe(1));

  describe("deeper", () => {
    it('fails with <a> & "message"', () => expect("left").toBe("right"));
  });

  it.skipBecause("planted (on purpose)", "is skipped", () => {
    throw new Error("must not run");
  });

  it("takes too long", () => new Promise<void>(() => setTimeout(() => {}, 300)), 50);
});
