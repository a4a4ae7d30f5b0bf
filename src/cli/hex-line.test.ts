// Hexadecimal lines: blanks between bytes, errors with their place, and the largest frame in reasonable time.
import { describe, expect, it } from "#test";
import fc from "fast-check";
import { toHex } from "../bytes/hex.ts";
import { utf8Encode } from "../bytes/utf8.ts";
import { UsageError } from "../contract/errors.ts";
import { hexOf, parseHexLine, parseHexText } from "./hex-line.ts";

const parse = (text: string) => [...parseHexLine(utf8Encode(text))];

describe("hexadecimal lines", () => {
  it("go there and back", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 10_000 }), (bytes) => {
      expect(hexOf(bytes)).toBe(toHex(bytes));
      expect(parseHexText("x", hexOf(bytes))).toEqual(bytes);
      expect(parseHexLine(utf8Encode(hexOf(bytes).toUpperCase()))).toEqual(bytes);
    }));
  });

  it("may have blanks around and between bytes, not within one", () => {
    expect(parse("  00 01\t7f FF ")).toEqual([0, 1, 0x7f, 0xff]);
    expect(() => parse("0 001")).toThrow("Not hexadecimal at character 2");
    expect(() => parseHexText("fields.data", "00 01")).toThrow("fields.data: Not hexadecimal at character 3");
  });

  it("say where they are wrong", () => {
    expect(() => parse("00g0")).toThrow("Not hexadecimal at character 3");
    expect(() => parse("0x00")).toThrow("Not hexadecimal at character 2");
    expect(() => parse("000")).toThrow("the last byte has one digit");
    for (const bad of ["ö0", "/0", ":0", "@0", "G0", "`0", "g0"]) expect(() => parse(bad)).toThrow(UsageError);
  });

  it("hold the largest frame", () => {
    const bytes = new Uint8Array(16_777_215).fill(0xa5);
    const text = hexOf(bytes);
    expect(text).toHaveLength(33_554_430);
    expect(parseHexText("x", text)).toHaveLength(16_777_215);
  }, 20_000);
});
