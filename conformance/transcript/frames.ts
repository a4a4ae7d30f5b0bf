// Short names for the frames that conversations are made of. Valid ones only; broken frames are written as bytes.
import { utf8Encode } from "../../src/bytes/utf8.ts";
import type { Frame, SetupFrame } from "../../src/rsocket/frame.ts";

/** What flags and parts a payload has. Flags: F follows, C complete, N next. */
export interface Parts {
  readonly m?: string | Uint8Array;
  readonly flags?: string;
}

/** Text as bytes; bytes as they are. */
export function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? utf8Encode(text) : text;
}

/** SETUP as most clients send it. */
export function setup(change: Partial<SetupFrame> = {}): SetupFrame {
  return {
    type: "SETUP",
    streamId: 0,
    major: 1,
    minor: 0,
    keepaliveMs: 20_000,
    lifetimeMs: 90_000,
    lease: false,
    metadataMimeType: "text/plain",
    dataMimeType: "text/plain",
    data: bytesOf(""),
    ...change,
  };
}

function parts(data: string | Uint8Array, { m, flags = "" }: Parts): {
  data: Uint8Array;
  follows: boolean;
  metadata?: Uint8Array;
} {
  const metadata = m === undefined ? {} : { metadata: bytesOf(m) };
  return { data: bytesOf(data), follows: flags.includes("F"), ...metadata };
}

/** REQUEST_RESPONSE. */
export function response(streamId: number, data: string | Uint8Array = "", more: Parts = {}): Frame {
  return { type: "REQUEST_RESPONSE", streamId, ...parts(data, more) };
}

/** REQUEST_FNF. */
export function fnf(streamId: number, data: string | Uint8Array = "", more: Parts = {}): Frame {
  return { type: "REQUEST_FNF", streamId, ...parts(data, more) };
}

/** REQUEST_STREAM. */
export function stream(streamId: number, n: number, data: string | Uint8Array = "", more: Parts = {}): Frame {
  return { type: "REQUEST_STREAM", streamId, requestN: n, ...parts(data, more) };
}

/** REQUEST_CHANNEL. */
export function channel(streamId: number, n: number, data: string | Uint8Array = "", more: Parts = {}): Frame {
  const complete = more.flags?.includes("C") ?? false;
  return { type: "REQUEST_CHANNEL", streamId, requestN: n, complete, ...parts(data, more) };
}

/** PAYLOAD, with N unless `flags` says otherwise. */
export function payload(streamId: number, data: string | Uint8Array = "", more: Parts = {}): Frame {
  const flags = more.flags ?? "N";
  const [complete, next] = [flags.includes("C"), flags.includes("N")];
  return { type: "PAYLOAD", streamId, complete, next, ...parts(data, { ...more, flags }) };
}

/** REQUEST_N. */
export function requestN(streamId: number, n: number): Frame {
  return { type: "REQUEST_N", streamId, requestN: n };
}

/** CANCEL. */
export function cancel(streamId: number): Frame {
  return { type: "CANCEL", streamId };
}

/** ERROR. */
export function error(streamId: number, code: number, text = ""): Frame {
  return { type: "ERROR", streamId, code, data: bytesOf(text) };
}

/** KEEPALIVE; `respond` asks for an answer. */
export function keepalive(respond: boolean, data: string | Uint8Array = "", position = 0n): Frame {
  return { type: "KEEPALIVE", streamId: 0, respond, position, data: bytesOf(data) };
}

/** METADATA_PUSH. */
export function metadataPush(metadata: string | Uint8Array, streamId = 0): Frame {
  return { type: "METADATA_PUSH", streamId, metadata: bytesOf(metadata) };
}
