// The 24-bit length: any cut gives the same frames, little is copied, and nothing is kept that is not needed.
import { describe, expect, it } from "#test";
import fc from "fast-check";
import { concat, prefixed } from "../../conformance/transcript/player.ts";
import { bytesOf } from "../../conformance/transcript/frames.ts";
import { LengthPrefix } from "./length-prefix.ts";

/** Pushes chunks, overwriting each after it was read, and gives the frames that came out. */
function frames(chunks: readonly Uint8Array[], maxBytes = 0xff_ffff): { bytes: Uint8Array; owned: boolean }[] {
  const source = new LengthPrefix();
  const found: { bytes: Uint8Array; owned: boolean }[] = [];
  for (const chunk of chunks) {
    const lent = chunk.slice();
    source.push(lent);
    while (source.next(maxBytes) === 1) {
      const frame = source.bytes.subarray(source.at, source.end);
      found.push({ bytes: source.owned ? frame : frame.slice(), owned: source.owned });
    }
    lent.fill(0xdd);
  }
  return found;
}

describe("length-prefixed frames", () => {
  it("are found in any cut, and those that are owned stay as they are", () => {
    const payloads = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 });
    const cuts = fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 30 });
    fc.assert(fc.property(payloads, cuts, (wanted, sizes) => {
      const wire = concat(wanted.map(prefixed));
      const chunks: Uint8Array[] = [];
      let at = 0;
      for (const size of sizes) chunks.push(wire.subarray(at, at += size));
      chunks.push(wire.subarray(at));
      expect(frames(chunks).map((frame) => frame.bytes)).toEqual(wanted);
    }));
  });

  it("are seen in place when they lie in one chunk, and owned when they do not", () => {
    const wire = concat([prefixed(bytesOf("whole")), prefixed(bytesOf("parted"))]);
    expect(frames([wire.subarray(0, 12), wire.subarray(12)]).map((frame) => frame.owned)).toEqual([false, true]);
  });

  it("may be empty", () => {
    expect(frames([new Uint8Array(6)]).map((frame) => frame.bytes.length)).toEqual([0, 0]);
    expect(frames([new Uint8Array(2), new Uint8Array(1)])).toHaveLength(1);
  });

  it("are refused by their declared length as soon as it is known", () => {
    for (const cut of [1, 2, 3]) {
      const source = new LengthPrefix();
      const wire = Uint8Array.of(0, 0, 11, 1, 2);
      source.push(wire.subarray(0, cut));
      expect(source.next(10), `cut at ${cut}`).toBe(cut === 3 ? -1 : 0);
      if (cut === 3) continue;
      source.push(wire.subarray(cut));
      expect(source.next(10), `cut at ${cut}`).toBe(-1);
    }
    expect(frames([prefixed(new Uint8Array(10))], 10)).toHaveLength(1);
  });

  it("use memory by what came, not by what was declared", () => {
    const source = new LengthPrefix();
    source.push(concat([Uint8Array.of(0xff, 0xff, 0xff), new Uint8Array(100)]));
    expect(source.next(0xff_ffff)).toBe(0);
    expect(source.heldBytes).toBe(103);
  });

  it("let go of the chunk and of the frame when all is read", () => {
    const source = new LengthPrefix();
    source.push(prefixed(bytesOf("x")));
    expect([source.hasInput, source.next(9), source.hasInput, source.next(9)]).toEqual([true, 1, false, 0]);
    expect(source.bytes).toHaveLength(0);
  });

  it("wait in memory of their own after keep, which copies once", () => {
    const source = new LengthPrefix();
    const first = concat([prefixed(bytesOf("a")), prefixed(bytesOf("b"))]);
    source.push(first);
    expect(source.next(9)).toBe(1);
    source.keep();
    first.fill(0xdd);
    source.keep();
    const second = prefixed(bytesOf("c"));
    source.push(second);
    source.keep();
    second.fill(0xdd);
    const found: string[] = [];
    while (source.next(9) === 1) found.push(String.fromCharCode(source.bytes[source.at]!));
    expect(found).toEqual(["b", "c"]);
  });
});
