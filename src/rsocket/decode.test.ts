// The frame decoder is total: random bytes, every truncation and every flipped byte of every vector give a frame or a
// Fault, in time and memory that the input pays for. What it decodes are views.
import { describe, expect, it } from "#test";
import fc from "fast-check";
import { vectorsOf } from "../../conformance/vectors/rsocket.ts";
import { isFault } from "../bytes/fault.ts";
import { fromHex } from "../bytes/hex.ts";
import { decodeFrame } from "./decode.ts";
import { encodeFrame } from "./encode.ts";
import { type Frame, FRAME_TYPE } from "./frame.ts";

const vectors = vectorsOf("frame").map(({ name, hex }) => ({ name, bytes: fromHex(hex)! }));
const hex = (text: string) => fromHex(text.replaceAll(" ", ""))!;
const types: readonly string[] = Object.keys(FRAME_TYPE);

/** Decodes, and checks that the answer is a frame or a Fault that points into the bytes. */
function total(bytes: Uint8Array): Frame | undefined {
  const value = decodeFrame(bytes);
  if (!isFault(value)) {
    if (!types.includes(value.type)) throw new Error(`a frame of type ${value.type}`);
    return value;
  }
  if (!["truncated", "metadata-length", "unknown-type"].includes(value.fault)) throw new Error(value.fault);
  if (!(value.at >= 0 && value.at <= bytes.length)) throw new Error(`${value.fault} at ${value.at} of ${bytes.length}`);
  return undefined;
}

/** True when a decoded frame can be encoded: MIME types that were not UTF-8 have grown by their repair. */
function isEncodable(frame: Frame): boolean {
  return frame.type !== "SETUP" || !`${frame.metadataMimeType}${frame.dataMimeType}`.includes("\uFFFD");
}

describe("decodeFrame", () => {
  it("gives a frame or a Fault for random bytes, and the frame encodes to bytes that decode alike", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const frame = total(bytes);
        if (frame !== undefined && isEncodable(frame)) expect(decodeFrame(encodeFrame(frame))).toEqual(frame);
      }),
      { numRuns: 3_000 },
    );
  });

  it("gives a frame or a Fault for random bytes behind the header of each type", () => {
    for (const type of Object.values(FRAME_TYPE)) {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 0x3ff }), fc.uint8Array({ maxLength: 80 }), (flags, body) => {
          const head = (type << 10) | flags;
          const frame = total(new Uint8Array([0x80, 0, 0, 1, head >>> 8, head & 0xff, ...body]));
          if (frame === undefined) return;
          expect(frame.streamId).toBe(1);
          if (isEncodable(frame)) expect(decodeFrame(encodeFrame(frame))).toEqual(frame);
        }),
        { numRuns: 300 },
      );
    }
  });

  it("gives a frame or a Fault for every truncation of every vector", () => {
    let cuts = 0;
    for (const { bytes } of vectors) {
      for (let length = 0; length < bytes.length; length++, cuts++) total(bytes.subarray(0, length));
      expect(isFault(decodeFrame(bytes.subarray(0, 5)))).toBe(true);
    }
    expect(cuts).toBeGreaterThan(65_536);
  });

  it("gives a frame or a Fault for every vector with any one byte flipped", () => {
    for (const { bytes } of vectors) {
      const copy = bytes.slice();
      for (let at = 0; at < copy.length; at++) {
        for (const mask of bytes.length > 1_000 ? [0xff] : [0xff, 0x80, 0x40, 0x20, 0x10, 8, 4, 2, 1]) {
          copy[at] = bytes[at]! ^ mask;
          total(copy);
        }
        copy[at] = bytes[at]!;
      }
    }
  }, 20_000);

  it("decodes every vector alike where it lies inside other bytes", () => {
    for (const { name, bytes } of vectors) {
      const padded = new Uint8Array(bytes.length + 8).fill(0xff);
      padded.set(bytes, 5);
      expect(decodeFrame(padded.subarray(5, 5 + bytes.length)), name).toEqual(decodeFrame(bytes));
    }
  });

  it("gives views of the bytes", () => {
    const bytes = hex("00000001 1100 000001 6d 6464");
    const frame = decodeFrame(bytes) as Frame & { metadata: Uint8Array; data: Uint8Array };
    expect([frame.metadata.buffer === bytes.buffer, frame.data.buffer === bytes.buffer]).toEqual([true, true]);
    expect([frame.metadata.byteOffset, frame.data.byteOffset]).toEqual([9, 10]);
  });

  it("drops the reserved top bit of stream ids, words and positions", () => {
    expect(decodeFrame(hex("80000001 2000 ffffffff"))).toEqual({
      type: "REQUEST_N",
      streamId: 1,
      requestN: 0x7fff_ffff,
    });
    const position = 0x7fff_ffff_ffff_ffffn;
    expect(decodeFrame(hex("00000000 3800 ffffffffffffffff"))).toEqual({ type: "RESUME_OK", streamId: 0, position });
  });

  it("keeps an error code unsigned", () => {
    expect(decodeFrame(hex("00000001 2c00 ffffffff"))).toMatchObject({ code: 0xffff_ffff });
  });

  it("tells metadata beyond the frame, unknown types and short frames apart, and where they are", () => {
    expect(decodeFrame(hex("00000001 1100 000005 6d"))).toEqual({ fault: "metadata-length", at: 6 });
    expect(decodeFrame(hex("00000001 1100 0000"))).toEqual({ fault: "metadata-length", at: 6 });
    expect(decodeFrame(hex("00000001 1900 00000001 000001"))).toEqual({ fault: "metadata-length", at: 10 });
    expect(decodeFrame(hex("00000000 0000"))).toEqual({ fault: "unknown-type", at: 4 });
    expect(decodeFrame(hex("00000000 8200 7a7a"))).toEqual({ fault: "unknown-type", at: 4 });
    for (const short of ["", "0000000110", "000000012000000000", "000000000c8000", "0000000004000001"]) {
      expect(decodeFrame(hex(short)), short).toEqual({ fault: "truncated", at: short.length / 2 });
    }
  });
});
