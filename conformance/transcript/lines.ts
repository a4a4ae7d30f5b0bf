// What a machine says, as lines a test can read: one for each frame sent, event, lane step and close.
// It judges nothing, and copies all bytes at once, because the machine only lends them.
import { isFault } from "../../src/bytes/fault.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { utf8Decode } from "../../src/bytes/utf8.ts";
import { decodeFrame } from "../../src/rsocket/decode.ts";
import type { RSocketEvent } from "../../src/rsocket/event.ts";
import { ERROR_CODE, type Frame } from "../../src/rsocket/frame.ts";

/** Bytes as text where they are printable, as hex where they are short, else as their length and a checksum. */
export function shown(bytes: Uint8Array): string {
  if (bytes.length > 48) return `<${bytes.length} bytes ${checksum(bytes)}>`;
  const text = utf8Decode(bytes);
  return /^[\x20-\x7e]*$/.test(text) ? JSON.stringify(text) : `0x${toHex(bytes)}`;
}

/** FNV-1a over bytes: enough to see that contents are intact. */
export function checksum(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16);
}

/** A frame: its type, its stream unless that is 0, its flags, and what it carries. ERROR texts are left out. */
export function frameLine(bytes: Uint8Array): string {
  const frame = decodeFrame(bytes);
  if (isFault(frame)) return `MALFORMED ${toHex(bytes)}`;
  const parts: string[] = [frame.type];
  if (frame.streamId !== 0) parts.push(String(frame.streamId));
  if (frame.type === "ERROR") parts.push(errorName(frame.code));
  const flags = flagsOf(frame);
  if (flags !== "") parts.push(flags);
  if ("requestN" in frame) parts.push(`n=${frame.requestN}`);
  if (frame.type === "KEEPALIVE") parts.push(`at=${frame.position}`);
  if ("metadata" in frame && frame.metadata !== undefined) parts.push(`m=${shown(frame.metadata)}`);
  if (frame.type !== "ERROR" && "data" in frame && frame.data.length > 0) parts.push(shown(frame.data));
  return parts.join(" ");
}

function flagsOf(frame: Frame): string {
  let flags = frame.ignore === true ? "I" : "";
  if ("follows" in frame && frame.follows) flags += "F";
  if ("next" in frame && frame.next) flags += "N";
  if ("complete" in frame && frame.complete) flags += "C";
  if ("respond" in frame && frame.respond) flags += "R";
  return flags;
}

function errorName(code: number): string {
  const named = Object.entries(ERROR_CODE).find(([, value]) => value === code);
  return named === undefined ? `0x${code.toString(16)}` : named[0];
}

/** An event: its type, its stream, what it carries, and the context in brackets where there is one. */
export function eventLine(event: RSocketEvent<string>): string {
  const parts: string[] = [event.type];
  if (event.type === "request") parts.push(event.interaction);
  if ("id" in event) parts.push(String(event.id));
  if ("n" in event && event.n > 0) parts.push(`n=${event.n}`);
  if ("metadata" in event && event.metadata !== undefined) parts.push(`m=${shown(event.metadata)}`);
  if ("data" in event) parts.push(shown(event.data));
  if ("complete" in event && event.complete) parts.push("end");
  if (event.type === "setup") parts.push(shown(event.setup.data));
  if (event.type === "keepaliveTimeout") parts.push(`${event.silentMs} ms`);
  if ("error" in event) parts.push(event.error.code);
  if ("context" in event && event.context !== undefined) parts.push(`[${event.context}]`);
  return parts.join(" ");
}
