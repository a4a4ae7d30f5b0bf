// The frame encoder: the other half of the decoder for frames of every type, and a UsageError for what has no form on
// the wire.
import { describe, expect, it } from "#test";
import fc from "fast-check";
import { arbitraryFrame, arbitraryFrames } from "../../conformance/vectors/arbitrary-frame.ts";
import { frameFromJson, frameToJson } from "../cli/frame-json.ts";
import { exactJson, parseExactJson } from "../cli/exact-json.ts";
import { UsageError } from "../contract/errors.ts";
import { decodeFrame } from "./decode.ts";
import { encodeFrame } from "./encode.ts";
import { type Frame, FRAME_TYPE, MAX_FRAME_BYTES } from "./frame.ts";

const none = new Uint8Array(0);

function codeOf(body: () => unknown): string | undefined {
  try {
    body();
    return undefined;
  } catch (error) {
    return error instanceof UsageError ? error.code : String(error);
  }
}

describe("encodeFrame", () => {
  for (const [type, frames] of Object.entries(arbitraryFrames)) {
    it(`is undone by decodeFrame for ${type}, and repeats its bytes`, () => {
      fc.assert(
        fc.property(frames, (frame) => {
          const bytes = encodeFrame(frame);
          const decoded = decodeFrame(bytes) as Frame;
          expect(decoded).toEqual(frame);
          expect(encodeFrame(decoded)).toEqual(bytes);
        }),
        { numRuns: 200 },
      );
    });
  }

  it("knows every type that is tested here", () => {
    expect(Object.keys(arbitraryFrames).toSorted()).toEqual(Object.keys(FRAME_TYPE).toSorted());
  });

  it("gives the same bytes for frames that went through JSON text", () => {
    fc.assert(
      fc.property(arbitraryFrame, (frame) => {
        const { type, fields } = frameToJson(frame);
        const back = frameFromJson(parseExactJson(exactJson({ type, fields })));
        expect(back).toEqual(frame);
        expect(encodeFrame(back)).toEqual(encodeFrame(frame));
      }),
      { numRuns: 1_000 },
    );
  });

  it("refuses numbers that do not fit", () => {
    const wrong: Frame[] = [
      { type: "CANCEL", streamId: -1 },
      { type: "CANCEL", streamId: 0x8000_0000 },
      { type: "CANCEL", streamId: 1.5 },
      { type: "REQUEST_N", streamId: 1, requestN: NaN },
      { type: "REQUEST_N", streamId: 1, requestN: 0x8000_0000 },
      { type: "ERROR", streamId: 1, code: 0x1_0000_0000, data: none },
      { type: "RESUME_OK", streamId: 0, position: -1n },
      { type: "RESUME_OK", streamId: 0, position: 1n << 63n },
      { type: "LEASE", streamId: 0, ttlMs: 0x8000_0000, requests: 0 },
    ];
    for (const frame of wrong) expect(codeOf(() => encodeFrame(frame)), frame.type).toBe("bad-argument");
  });

  it("refuses texts and tokens that are too long", () => {
    const setup = {
      type: "SETUP",
      streamId: 0,
      major: 1,
      minor: 0,
      keepaliveMs: 1,
      lifetimeMs: 1,
      lease: false,
    } as const;
    const mimes = { metadataMimeType: "a/b", dataMimeType: "a/b", data: none };
    expect(codeOf(() => encodeFrame({ ...setup, ...mimes, dataMimeType: "x".repeat(255) }))).toBeUndefined();
    expect(codeOf(() => encodeFrame({ ...setup, ...mimes, dataMimeType: "x".repeat(256) }))).toBe("bad-argument");
    expect(codeOf(() => encodeFrame({ ...setup, ...mimes, resumeToken: new Uint8Array(65_535) }))).toBeUndefined();
    expect(codeOf(() => encodeFrame({ ...setup, ...mimes, resumeToken: new Uint8Array(65_536) }))).toBe("bad-argument");
  });

  it("writes a frame of 16,777,215 bytes and refuses one more", () => {
    const request = (bytes: number): Frame => ({
      type: "REQUEST_FNF",
      streamId: 1,
      follows: false,
      data: new Uint8Array(bytes),
    });
    expect(encodeFrame(request(MAX_FRAME_BYTES - 6))).toHaveLength(MAX_FRAME_BYTES);
    expect(codeOf(() => encodeFrame(request(MAX_FRAME_BYTES - 5)))).toBe("payload-too-large");
    const metadata = new Uint8Array(MAX_FRAME_BYTES + 1);
    expect(() => encodeFrame({ ...request(0), metadata } as Frame)).toThrow(UsageError);
  });
});
