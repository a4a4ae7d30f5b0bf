/**
 * Bytes to frames, one whole frame at a time (without its length prefix). Total: any bytes give a Frame or a Fault,
 * never a throw, and nothing is allocated by a declared length. RSocket 1.0, "Framing Format".
 *
 * @module
 */
import { Cursor } from "../bytes/cursor.ts";
import type { Fault } from "../bytes/fault.ts";
import { utf8Decode } from "../bytes/utf8.ts";
import { FrameView, VIEW_FAULTS } from "./frame-view.ts";
import { FLAG, type Frame, FRAME_TYPE, MAX_31_BIT } from "./frame.ts";

/** The offset of the frame type. */
const TYPE_AT = 4;
const MASK_63_BIT = 0x7fff_ffff_ffff_ffffn;

/**
 * Decodes one frame.
 *
 * Byte fields of the result are views of `bytes`. Reserved top bits are dropped; unknown flags are not kept.
 *
 * ```js
 * import { decodeFrame } from "headrace/rsocket/protocol";
 * const frame = decodeFrame(new Uint8Array([0, 0, 0, 1, 0x24, 0]));
 * if ("fault" in frame) throw new Error(frame.fault);
 * frame.type; // "CANCEL"
 * ```
 */
export function decodeFrame(bytes: Uint8Array): Frame | Fault {
  const view = new FrameView();
  const fault = view.read(bytes, 0, bytes.length);
  if (fault !== 0) return { fault: VIEW_FAULTS[fault]!, at: faultAt(VIEW_FAULTS[fault]!, view) };
  return frameOf(view);
}

/** Where: the end that came too early, the type, or the metadata length. */
function faultAt(fault: (typeof VIEW_FAULTS)[number], view: FrameView): number {
  if (fault === "truncated") return view.end;
  return fault === "unknown-type" ? TYPE_AT : view.bodyAt;
}

/** The frame that a view has read. */
export function frameOf(view: FrameView): Frame | Fault {
  const { streamId, flags } = view;
  const base = (flags & FLAG.IGNORE) !== 0 ? { streamId, ignore: true } : { streamId };
  const follows = (flags & FLAG.FOLLOWS) !== 0;
  const complete = (flags & FLAG.COMPLETE) !== 0;
  switch (view.type) {
    case FRAME_TYPE.SETUP:
      return setup(view);
    case FRAME_TYPE.LEASE:
      return lease(view);
    case FRAME_TYPE.KEEPALIVE:
      return keepalive(view);
    case FRAME_TYPE.REQUEST_RESPONSE:
      return { type: "REQUEST_RESPONSE", ...base, follows, ...payload(view) };
    case FRAME_TYPE.REQUEST_FNF:
      return { type: "REQUEST_FNF", ...base, follows, ...payload(view) };
    case FRAME_TYPE.REQUEST_STREAM:
      return { type: "REQUEST_STREAM", ...base, follows, requestN: view.word, ...payload(view) };
    case FRAME_TYPE.REQUEST_CHANNEL:
      return { type: "REQUEST_CHANNEL", ...base, follows, complete, requestN: view.word, ...payload(view) };
    case FRAME_TYPE.REQUEST_N:
      return { type: "REQUEST_N", ...base, requestN: view.word };
    case FRAME_TYPE.CANCEL:
      return { type: "CANCEL", ...base };
    case FRAME_TYPE.PAYLOAD:
      return { type: "PAYLOAD", ...base, follows, complete, next: (flags & FLAG.NEXT) !== 0, ...payload(view) };
    case FRAME_TYPE.ERROR:
      return { type: "ERROR", ...base, code: view.word, data: view.data() };
    case FRAME_TYPE.METADATA_PUSH:
      return { type: "METADATA_PUSH", ...base, metadata: view.metadata()! };
    case FRAME_TYPE.RESUME:
      return resume(view);
    case FRAME_TYPE.RESUME_OK:
      return resumeOk(view);
    default:
      return { type: "EXT", streamId, ignore: base.ignore ?? false, extendedType: view.word, ...payload(view) };
  }
}

