// The trace: published test vectors of FNV-1a, and finding where two runs part.
import { describe, expect, it } from "#test";
import { hashBytes, Trace } from "./trace.ts";

describe("Trace", () => {
  it("has the digest of FNV-1a 64", () => {
    expect(new Trace().digest).toBe("cbf29ce484222325");
    const trace = new Trace();
    trace.record("foobar");
    // From the 64-bit arithmetic of BigInt: the vector of "foobar" (85944171f73967e8) and one line feed more.
    expect(trace.digest).toBe(wide("foobar\n"));
    expect(wide("foobar")).toBe("85944171f73967e8");
    for (let line = 0; line < 100; line++) trace.record(`${line} ümlaut`);
    expect(trace.digest).toBe(wide(["foobar", ...Array.from({ length: 100 }, (_, n) => `${n} ümlaut`), ""].join("\n")));
  });

  it("finds the line where two runs part", () => {
    const [a, b] = [new Trace(), new Trace()];
    for (const trace of [a, b]) trace.record("same");
    expect(a.differsAt(b)).toBeUndefined();
    b.record("more");
    expect(a.differsAt(b)).toBe(1);
    expect(a.digest).not.toBe(b.digest);
    expect(b.lines).toEqual(["same", "more"]);
  });
});

describe("hashBytes()", () => {
  it("is FNV-1a 32", () => {
    expect(hashBytes(new Uint8Array(0))).toBe("811c9dc5");
    expect(hashBytes(new TextEncoder().encode("foobar"))).toBe("bf9cf968");
  });
});

function wide(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  }
  return hash.toString(16).padStart(16, "0");
}
