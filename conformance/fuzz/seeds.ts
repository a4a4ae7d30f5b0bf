// What the fuzzer begins with: the golden vectors as bytes. It reads no folder.
import { fromHex } from "../../src/bytes/hex.ts";
import { rsocketVectors, vectorsOf } from "../vectors/rsocket.ts";

function bytesOf(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array(0);
}

/** Every golden frame, and the fragments that peers made. */
export function frameSeeds(): Uint8Array[] {
  const fragments = rsocketVectors.fragmentation_sequences.flatMap((one) => one.frames);
  return [...vectorsOf("frame").map((one) => one.hex), ...fragments].map(bytesOf).filter((one) => one.length < 2_000);
}

/** Every golden piece of metadata of these types. */
export function metadataSeeds(...types: readonly string[]): Uint8Array[] {
  return vectorsOf("metadata").filter((one) => types.includes(one.type)).map((one) => bytesOf(one.hex));
}

/** Frames of whole conversations, as live servers were asked. */
export function conversationSeeds(): Uint8Array[][] {
  return rsocketVectors.server_probes.map((probe) =>
    probe.sent_frames.map((hex) => fromHex(hex)).filter((one) => one !== undefined)
  );
}

/** Bytes with a 24-bit length before them. */
export function prefixedFrame(frame: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(frame.length + 3);
  bytes.set([frame.length >>> 16, frame.length >>> 8, frame.length]);
  bytes.set(frame, 3);
  return bytes;
}
