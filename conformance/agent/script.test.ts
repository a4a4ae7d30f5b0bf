// Scripts as they travel: what is written is what is read, and a wrong one is the requester's fault.
import { describe, expect, it } from "#test";
import { patternMismatch } from "./pattern.ts";
import { contentBytes, type Script, scriptOf, scriptText } from "./script.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("a script", () => {
  it("comes back as it was written, from the data or the metadata", () => {
    const script: Script = {
      case: "c",
      emit: [{ data: "a", meta: "" }, { data: { fill: { len: 3, seed: 1 } } }, { numbers: 4 }],
      end: { error: { code: "rejected", message: "m" } },
      take: 2,
    };
    expect(scriptOf(bytes(scriptText(script)), undefined)).toEqual(script);
    expect(scriptOf(new Uint8Array(9), bytes(scriptText(script)))).toEqual(script);
    expect(scriptOf(bytes(scriptText(script)), bytes("some metadata"))).toEqual(script);
  });

  for (
    const text of ["", "RCS", "hello", "RCS1", "RCS1[]", 'RCS1{"emit":3}', 'RCS1{"end":"dance"}', 'RCS1{"take":-1}']
  ) {
    it(`is refused: ${JSON.stringify(text)}`, () => {
      let code: unknown;
      try {
        scriptOf(bytes(text), undefined);
      } catch (error) {
        code = (error as { readonly rsocketCode?: number }).rsocketCode;
      }
      expect(code).toBe(0x204);
    });
  }
});

describe("a pattern", () => {
  it("tells a moved, lost or changed byte", () => {
    const whole = contentBytes({ fill: { len: 200_000, seed: 7 } });
    expect(patternMismatch(whole, 7)).toBe(-1);
    expect(patternMismatch(whole, 8)).toBe(0);
    for (const distance of [1, 256, 65_536, 16_384]) {
      expect(patternMismatch(whole.subarray(distance), 7)).toBeGreaterThanOrEqual(0);
    }
    whole[150_000]! ^= 1;
    expect(patternMismatch(whole, 7)).toBe(150_000);
  });
});
