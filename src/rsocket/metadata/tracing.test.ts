// Zipkin tracing metadata: the six flags and their order, which decision wins, both trace id sizes, and the codec laws.
import { describe, expect, it } from "#test";
import fc from "fast-check";
import { codecLaws } from "../../../conformance/vectors/codec-laws.ts";
import { vectorsOf } from "../../../conformance/vectors/rsocket.ts";
import { fromHex, toHex } from "../../bytes/hex.ts";
import { UsageError } from "../../contract/errors.ts";
import { decodeTracing, encodeTracing, type Sampling, type Tracing } from "./tracing.ts";

const hex = (text: string) => fromHex(text.replaceAll(" ", ""))!;
const id = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(toHex);
const values: fc.Arbitrary<Tracing> = fc.record({
  sampling: fc.constantFrom<Sampling>("debug", "sample", "not-sample", "undecided"),
  ids: fc.record({ traceId: fc.oneof(id(8), id(16)), spanId: id(8), parentId: id(8) }, {
    requiredKeys: ["traceId", "spanId"],
  }),
}, { requiredKeys: ["sampling"] });

describe("Zipkin tracing metadata", () => {
  codecLaws({
    decode: decodeTracing,
    encode: encodeTracing,
    values,
    seeds: vectorsOf("metadata", "ZIPKIN").map(({ hex: text }) => hex(text)),
  });

  it("lets debug win over sample, and sample over not-sample", () => {
    for (
      const [flags, sampling] of [
        ["70", "debug"],
        ["50", "debug"],
        ["30", "sample"],
        ["10", "not-sample"],
        ["00", "undecided"],
        ["0f", "undecided"],
      ] as const
    ) {
      expect(decodeTracing(hex(flags)), flags).toEqual({ sampling });
    }
  });

  it("reads 64-bit and 128-bit trace ids, with and without a parent", () => {
    const [trace, long, span, parent] = ["01".repeat(8), "02".repeat(16), "03".repeat(8), "04".repeat(8)];
    const read = (text: string) => (decodeTracing(hex(text)) as Tracing).ids;
    expect(read(`80${trace}${span}`)).toEqual({ traceId: trace, spanId: span });
    expect(read(`88${long}${span}`)).toEqual({ traceId: long, spanId: span });
    expect(read(`84${trace}${span}${parent}`)).toEqual({ traceId: trace, spanId: span, parentId: parent });
    expect(read(`8c${long}${span}${parent}`)).toEqual({ traceId: long, spanId: span, parentId: parent });
    expect(decodeTracing(hex(`80${trace}${span}00`))).toEqual({ fault: "trailing-bytes", at: 17 });
  });

  it("refuses ids of another shape", () => {
    const good = { traceId: "0".repeat(16), spanId: "0".repeat(16) };
    const wrong = [
      { ...good, traceId: "" },
      { ...good, traceId: "0".repeat(18) },
      { ...good, spanId: "0".repeat(15) },
      { ...good, spanId: "g".repeat(16) },
      { ...good, parentId: "0".repeat(32) },
    ];
    for (const ids of wrong) expect(() => encodeTracing({ sampling: "sample", ids })).toThrow(UsageError);
    expect(() => encodeTracing({ sampling: "SAMPLE" as Sampling })).toThrow(
      /one of debug, sample, not-sample, undecided/,
    );
    expect(encodeTracing({ sampling: "undecided" })).toEqual(hex("00"));
  });
});
