// Lines out of chunks: however the bytes are cut, within the bound, and one report for each line over it.
import { describe, expect, it } from "#test";
import fc from "fast-check";
import { utf8Decode, utf8Encode } from "../bytes/utf8.ts";
import { Lines } from "./lines.ts";

/** The lines of a text that is cut at the given offsets; undefined for one over the bound. */
function linesOf(text: string, cuts: readonly number[] = [], maxBytes: number = 10): [number, string | undefined][] {
  const bytes = utf8Encode(text);
  const lines = new Lines(maxBytes);
  const found: [number, string | undefined][] = [];
  const take = (all: Iterable<{ number: number; bytes: Uint8Array | undefined }>) => {
    for (const { number, bytes: line } of all) found.push([number, line === undefined ? undefined : utf8Decode(line)]);
  };
  let from = 0;
  for (const cut of [...cuts, bytes.length].toSorted((one, other) => one - other)) {
    const chunk = bytes.slice(from, cut);
    take(lines.push(chunk));
    chunk.fill(0x21); // the chunk's memory is its owner's again
    from = Math.max(from, cut);
  }
  take(lines.end());
  return found;
}

describe("lines", () => {
  it("end with LF, CRLF, or the input", () => {
    expect(linesOf("a\nbb\r\n\nc")).toEqual([[1, "a"], [2, "bb"], [3, ""], [4, "c"]]);
    expect(linesOf("a\n")).toEqual([[1, "a"]]);
    expect(linesOf("\r\n\r")).toEqual([[1, ""], [2, ""]]);
    expect(linesOf("")).toEqual([]);
  });

  it("may be as long as the bound, whatever ends them", () => {
    const longest = "0123456789";
    for (const end of ["", "\n", "\r\n", "\r"]) {
      for (let cut = 0; cut <= 12; cut++) expect(linesOf(longest + end, [cut]), `${cut}`).toEqual([[1, longest]]);
    }
  });

  it("are reported once when they are longer, and the next is as it was", () => {
    const text = "01234567890\nab\n0123456789\n" + "x".repeat(50);
    const expected = [[1, undefined], [2, "ab"], [3, "0123456789"], [4, undefined]];
    expect(linesOf(text)).toEqual(expected);
    expect(linesOf(text, Array.from({ length: text.length }, (_, at) => at))).toEqual(expected);
  });

  it("do not grow by ends that never come", () => {
    for (const cuts of [[], Array.from({ length: 40 }, (_, at) => at)]) {
      expect(linesOf("\r".repeat(40) + "\nx", cuts)).toEqual([[1, undefined], [2, "x"]]);
    }
  });

  it("are the same however the bytes are cut", () => {
    const texts = fc.string({ unit: fc.constantFrom("a", "b", "ö", "\r", "\n", "\n"), maxLength: 60 });
    fc.assert(
      fc.property(texts, fc.array(fc.nat(80), { maxLength: 12 }), (text, cuts) => {
        expect(linesOf(text, cuts)).toEqual(linesOf(text));
      }),
      { numRuns: 500 },
    );
  });

  it("are given before the next chunk is needed", () => {
    const lines = new Lines(10);
    expect([...lines.push(utf8Encode("a\nb"))]).toHaveLength(1);
    expect([...lines.push(utf8Encode("\n"))]).toHaveLength(1);
    expect([...lines.end()]).toHaveLength(0);
  });
});
