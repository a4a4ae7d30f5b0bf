// JSON with exact 64-bit integers: long digits outside of strings are kept, everything else is what JSON.parse says.
import { describe, expect, it } from "#test";
import fc from "fast-check";
import { UsageError } from "../contract/errors.ts";
import { exactInteger, type ExactJson, exactJson, parseExactJson } from "./exact-json.ts";

describe("exact JSON", () => {
  it("writes bigints as digits and everything else as JSON.stringify does", () => {
    expect(exactJson({ a: [1n << 63n, -1n], b: null })).toBe('{"a":[9223372036854775808,-1],"b":null}');
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      expect(exactJson(value as ExactJson)).toBe(JSON.stringify(value));
    }));
  });

  it("reads long integers exactly, wherever a value may stand", () => {
    const read = (text: string, name: string) => exactInteger((parseExactJson(text) as Record<string, unknown>)[name]);
    expect(read('{"p":9223372036854775807}', "p")).toBe(9223372036854775807n);
    expect(read('{"p" :\t9007199254740993 ,"q":1}', "p")).toBe(9007199254740993n);
    expect(read('{"p":12,"q":[18446744073709551615]}', "p")).toBe(12n);
    expect((parseExactJson("[18446744073709551615,1]") as unknown[]).map(exactInteger)).toEqual([(1n << 64n) - 1n, 1n]);
  });

  it("has no exact integer for what was rounded or is none", () => {
    const values = [
      "1e400",
      "9223372036854775807.0",
      "9.2e18",
      "123456789012345678901",
      '"1"',
      "null",
      "true",
      "[]",
      "{}",
    ];
    for (const text of values) expect(exactInteger(parseExactJson(text)), text).toBeUndefined();
    expect(exactInteger(parseExactJson("1.5"))).toBeUndefined();
    expect(exactInteger(parseExactJson("-1234567890123456789"))).toBeUndefined();
  });

  it("leaves strings alone, whatever they hold", () => {
    const texts = fc.string({ unit: fc.constantFrom("\\", '"', ":", "9223372036854775807", "{", " ", "\n", "ö") });
    fc.assert(
      fc.property(texts, texts, (name, value) => {
        expect(parseExactJson(JSON.stringify([{ [name]: value }]))).toEqual([{ [name]: value }]);
      }),
      { numRuns: 500 },
    );
  });

  it("reads any JSON as JSON.parse does", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      if (!/[0-9]{16}/.test(text)) expect(parseExactJson(text)).toEqual(JSON.parse(text));
    }));
  });

  it("throws a UsageError, and only that, for what is not JSON", () => {
    const bad = ["", "{", '"', '"\\', "01234567890123456789", "9223372036854775807x", "\u0000", "[".repeat(100_000)];
    for (const text of bad) expect(() => parseExactJson(text), text.slice(0, 30)).toThrow(UsageError);
    fc.assert(fc.property(fc.string(), (text) => {
      try {
        parseExactJson(text);
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
      }
    }));
  });

  it("refuses what costs far more than its size before it is parsed", () => {
    for (const text of ["[".repeat(65_537), "7".repeat(1_000_000), '[""' + ',""'.repeat(70_000) + "]"]) {
      expect(() => parseExactJson(text)).toThrow("More than 65536 characters stand outside of strings");
    }
    expect(parseExactJson(`["${"[".repeat(1_000_000)}"]`)).toHaveLength(1);
  });

  it("takes time in proportion to the line", () => {
    const long = `{"a":"${'\\"'.repeat(500_000)}","b":1}`;
    expect(parseExactJson(long)).toHaveProperty("b");
    expect(() => parseExactJson('"'.repeat(500_001))).toThrow(UsageError);
    expect(() => parseExactJson(`"${"\\".repeat(1_000_001)}"`)).toThrow(UsageError);
  });
});
