/**
 * Frames to bytes, one whole frame at a time (without its length prefix), for cold frames, tools and tests. The hot
 * path writes the same layout in place: writer.ts. What cannot be encoded is the caller's mistake and throws at once.
 * RSocket 1.0, "Framing Format".
 *
 * @module
 */
import { Builder } from "../bytes/builder.ts";
import { utf8Encode } from "../bytes/utf8.ts";
import { UsageError } from "../contract/errors.ts";
import { FLAG, type Frame, FRAME_TYPE, MAX_31_BIT, MAX_FRAME_BYTES } from "./frame.ts";

const MAX_63_BIT = 0x7fff_ffff_ffff_ffffn;

/**
 * Encodes one frame. Throws UsageError ("bad-argument", or "payload-too-large" above 16,777,215 bytes).
 *
 * ```js
 * import { encodeFrame } from "headrace/rsocket/protocol";
 * encodeFrame({ type: "REQUEST_N", streamId: 1, requestN: 10 }); // Uint8Array of 10 bytes
 * ```
 */
export function encodeFrame(frame: Frame): Uint8Array {
  const metadata = "metadata" in frame ? frame.metadata : undefined;
  const out = new Builder(64 + (metadata?.length ?? 0) + ("data" in frame ? frame.data.length : 0));
  out.u32(number("streamId", frame.streamId, 0, MAX_31_BIT));
  out.u16((FRAME_TYPE[frame.type] << 10) | flagsOf(frame));
  body(out, frame);
  const bytes = out.build();
  if (bytes.length > MAX_FRAME_BYTES) {
    throw new UsageError(
      "payload-too-large",
      `Cannot encode ${frame.type}: ${bytes.length} bytes, and a frame has at most ${MAX_FRAME_BYTES}; send fragments`,
    );
  }
  return bytes;
}

function flagsOf(frame: Frame): number {
  let flags = frame.type === "EXT" ? ((frame.ignore ?? true) ? FLAG.IGNORE : 0) : frame.ignore ? FLAG.IGNORE : 0;
  if ("metadata" in frame && frame.metadata !== undefined) flags |= FLAG.METADATA;
  if ("follows" in frame && frame.follows) flags |= FLAG.FOLLOWS;
  if ("complete" in frame && frame.complete) flags |= FLAG.COMPLETE;
  if (frame.type === "PAYLOAD" && frame.next) flags |= FLAG.NEXT;
  if (frame.type === "KEEPALIVE" && frame.respond) flags |= FLAG.RESPOND;
  if (frame.type === "SETUP" && frame.resumeToken !== undefined) flags |= FLAG.RESUME;
  if (frame.type === "SETUP" && frame.lease) flags |= FLAG.LEASE;
  return flags;
}

// A flat switch over the frame types, longer than other functions because every type has its line.
function body(out: Builder, frame: Frame): void {
  switch (frame.type) {
    case "SETUP":
      out.u16(number("major", frame.major, 0, 0xffff)).u16(number("minor", frame.minor, 0, 0xffff));
      out.u32(number("keepaliveMs", frame.keepaliveMs, 0, MAX_31_BIT));
      out.u32(number("lifetimeMs", frame.lifetimeMs, 0, MAX_31_BIT));
      if (frame.resumeToken !== undefined) token(out, frame.resumeToken);
      mime(out, "metadataMimeType", frame.metadataMimeType);
      mime(out, "dataMimeType", frame.dataMimeType);
      return payload(out, frame);
    case "LEASE":
      out.u32(number("ttlMs", frame.ttlMs, 0, MAX_31_BIT)).u32(number("requests", frame.requests, 0, MAX_31_BIT));
      if (frame.metadata !== undefined) out.append(frame.metadata);
      return;
    case "KEEPALIVE":
      out.u64(position("position", frame.position)).append(frame.data);
      return;
    case "REQUEST_STREAM":
    case "REQUEST_CHANNEL":
      out.u32(number("requestN", frame.requestN, 0, MAX_31_BIT));
      return payload(out, frame);
    case "EXT":
      out.u32(number("extendedType", frame.extendedType, 0, MAX_31_BIT));
      return payload(out, frame);
    case "REQUEST_N":
      out.u32(number("requestN", frame.requestN, 0, MAX_31_BIT));
      return;
    case "ERROR":
      out.u32(number("code", frame.code, 0, 0xffff_ffff)).append(frame.data);
      return;
    case "METADATA_PUSH":
      out.append(frame.metadata);
      return;
    case "RESUME":
      out.u16(number("major", frame.major, 0, 0xffff)).u16(number("minor", frame.minor, 0, 0xffff));
      token(out, frame.resumeToken);
      out.u64(position("lastServerPosition", frame.lastServerPosition));
      out.u64(position("firstClientPosition", frame.firstClientPosition));
      return;
    case "RESUME_OK":
      out.u64(position("position", frame.position));
      return;
    case "CANCEL":
      return;
    default:
      return payload(out, frame);
  }
}

function payload(out: Builder, frame: { readonly metadata?: Uint8Array; readonly data: Uint8Array }): void {
  if (frame.metadata !== undefined) {
    out.u24(number("metadata length", frame.metadata.length, 0, MAX_FRAME_BYTES)).append(frame.metadata);
  }
  out.append(frame.data);
}

function token(out: Builder, bytes: Uint8Array): void {
  out.u16(number("resumeToken length", bytes.length, 0, 0xffff)).append(bytes);
}

function mime(out: Builder, name: string, text: string): void {
  const bytes = utf8Encode(text);
  out.u8(number(`${name} length`, bytes.length, 0, 0xff)).append(bytes);
}

function number(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(
    "bad-argument",
    `Cannot encode ${name} ${value}: it must be an integer from ${least} to ${most}`,
  );
}

function position(name: string, value: bigint): bigint {
  if (value >= 0n && value <= MAX_63_BIT) return value;
  throw new UsageError("bad-argument", `Cannot encode ${name} ${value}: it must be from 0 to 2^63-1`);
}
