// The frame decoders as targets: held against the reference reader, against the encoder, and against themselves.
import { isFault } from "../../src/bytes/fault.ts";
import { UsageError } from "../../src/contract/errors.ts";
import { decodeFrame, frameOf } from "../../src/rsocket/decode.ts";
import { encodeFrame } from "../../src/rsocket/encode.ts";
import { FrameView, VIEW_FAULTS } from "../../src/rsocket/frame-view.ts";
import { type Frame, FRAME_TYPE, type FrameType } from "../../src/rsocket/frame.ts";
import { generateFrame } from "./generate-frame.ts";
import { type Layout, layoutOf } from "./reference-frame.ts";
import { frameSeeds } from "./seeds.ts";
import { hold, isViewOf, sameBytes, type Target } from "./target.ts";

/** A decoder of whole frames; a planted one stands in its place. */
export type DecodeFrame = typeof decodeFrame;

const verdicts = Object.fromEntries(Object.keys(FRAME_TYPE).map((name) => [name, `+${name}`])) as Record<
  FrameType,
  string
>;

/** decodeFrame. */
export function frameTarget(decode: DecodeFrame = decodeFrame): Target {
  return {
    name: "frame",
    about: "decodeFrame: as the reference reader, and what it gives encodes and decodes to the same",
    kind: "stateless",
    covers: [decodeFrame, frameOf],
    seeds: frameSeeds(),
    generate(input, random) {
      generateFrame(input, random);
      return true;
    },
    run(bytes, valid) {
      const layout = layoutOf(bytes);
      const frame = decode(bytes);
      if (isFault(frame)) {
        hold(!valid, "refused a valid frame", () => frame.fault);
        hold(frame.fault === layout.fault, "another fault than the reference", () => `${frame.fault} ${layout.fault}`);
        hold(frame.at >= 0 && frame.at <= bytes.length, "the fault lies outside", () => String(frame.at));
        return frame.fault;
      }
      hold(layout.fault === "", "accepted what the reference refuses", () => layout.fault);
      checkParts(frame, bytes, layout);
      // A fourth of them, chosen by the bytes, because encoding costs more than all the rest.
      if (((bytes.length + bytes[bytes.length - 1]!) & 3) === 0) roundTrip(frame, decode);
      return verdicts[frame.type];
    },
  };
}

function checkParts(frame: Frame, bytes: Uint8Array, { metadataAt, metadataEnd, dataAt }: Layout): void {
  hold(frame.streamId === wordAt(bytes, 0) % 0x8000_0000, "another stream id");
  hold(FRAME_TYPE[frame.type] === bytes[4]! >> 2, "another type");
  const metadata = "metadata" in frame ? frame.metadata : undefined;
  hold((metadata === undefined) === (metadataAt < 0), "metadata there and not there");
  if (metadata !== undefined) hold(isViewOf(metadata, bytes, metadataAt, metadataEnd), "metadata lies elsewhere");
  if ("data" in frame) hold(isViewOf(frame.data, bytes, dataAt, bytes.length), "data lies elsewhere");
  if ("requestN" in frame) hold(frame.requestN === wordAt(bytes, 6) % 0x8000_0000, "another request n");
  if (frame.type === "ERROR") hold(frame.code === wordAt(bytes, 6), "another error code");
  if ("position" in frame) hold(frame.position < 1n << 63n && frame.position >= 0n, "a position of 64 bits");
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! * 0x100_0000 + bytes[at + 1]! * 0x1_0000 + bytes[at + 2]! * 0x100 + bytes[at + 3]!;
}

/** What was decoded can be encoded, and says the same again. Only MIME types that are no UTF-8 may grow too long. */
function roundTrip(frame: Frame, decode: DecodeFrame): void {
  let encoded: Uint8Array;
  try {
    encoded = encodeFrame(frame);
  } catch (error) {
    if (error instanceof UsageError && frame.type === "SETUP" && /MimeType length/.test(error.message)) return;
    throw error;
  }
  const again = decode(encoded);
  hold(!isFault(again), "what was decoded cannot be decoded again");
  hold(sameBytes(encodeFrame(again as Frame), encoded), "what was decoded encodes differently the second time");
}

/** FrameView, used over and over as a connection does, and once freshly. */
export function viewTarget(): Target {
  const used = new FrameView();
  return {
    name: "frame-view",
    about: "FrameView: one that is reused sees what a fresh one and the reference reader see",
    kind: "stateless",
    covers: [FrameView],
    seeds: frameSeeds(),
    generate(input, random) {
      generateFrame(input, random);
      return false; // a view leaves the bodies of connection frames to the decoder
    },
    run(bytes) {
      const fault = used.read(bytes, 0, bytes.length);
      const fresh = new FrameView();
      hold(fresh.read(bytes, 0, bytes.length) === fault, "a fresh view sees another fault");
      if (fault !== 0) return VIEW_FAULTS[fault] ?? "no such fault";
      for (const field of ["type", "flags", "streamId", "metadataAt", "dataAt", "end"] as const) {
        hold(used[field] === fresh[field], "a reused view sees something else", () => field);
      }
      const layout = layoutOf(bytes);
      if (layout.fault !== "") return `${layout.fault} in the body`;
      if (used.type === FRAME_TYPE.SETUP || used.type === FRAME_TYPE.LEASE) return "+connection";
      hold(used.metadataAt === layout.metadataAt, "metadata lies elsewhere");
      if (used.type >= FRAME_TYPE.REQUEST_RESPONSE && used.type <= FRAME_TYPE.METADATA_PUSH) {
        hold(isViewOf(used.data(), bytes, layout.dataAt, bytes.length), "data lies elsewhere");
        hold(used.metadata()?.length === fresh.metadata()?.length, "a reused view sees other metadata");
      }
      return "+frame";
    },
  };
}