function payload(view: FrameView): { metadata?: Uint8Array; data: Uint8Array } {
  const metadata = view.metadata();
  return metadata === undefined ? { data: view.data() } : { metadata, data: view.data() };
}

function ignoreOf(view: FrameView): { ignore?: true } {
  return (view.flags & FLAG.IGNORE) !== 0 ? { ignore: true } : {};
}

function body(view: FrameView): Cursor {
  return new Cursor(view.bytes, view.bodyAt, view.end);
}

function truncated(cursor: Cursor): Fault {
  return { fault: "truncated", at: cursor.end };
}

/** "SETUP Frame". */
function setup(view: FrameView): Frame | Fault {
  const cursor = body(view);
  const major = cursor.u16();
  const minor = cursor.u16();
  const keepaliveMs = cursor.u32() & MAX_31_BIT;
  const lifetimeMs = cursor.u32() & MAX_31_BIT;
  const resumeToken = (view.flags & FLAG.RESUME) !== 0 ? cursor.take(cursor.u16()) : undefined;
  const metadataMimeType = utf8Decode(cursor.take(cursor.u8()));
  const dataMimeType = utf8Decode(cursor.take(cursor.u8()));
  if (cursor.failed) return truncated(cursor);
  let metadata: Uint8Array | undefined;
  if ((view.flags & FLAG.METADATA) !== 0) {
    const at = cursor.at;
    metadata = cursor.take(cursor.u24());
    if (cursor.failed) return { fault: "metadata-length", at };
  }
  return {
    type: "SETUP",
    streamId: view.streamId,
    ...ignoreOf(view),
    major,
    minor,
    keepaliveMs,
    lifetimeMs,
    lease: (view.flags & FLAG.LEASE) !== 0,
    ...(resumeToken === undefined ? {} : { resumeToken }),
    metadataMimeType,
    dataMimeType,
    ...(metadata === undefined ? {} : { metadata }),
    data: cursor.rest(),
  };
}

/** "LEASE Frame": metadata, where there is any, is the rest of the frame and has no length field. */
function lease(view: FrameView): Frame | Fault {
  const cursor = body(view);
  const ttlMs = cursor.u32() & MAX_31_BIT;
  const requests = cursor.u32() & MAX_31_BIT;
  if (cursor.failed) return truncated(cursor);
  const metadata = (view.flags & FLAG.METADATA) !== 0 ? { metadata: cursor.rest() } : {};
  return { type: "LEASE", streamId: view.streamId, ...ignoreOf(view), ttlMs, requests, ...metadata };
}

/** "KEEPALIVE Frame". */
function keepalive(view: FrameView): Frame | Fault {
  const cursor = body(view);
  const position = cursor.u64() & MASK_63_BIT;
  if (cursor.failed) return truncated(cursor);
  const respond = (view.flags & FLAG.RESPOND) !== 0;
  return { type: "KEEPALIVE", streamId: view.streamId, ...ignoreOf(view), respond, position, data: cursor.rest() };
}

/** "RESUME Frame". */
function resume(view: FrameView): Frame | Fault {
  const cursor = body(view);
  const major = cursor.u16();
  const minor = cursor.u16();
  const resumeToken = cursor.take(cursor.u16());
  const lastServerPosition = cursor.u64() & MASK_63_BIT;
  const firstClientPosition = cursor.u64() & MASK_63_BIT;
  if (cursor.failed) return truncated(cursor);
  const { streamId } = view;
  const positions = { lastServerPosition, firstClientPosition };
  return { type: "RESUME", streamId, ...ignoreOf(view), major, minor, resumeToken, ...positions };
}

/** "RESUME_OK Frame". */
function resumeOk(view: FrameView): Frame | Fault {
  const cursor = body(view);
  const position = cursor.u64() & MASK_63_BIT;
  if (cursor.failed) return truncated(cursor);
  return { type: "RESUME_OK", streamId: view.streamId, ...ignoreOf(view), position };
}
