// Composite metadata: order, duplicates, unknown ids, views instead of copies, lazy reading, and the codec laws.
import { describe, expect, it } from "#test";
import fc from "fast-check";
import { begins, codecLaws } from "../../../conformance/vectors/codec-laws.ts";
import { vectorsOf } from "../../../conformance/vectors/rsocket.ts";
import { isFault } from "../../bytes/fault.ts";
import { fromHex } from "../../bytes/hex.ts";
import { UsageError } from "../../contract/errors.ts";
import {
  compositeEntries,
  type CompositeEntry,
  decodeComposite,
  encodeComposite,
  findInComposite,
} from "./composite.ts";
import type { MimeType } from "./label.ts";
import { WELL_KNOWN_MIME_TYPES } from "./well-known-mime-types.ts";

const hex = (text: string) => fromHex(text.replaceAll(" ", ""))!;
const bytes = (...values: number[]) => new Uint8Array(values);

const customNames = fc.array(fc.integer({ min: 0, max: 0x7f }), { minLength: 1, maxLength: 128 })
  .map((codes) => String.fromCharCode(...codes));
const mimeTypes: fc.Arbitrary<MimeType> = fc.oneof(
  customNames,
  fc.constantFrom(...WELL_KNOWN_MIME_TYPES.values()),
  fc.record({ id: fc.integer({ min: 0x2b, max: 0x79 }) }),
);
const entries: fc.Arbitrary<CompositeEntry> = fc.record({
  mimeType: mimeTypes,
  content: fc.uint8Array({ maxLength: 40 }),
});

describe("composite metadata", () => {
  codecLaws<readonly CompositeEntry[]>({
    decode: decodeComposite,
    encode: encodeComposite,
    values: fc.array(entries, { maxLength: 6 }),
    seeds: [
      ...vectorsOf("metadata", "COMPOSITE").map(({ hex: text }) => hex(text)),
      hex("85 000001 31 85 000002 3233"),
    ],
    isPartOf: begins,
  });

  it("keeps order and duplicates", () => {
    const list = [
      { mimeType: "text/plain", content: bytes(1) },
      { mimeType: "application/json", content: bytes() },
      { mimeType: "text/plain", content: bytes(2, 3) },
    ];
    expect(decodeComposite(encodeComposite(list))).toEqual(list);
  });

  it("keeps an unknown well-known id opaque", () => {
    const decoded = decodeComposite(hex("ab 000002 0102 85 000000"));
    expect(decoded).toEqual([
      { mimeType: { id: 0x2b }, content: bytes(1, 2) },
      { mimeType: "application/json", content: bytes() },
    ]);
    expect(encodeComposite(decoded as CompositeEntry[])).toEqual(hex("ab 000002 0102 85 000000"));
  });

  it("copies nothing", () => {
    const whole = hex("85 000002 3132");
    const [entry] = decodeComposite(whole) as CompositeEntry[];
    expect(entry?.content.buffer).toBe(whole.buffer);
    expect(entry?.content.byteOffset).toBe(4);
  });

  it("reads no further than it is asked to", () => {
    const iterator = compositeEntries(hex("85 000001 31 85 ffffff 00"));
    expect(iterator.next().value).toEqual({ mimeType: "application/json", content: bytes(0x31) });
    expect(iterator.next().value).toEqual({ fault: "truncated", at: 10 });
    expect(iterator.next().done).toBe(true);
  });

  it("finds the first entry of a type", () => {
    const whole = hex("a1 000001 61 85 000001 31 85 000001 32 ab 000001 33 00");
    expect(findInComposite(whole, "application/json")).toEqual(bytes(0x31));
    expect(findInComposite(whole, { id: 0x2b })).toEqual(bytes(0x33));
    expect(findInComposite(whole.subarray(0, 15), "application/cbor")).toBeUndefined();
    expect(findInComposite(whole, "application/cbor")).toEqual({ fault: "truncated", at: 21 });
  });

  it("says what is wrong with an entry", () => {
    expect(decodeComposite(hex("85 000005 31"))).toEqual({ fault: "truncated", at: 5 });
    expect(decodeComposite(hex("85 0000"))).toEqual({ fault: "truncated", at: 3 });
    expect(decodeComposite(hex("05 61"))).toEqual({ fault: "truncated", at: 2 });
    expect(decodeComposite(hex("00 ff 000000"))).toEqual({ fault: "not-ascii", at: 1 });
    expect(decodeComposite(bytes())).toEqual([]);
  });

  it("reads a declared length of 16 MiB without allocating it", () => {
    for (let count = 0; count < 10_000; count++) expect(isFault(decodeComposite(hex("85 ffffff")))).toBe(true);
  });

  it("writes custom types of 1 to 128 ASCII characters and refuses others", () => {
    const content = bytes();
    expect(encodeComposite([{ mimeType: "x", content }])).toEqual(hex("00 78 000000"));
    expect(encodeComposite([{ mimeType: "y".repeat(128), content }])[0]).toBe(0x7f);
    const refused: MimeType[] = ["", "y".repeat(129), "größe", "\u{1f600}", { id: 128 }, { id: -1 }, { id: 1.5 }, {
      id: NaN,
    }];
    for (const mimeType of refused) expect(() => encodeComposite([{ mimeType, content }])).toThrow(UsageError);
    const large = new Uint8Array(0x100_0000);
    expect(() => encodeComposite([{ mimeType: "x", content: large }])).toThrow(/16777216 bytes/);
  });
});
