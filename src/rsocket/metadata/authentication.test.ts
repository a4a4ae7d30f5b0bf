// Authentication metadata: the two well-known forms, custom ones, strict UTF-8, and the codec laws.
import { describe, expect, it } from "#test";
import fc from "fast-check";
import { codecLaws } from "../../../conformance/vectors/codec-laws.ts";
import { vectorsOf } from "../../../conformance/vectors/rsocket.ts";
import { fromHex } from "../../bytes/hex.ts";
import { UsageError } from "../../contract/errors.ts";
import { type Authentication, decodeAuthentication, encodeAuthentication } from "./authentication.ts";

const hex = (text: string) => fromHex(text.replaceAll(" ", ""))!;
const texts = fc.string({ unit: "binary", maxLength: 40 });
const values: fc.Arbitrary<Authentication> = fc.oneof(
  fc.record({ type: fc.constant("simple" as const), username: texts, password: texts }),
  fc.record({ type: fc.constant("bearer" as const), token: texts }),
  fc.record({
    type: fc.constant("custom" as const),
    authType: fc.oneof(
      fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 128 }),
      fc.record({ id: fc.integer({ min: 2, max: 127 }) }),
    ),
    payload: fc.uint8Array({ maxLength: 40 }),
  }),
);

/** The last field has no length, so bytes cut from its end leave a shorter one; the others are whole. */
function isPartOf(cut: Authentication, whole: Authentication): boolean {
  if (cut.type === "simple" && whole.type === "simple") {
    return cut.username === whole.username && whole.password.startsWith(cut.password);
  }
  if (cut.type === "bearer" && whole.type === "bearer") return whole.token.startsWith(cut.token);
  if (cut.type !== "custom" || whole.type !== "custom") return false;
  expect(cut.authType).toEqual(whole.authType);
  return cut.payload.every((byte, at) => byte === whole.payload[at]);
}

describe("authentication metadata", () => {
  codecLaws({
    decode: decodeAuthentication,
    encode: encodeAuthentication,
    values,
    seeds: vectorsOf("metadata").filter(({ type }) => type.startsWith("AUTH_")).map(({ hex: text }) => hex(text)),
    isPartOf,
  });

  it("reads and writes a user without a password", () => {
    const nobody = { type: "simple", username: "", password: "" } as const;
    expect(encodeAuthentication(nobody)).toEqual(hex("80 0000"));
    expect(decodeAuthentication(hex("80 0000"))).toEqual(nobody);
    expect(decodeAuthentication(hex("81"))).toEqual({ type: "bearer", token: "" });
  });

  it("keeps an unknown well-known id", () => {
    const payload = new Uint8Array([1, 2]);
    expect(decodeAuthentication(hex("ff 0102"))).toEqual({ type: "custom", authType: { id: 127 }, payload });
    expect(encodeAuthentication({ type: "custom", authType: { id: 127 }, payload })).toEqual(hex("ff 0102"));
  });

  it("repairs no credential", () => {
    expect(decodeAuthentication(hex("80 0001 ff"))).toEqual({ fault: "not-utf8", at: 3 });
    expect(decodeAuthentication(hex("80 0001 61 ff"))).toEqual({ fault: "not-utf8", at: 4 });
    expect(decodeAuthentication(hex("81 c3"))).toEqual({ fault: "not-utf8", at: 1 });
  });

  it("says what is missing", () => {
    expect(decodeAuthentication(hex(""))).toEqual({ fault: "truncated", at: 0 });
    expect(decodeAuthentication(hex("80 00"))).toEqual({ fault: "truncated", at: 2 });
    expect(decodeAuthentication(hex("80 0005 61"))).toEqual({ fault: "truncated", at: 4 });
  });

  it("takes a username of 65,535 bytes and refuses what has no form on the wire", () => {
    const payload = new Uint8Array(0);
    const simple = (username: string) => encodeAuthentication({ type: "simple", username, password: "" });
    expect(simple("u".repeat(65_535))).toHaveLength(65_538);
    expect(() => simple("u".repeat(65_536))).toThrow(UsageError);
    for (const authType of ["", "x".repeat(129), "größe", { id: 0 }, { id: 1 }, { id: 128 }]) {
      expect(() => encodeAuthentication({ type: "custom", authType, payload })).toThrow(UsageError);
    }
  });

  it("tells no credential in a message", () => {
    try {
      encodeAuthentication({ type: "simple", username: "secret".repeat(20_000), password: "hidden" });
    } catch (error) {
      expect(String(error)).not.toMatch(/secret|hidden/);
    }
  });
});
