// Frames as JSON, both ways: {"type", "fields"} with snake_case names and bytes in hexadecimal, which is the form of the
// golden vectors and of `headrace frame`. It checks kinds; ranges are checked where frames are encoded.
//
// What is shown when:
// - Absent metadata means the M flag is clear; "" means it is set with no bytes. resume_token of SETUP likewise.
// - Flags are shown only when set, but `respond` of KEEPALIVE always. The I flag is shown when it is not what its type
//   has by default: set as "ignore": true, and clear on EXT as "ignore": false.
// - Data is shown as "" on requests, ERROR and EXT. On SETUP and KEEPALIVE no data is not shown. On PAYLOAD no data is
//   not shown where the N flag is clear, because there is no item then: a PAYLOAD with C alone, and one with no flag.
// - Positions are exact digits; those over 2^53-1 have a twin in a string, such as "position_str".
// In the other direction flags and data may always be left out, and null counts as left out.
import { UsageError } from "../contract/errors.ts";
import { type Frame, FRAME_TYPE, type FrameType } from "../rsocket/frame.ts";
import type { ExactJson } from "./exact-json.ts";
import { FieldReader } from "./field-reader.ts";
import { hexOf } from "./hex-line.ts";

/** A frame as JSON. */
export interface FrameJson {
  readonly type: FrameType;
  readonly fields: { readonly [name: string]: ExactJson };
}

type Kind =
  | "number"
  | "text"
  | "flag" // shown when set
  | "answer" // a flag that is always shown
  | "ignore"
  | "bytes" // always shown
  | "optional" // bytes or absent
  | "data" // shown even when empty
  | "shy-data" // shown unless empty
  | "item-data" // shown unless empty and N is clear
  | "position";

/** Kind, name in JSON, name in Frame. */
type Row = readonly [kind: Kind, json: string, frame: string];

const ignore: Row = ["ignore", "ignore", "ignore"];
const follows: Row = ["flag", "follows", "follows"];
const complete: Row = ["flag", "complete", "complete"];
const requestN: Row = ["number", "request_n", "requestN"];
const major: Row = ["number", "major", "major"];
const minor: Row = ["number", "minor", "minor"];
const metadata: Row = ["optional", "metadata", "metadata"];
const data: Row = ["data", "data", "data"];
const position: Row = ["position", "position", "position"];

/** The fields of each type, in the order in which they are shown. */
const rows: { readonly [T in FrameType]: readonly Row[] } = {
  SETUP: [
    ignore,
    major,
    minor,
    ["number", "keepalive_ms", "keepaliveMs"],
    ["number", "lifetime_ms", "lifetimeMs"],
    ["text", "metadata_mime", "metadataMimeType"],
    ["text", "data_mime", "dataMimeType"],
    ["flag", "lease", "lease"],
    ["optional", "resume_token", "resumeToken"],
    metadata,
    ["shy-data", "data", "data"],
  ],
  LEASE: [ignore, ["number", "ttl", "ttlMs"], ["number", "requests", "requests"], metadata],
  KEEPALIVE: [ignore, ["answer", "respond", "respond"], position, ["shy-data", "data", "data"]],
  REQUEST_RESPONSE: [ignore, follows, metadata, data],
  REQUEST_FNF: [ignore, follows, metadata, data],
  REQUEST_STREAM: [ignore, requestN, follows, metadata, data],
  REQUEST_CHANNEL: [ignore, requestN, follows, complete, metadata, data],
  REQUEST_N: [ignore, requestN],
  CANCEL: [ignore],
  PAYLOAD: [follows, ["flag", "next", "next"], complete, ignore, metadata, ["item-data", "data", "data"]],
  ERROR: [ignore, ["number", "code", "code"], data],
  METADATA_PUSH: [ignore, ["bytes", "metadata", "metadata"]],
  RESUME: [
    ignore,
    major,
    minor,
    ["bytes", "resume_token", "resumeToken"],
    ["position", "last_server_position", "lastServerPosition"],
    ["position", "first_client_position", "firstClientPosition"],
  ],
  RESUME_OK: [ignore, position],
  EXT: [ignore, ["number", "ext_type", "extendedType"], metadata, data],
};

/** A frame as JSON. Positions over 2^53-1 are bigints there; `exactJson` writes them. */
export function frameToJson(frame: Frame): FrameJson {
  const values = frame as unknown as Readonly<Record<string, unknown>>;
  const fields: Record<string, ExactJson> = { stream_id: frame.streamId };
  const twins: Record<string, string> = {};
  for (const [kind, name, property] of rows[frame.type]) {
    const shown = show(kind, values[property], frame);
    if (shown !== undefined) fields[name] = shown;
    if (typeof shown === "bigint") twins[`${name}_str`] = shown.toString();
  }
  return { type: frame.type, fields: { ...fields, ...twins } };
}

/** Throws UsageError ("bad-argument") for what is not a frame in this form. Members beside type and fields are skipped. */
export function frameFromJson(value: unknown): Frame {
  const outer = new FieldReader("The line", value);
  const type = outer.text("type");
  if (!isFrameType(type)) {
    const known = Object.keys(FRAME_TYPE).join(", ");
    throw new UsageError("bad-argument", `Unknown type ${JSON.stringify(type.slice(0, 60))}; it is one of ${known}`);
  }
  const reader = new FieldReader("fields", outer.object("fields"));
  const frame: Record<string, unknown> = { type, streamId: reader.number("stream_id") };
  for (const [kind, name, property] of rows[type]) {
    const read = readOne(kind, name, reader, type);
    if (read !== undefined) frame[property] = read;
  }
  reader.end();
  return frame as unknown as Frame;
}

function show(kind: Kind, value: unknown, frame: Frame): ExactJson | undefined {
  switch (kind) {
    case "number":
    case "text":
    case "answer":
      return value as number | string | boolean;
    case "flag":
      return value === true ? true : undefined;
    case "ignore":
      if (frame.type === "EXT") return value === false ? false : undefined;
      return value === true ? true : undefined;
    case "position":
      return (value as bigint) > MAX_SAFE ? (value as bigint) : Number(value);
    default:
      return value === undefined || isHidden(kind, value as Uint8Array, frame) ? undefined : hexOf(value as Uint8Array);
  }
}

function isHidden(kind: Kind, bytes: Uint8Array, frame: Frame): boolean {
  if (bytes.length > 0) return false;
  return kind === "shy-data" || (kind === "item-data" && frame.type === "PAYLOAD" && !frame.next);
}

function readOne(kind: Kind, name: string, reader: FieldReader, type: FrameType): unknown {
  switch (kind) {
    case "number":
      return reader.number(name);
    case "text":
      return reader.text(name);
    case "flag":
    case "answer":
      return reader.flag(name);
    case "ignore":
      if (type === "EXT") return !reader.has(name) || reader.flag(name);
      return reader.flag(name) ? true : undefined;
    case "position":
      return reader.position(name);
    case "bytes":
      return reader.bytes(name);
    case "optional":
      return reader.has(name) ? reader.bytes(name) : undefined;
    default:
      return reader.has(name) ? reader.bytes(name) : new Uint8Array(0);
  }
}

function isFrameType(name: string): name is FrameType {
  return Object.hasOwn(FRAME_TYPE, name);
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
