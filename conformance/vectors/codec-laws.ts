// What every metadata codec owes, as tests: there and back, total on any bytes, honest on cut and flipped ones.
// It knows no codec and asserts no content; each codec's own tests do that.
import { expect, it } from "#test";
import fc from "fast-check";
import { type Fault, isFault } from "../../src/bytes/fault.ts";

/** A codec and what its values look like. */
export interface CodecLaws<T extends object | string> {
  decode(bytes: Uint8Array): T | Fault;
  encode(value: T): Uint8Array;
  /** Values that decode to themselves. */
  readonly values: fc.Arbitrary<T>;
  /** Valid bytes, which are cut and flipped. */
  readonly seeds: readonly Uint8Array[];
  /** Whether `cut` may be what is left of `whole`. Absent: every truncation is a Fault. */
  isPartOf?(cut: T, whole: T): boolean;
}

/** Declares the tests of one codec. */
export function codecLaws<T extends object | string>(codec: CodecLaws<T>): void {
  const total = (bytes: Uint8Array): T | Fault => {
    const value = codec.decode(bytes);
    if (isFault(value)) {
      expect(value.at).toBeGreaterThanOrEqual(0);
      expect(value.at).toBeLessThanOrEqual(bytes.length);
      expect(value.fault).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    } else {
      expect(codec.decode(codec.encode(value))).toEqual(value);
    }
    return value;
  };

  it("decodes what it encoded", () => {
    fc.assert(fc.property(codec.values, (value) => {
      expect(codec.decode(codec.encode(value))).toEqual(value);
    }));
  });

  it("gives a value or a Fault for any bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void total(bytes)), { numRuns: 1000 });
  });

  it("decodes bytes that lie inside others alike", () => {
    fc.assert(fc.property(codec.values, (value) => {
      const bytes = codec.encode(value);
      const padded = new Uint8Array(bytes.length + 7).fill(0xee);
      padded.set(bytes, 3);
      expect(codec.decode(padded.subarray(3, 3 + bytes.length))).toEqual(value);
    }));
  });

  it("gives a Fault or what is left for every truncation", () => {
    for (const seed of codec.seeds) {
      const whole = codec.decode(seed);
      expect(isFault(whole)).toBe(false);
      for (let length = 0; length < seed.length; length++) {
        const cut = total(seed.slice(0, length));
        if (!isFault(cut)) expect(codec.isPartOf?.(cut, whole as T) ?? false, `cut to ${length} bytes`).toBe(true);
      }
    }
  });

  it("survives every flipped byte", () => {
    for (const seed of codec.seeds) {
      for (let at = 0; at < seed.length; at++) {
        for (const mask of [0xff, 0x80, 0x01]) total(seed.map((byte, index) => index === at ? byte ^ mask : byte));
      }
    }
  });
}

/** True when one list begins another. For `isPartOf` of codecs whose values are lists. */
export function begins(cut: readonly unknown[], whole: readonly unknown[]): boolean {
  expect(whole.slice(0, cut.length)).toEqual([...cut]);
  return cut.length < whole.length;
}
