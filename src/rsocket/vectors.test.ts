// All golden vectors, both ways: bytes give exactly the fields, and the fields of the file (not what was decoded) give
// exactly the bytes. It fails when a vector is lost from the file or gained without being looked at.
import { describe, expect, it } from "#test";
import { rsocketVectors, type Vector } from "../../conformance/vectors/rsocket.ts";
import { isFault } from "../bytes/fault.ts";
import { fromHex, toHex } from "../bytes/hex.ts";
import { frameFromJson, frameToJson } from "../cli/frame-json.ts";
import { metadataFromJson, type MetadataKind, metadataToJson } from "../cli/metadata-json.ts";
import { decodeFrame } from "./decode.ts";
import { encodeFrame } from "./encode.ts";

const expected = 131;

function decoded({ kind, type, hex }: Vector): { type: string; fields: Readonly<Record<string, unknown>> } {
  const bytes = fromHex(hex)!;
  if (kind === "metadata") {
    const value = metadataToJson((type.startsWith("AUTH_") ? "AUTH" : type) as MetadataKind, bytes);
    if (isFault(value)) throw new Error(`${value.fault} at ${value.at}`);
    return value;
  }
  const frame = decodeFrame(bytes);
  if (isFault(frame)) throw new Error(`${frame.fault} at ${frame.at}`);
  return frameToJson(frame);
}

function encoded({ kind, type, fields }: Vector): string {
  return toHex(kind === "metadata" ? metadataFromJson({ type, fields }) : encodeFrame(frameFromJson({ type, fields })));
}

/** Numbers as JSON.parse gave them for the file; their exact twins are compared as they are. */
function rounded(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === "bigint" ? Number(value) : value]),
  );
}

describe("the golden vectors", () => {
  const { vectors } = rsocketVectors;

  it(`are ${expected} with different names`, () => {
    expect(vectors).toHaveLength(expected);
    expect(new Set(vectors.map(({ name }) => name)).size).toBe(expected);
  });

  it("decode to exactly their fields, and their fields encode to exactly their bytes", () => {
    let passed = 0;
    for (const vector of vectors) {
      const { type, fields } = decoded(vector);
      expect(type, vector.name).toBe(vector.type);
      expect(rounded(fields), vector.name).toStrictEqual(vector.fields);
      expect(encoded(vector), vector.name).toBe(vector.hex);
      passed++;
    }
    console.log(`golden vectors: ${passed}/${expected}`);
    expect(passed).toBe(expected);
  });
});
