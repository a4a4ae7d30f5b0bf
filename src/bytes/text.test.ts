// UTF-8 and hexadecimal text, both ways, valid and not.
import { describe, expect, it } from "#test";
import fc from "fast-check";
import { fromHex, toHex } from "./hex.ts";
import { utf8Decode, utf8DecodeStrict, utf8Encode } from "./utf8.ts";

describe("utf-8", () => {
  it("goes there and back", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(utf8Decode(utf8Encode(text))).toBe(text);
      expect(utf8DecodeStrict(utf8Encode(text))).toBe(text);
    }));
  });

  it("keeps a byte order mark, which is a character like any other here", () => {
    const marked = Uint8Array.of(0xef, 0xbb, 0xbf, 0x61);
    expect([utf8Decode(marked), utf8DecodeStrict(marked)]).toEqual(["\ufeffa", "\ufeffa"]);
  });

  it("decodes any bytes, and says so when asked to be strict", () => {
    const broken = [[0xff], [0xc3], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [
      0x61,
      0x80,
    ]];
    for (const bytes of broken.map((one) => Uint8Array.from(one))) {
      expect(utf8Decode(bytes)).toContain("\ufffd");
      expect(utf8DecodeStrict(bytes)).toBeUndefined();
      expect(utf8DecodeStrict(utf8Encode("after"))).toBe("after");
      expect(utf8Decode(utf8Encode("after"))).toBe("after");
    }
  });

  it("writes lone surrogates as U+FFFD", () => {
    expect([...utf8Encode("\ud800")]).toEqual([0xef, 0xbf, 0xbd]);
  });
});

describe("hex", () => {
  it("goes there and back in lower case", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => {
      const text = toHex(bytes);
      expect(text).toMatch(/^([0-9a-f]{2})*$/);
      expect(fromHex(text)).toEqual(bytes);
      expect(fromHex(text.toUpperCase())).toEqual(bytes);
    }));
    expect(toHex(Uint8Array.of(0, 9, 0x0a, 0xff))).toBe("00090aff");
  });

  it("is nothing else", () => {
    for (const text of ["0", "0g", " 00", "00 ", "0x00", "é", "-1"]) expect(fromHex(text)).toBeUndefined();
  });
});
