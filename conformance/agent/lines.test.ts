// Lines of any size and cut anywhere, with nothing else around them.
import { describe, expect, it } from "#test";
import { linesOf } from "./lines.ts";

async function cut(text: string, size: number, limit?: number): Promise<string[]> {
  const bytes = new TextEncoder().encode(text);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const lines: string[] = [];
  for await (const line of linesOf(chunks(), limit)) lines.push(line);
  return lines;
}

describe("lines", () => {
  const text = "one\r\ntwo\n\n  \nthree ä€😀\nlast";
  for (const size of [1, 2, 3, 5, 100]) {
    it(`are found in chunks of ${size}`, async () => {
      expect(await cut(text, size)).toEqual(["one", "two", "three ä€😀", "last"]);
    });
  }

  it("are cut at the limit, and the next one is whole", async () => {
    expect(await cut("0123456789\nshort\n", 4, 5)).toEqual(["01234", "short"]);
  });

  it("are none in nothing", async () => {
    expect(await cut("", 1)).toEqual([]);
  });
});
