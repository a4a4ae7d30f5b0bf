// Lending: whoever keeps a view, or ignores where it begins, reads poison.
import { describe, expect, it } from "#test";
import { lend, POISON } from "./lend.ts";
import { Random } from "./random.ts";

describe("lend()", () => {
  it("overwrites what was lent, also when the borrower throws", () => {
    const kept: Uint8Array[] = [];
    const copied: Uint8Array[] = [];
    const fill = (into: Uint8Array) => into.set([1, 2, 3]);
    lend(new Random(1), 3, fill, (borrowed) => {
      kept.push(borrowed);
      copied.push(borrowed.slice());
    });
    const failing = () =>
      lend(new Random(1), 3, fill, (borrowed) => {
        kept.push(borrowed);
        throw new Error("borrower failed");
      });
    expect(failing).toThrow("borrower failed");
    expect(copied).toEqual([Uint8Array.of(1, 2, 3)]);
    for (const view of kept) expect([...view]).toEqual([POISON, POISON, POISON]);
  });

  it("lends at changing offsets, never at 0, with poison on both sides", () => {
    const random = new Random(2);
    const offsets = new Set<number>();
    for (let round = 0; round < 200; round++) {
      lend(random, 4, (into) => into.fill(7), (borrowed) => {
        offsets.add(borrowed.byteOffset);
        const whole = new Uint8Array(borrowed.buffer);
        expect(whole[borrowed.byteOffset - 1]).toBe(POISON);
        expect(whole[borrowed.byteOffset + 4]).toBe(POISON);
      });
    }
    expect(offsets.has(0)).toBe(false);
    expect(offsets.size).toBeGreaterThan(40);
  });
});
