// Metadata as JSON: ids without a name, faults passed on, and messages that name the field. The vectors are elsewhere.
import { describe, expect, it } from "#test";
import { fromHex, toHex } from "../bytes/hex.ts";
import { metadataFromJson, metadataToJson } from "./metadata-json.ts";

const encoded = (type: string, fields: object) => toHex(metadataFromJson({ type, fields }));

describe("metadata as JSON", () => {
  it("shows and takes ids that have no name", () => {
    for (
      const [kind, hex, type, fields] of [
        ["COMPOSITE", "ab00000101", "COMPOSITE", { entries: [[{ id: 0x2b }, "01"]] }],
        ["AUTH", "8501", "AUTH_CUSTOM", { auth_type: { id: 5 }, payload: "01" }],
        ["MIME_TYPE", "ab", "MIME_TYPE", { mimes: [{ id: 0x2b }] }],
        ["ACCEPT_MIMES", "ab85", "ACCEPT_MIMES", { mimes: [{ id: 0x2b }, "application/json"] }],
        ["ZIPKIN", "00", "ZIPKIN", { flag: "UNDECIDED" }],
      ] as const
    ) {
      expect(metadataToJson(kind, fromHex(hex)!)).toEqual({ type, fields });
      expect(encoded(type, fields)).toBe(hex);
    }
  });

  it("passes faults on", () => {
    for (const kind of ["ROUTING", "AUTH", "MIME_TYPE", "ACCEPT_MIMES", "COMPOSITE"] as const) {
      expect(metadataToJson(kind, fromHex("05")!)).toEqual({ fault: "truncated", at: 1 });
    }
    expect(metadataToJson("ZIPKIN", fromHex("8000")!)).toEqual({ fault: "truncated", at: 2 });
  });

  it("names what is wrong", () => {
    expect(() => encoded("NONE", {})).toThrow('Unknown type "NONE"');
    expect(() => encoded("ROUTING", {})).toThrow("fields.tags is missing; it must be a list");
    expect(() => encoded("ROUTING", { tags: [1] })).toThrow("fields.tags must hold strings");
    expect(() => encoded("ROUTING", { tags: [], more: 1 })).toThrow('unknown member "more"');
    expect(() => encoded("MIME_TYPE", { mimes: [] })).toThrow("exactly one");
    expect(() => encoded("MIME_TYPE", { mimes: [5] })).toThrow(
      "fields.mimes, where it is not a string, must be an object",
    );
    expect(() => encoded("COMPOSITE", { entries: [["a"]] })).toThrow("pairs");
    expect(() => encoded("COMPOSITE", { entries: [["a", "0"]] })).toThrow("fields.entries: Not hexadecimal");
    expect(() => encoded("AUTH_SIMPLE", { username: "a" })).toThrow("fields.password is missing");
    expect(() => encoded("ZIPKIN", { flag: "MAYBE" })).toThrow("sampling maybe");
    expect(() => encoded("ZIPKIN", { flag: "DEBUG", trace: "00" })).toThrow("fields.span is missing");
  });
});
