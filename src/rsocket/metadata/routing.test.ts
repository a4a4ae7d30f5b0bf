// Routing metadata: order, empty tags, 255 bytes and not one more, strict UTF-8, and the codec laws.
import { describe, expect, it } from "#test";
import fc from "fast-check";
import { begins, codecLaws } from "../../../conformance/vectors/codec-laws.ts";
import { vectorsOf } from "../../../conformance/vectors/rsocket.ts";
import { fromHex } from "../../bytes/hex.ts";
import { UsageError } from "../../contract/errors.ts";
import { decodeRouting, encodeRouting } from "./routing.ts";

describe("routing metadata", () => {
  codecLaws<readonly string[]>({
    decode: decodeRouting,
    encode: encodeRouting,
    values: fc.array(fc.string({ unit: "binary", maxLength: 60 }), { maxLength: 6 }),
    seeds: vectorsOf("metadata", "ROUTING").map(({ hex }) => fromHex(hex)!),
    isPartOf: begins,
  });

  it("keeps many tags in order, with duplicates and empty ones", () => {
    const tags = ["b", "", "a", "b", "\uFEFFmark"];
    expect(decodeRouting(encodeRouting(tags))).toEqual(tags);
    expect(encodeRouting([""])).toEqual(new Uint8Array([0]));
    expect(encodeRouting([])).toHaveLength(0);
    expect(decodeRouting(new Uint8Array(3))).toEqual(["", "", ""]);
  });

  it("counts bytes of UTF-8, not characters", () => {
    expect(encodeRouting(["r".repeat(255)])).toHaveLength(256);
    expect(encodeRouting(["ö".repeat(127)])).toHaveLength(255);
    for (const tag of ["r".repeat(256), "ö".repeat(128)]) expect(() => encodeRouting([tag])).toThrow(UsageError);
  });

  it("says what is wrong with a tag", () => {
    expect(decodeRouting(fromHex("0361")!)).toEqual({ fault: "truncated", at: 2 });
    expect(decodeRouting(fromHex("016102c328")!)).toEqual({ fault: "not-utf8", at: 3 });
  });
});
