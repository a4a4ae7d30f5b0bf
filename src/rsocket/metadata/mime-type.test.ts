// The MIME types of a stream: exactly one for its data, any number to accept, and the codec laws for both.
import { describe, expect, it } from "#test";
import fc from "fast-check";
import { begins, codecLaws } from "../../../conformance/vectors/codec-laws.ts";
import { vectorsOf } from "../../../conformance/vectors/rsocket.ts";
import { fromHex } from "../../bytes/hex.ts";
import { UsageError } from "../../contract/errors.ts";
import type { MimeType } from "./label.ts";
import { decodeAcceptMimeTypes, decodeMimeType, encodeAcceptMimeTypes, encodeMimeType } from "./mime-type.ts";
import { WELL_KNOWN_MIME_TYPES } from "./well-known-mime-types.ts";

const hex = (text: string) => fromHex(text.replaceAll(" ", ""))!;
const mimeTypes: fc.Arbitrary<MimeType> = fc.oneof(
  fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 128 }),
  fc.constantFrom(...WELL_KNOWN_MIME_TYPES.values()),
  fc.record({ id: fc.integer({ min: 0x2b, max: 0x79 }) }),
);

describe("the data MIME type of a stream", () => {
  codecLaws({
    decode: decodeMimeType,
    encode: encodeMimeType,
    values: mimeTypes,
    seeds: vectorsOf("metadata", "MIME_TYPE").map(({ hex: text }) => hex(text)),
  });

  it("is exactly one", () => {
    expect(decodeMimeType(hex("85"))).toBe("application/json");
    expect(decodeMimeType(hex("ab"))).toEqual({ id: 0x2b });
    expect(decodeMimeType(hex("85 81"))).toEqual({ fault: "trailing-bytes", at: 1 });
    expect(decodeMimeType(hex(""))).toEqual({ fault: "truncated", at: 0 });
    expect(() => encodeMimeType("")).toThrow(UsageError);
  });
});

describe("the accepted MIME types of a stream", () => {
  codecLaws<readonly MimeType[]>({
    decode: decodeAcceptMimeTypes,
    encode: encodeAcceptMimeTypes,
    values: fc.array(mimeTypes, { maxLength: 6 }),
    seeds: vectorsOf("metadata", "ACCEPT_MIMES").map(({ hex: text }) => hex(text)),
    isPartOf: begins,
  });

  it("are well-known and custom ones in a row, in order", () => {
    expect(decodeAcceptMimeTypes(hex("85 81 00 78 00 79 ab 85"))).toEqual([
      "application/json",
      "application/cbor",
      "x",
      "y",
      { id: 0x2b },
      "application/json",
    ]);
    expect(decodeAcceptMimeTypes(hex("85 02 78"))).toEqual({ fault: "truncated", at: 3 });
  });
});
