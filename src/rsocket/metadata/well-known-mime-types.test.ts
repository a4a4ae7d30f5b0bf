// The table of well-known MIME types: complete, unambiguous, and what the three peers and the specification say.
import { describe, expect, it } from "#test";
import { vectorsOf } from "../../../conformance/vectors/rsocket.ts";
import { METADATA_MIME_TYPE, WELL_KNOWN_MIME_TYPES, wellKnownMimeId } from "./well-known-mime-types.ts";

describe("well-known MIME types", () => {
  it("are 49: 0x00 to 0x2A and 0x7A to 0x7F", () => {
    const expected = [...Array.from({ length: 0x2b }, (_, id) => id), 0x7a, 0x7b, 0x7c, 0x7d, 0x7e, 0x7f];
    expect([...WELL_KNOWN_MIME_TYPES.keys()]).toEqual(expected);
    expect(WELL_KNOWN_MIME_TYPES.size).toBe(49);
  });

  it("have 49 different names, found both ways", () => {
    expect(new Set(WELL_KNOWN_MIME_TYPES.values()).size).toBe(49);
    for (const [id, name] of WELL_KNOWN_MIME_TYPES) expect(wellKnownMimeId(name)).toBe(id);
    expect(wellKnownMimeId("Application/JSON")).toBeUndefined();
    expect(wellKnownMimeId("")).toBeUndefined();
  });

  it("agree with every vector that names one", () => {
    let seen = 0;
    for (
      const { name, fields } of vectorsOf("metadata", "COMPOSITE").filter((one) => one.name.startsWith("wellknown_"))
    ) {
      const [[mimeType]] = fields["entries"] as [[string, string]];
      expect(wellKnownMimeId(mimeType), name).toBe(parseInt(name.slice("wellknown_".length), 16));
      seen++;
    }
    expect(seen).toBeGreaterThan(30);
  });

  it("hold RSocket's own extensions", () => {
    for (const name of Object.values(METADATA_MIME_TYPE)) expect(wellKnownMimeId(name)).toBeGreaterThanOrEqual(0x7a);
  });
});
