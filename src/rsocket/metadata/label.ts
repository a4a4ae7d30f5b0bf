/**
 * What a piece of metadata is called on the wire: one byte with its top bit set and a well-known id below, or a length
 * and that many ASCII bytes. Composite entries, MIME types and authentication types share it. It knows no ids.
 *
 * The specification reads the length byte as a length; every peer writes length - 1 (1 to 128 bytes), and so do we.
 *
 * @module
 */
import type { Builder } from "../../bytes/builder.ts";
import type { Cursor } from "../../bytes/cursor.ts";
import { type Fault, isFault } from "../../bytes/fault.ts";
import { utf8Decode, utf8Encode } from "../../bytes/utf8.ts";
import { UsageError } from "../../contract/errors.ts";
import { WELL_KNOWN_MIME_TYPES, wellKnownMimeId } from "./well-known-mime-types.ts";

/** A well-known id that this library has no name for. It is kept, so that it can be passed on. */
export interface UnknownId {
  /** 0 to 127. */
  readonly id: number;
}

/** A MIME type: its name, or the id of one that is not known here. */
export type MimeType = string | UnknownId;

const WELL_KNOWN = 0x80;
const MAX_TEXT_BYTES = 128;

/** Reads a label: an id, a text of 1 to 128 ASCII characters, or a Fault ("truncated" or "not-ascii"). */
export function readLabel(cursor: Cursor): number | string | Fault {
  const at = cursor.at;
  const head = cursor.u8();
  if (cursor.failed) return { fault: "truncated", at };
  if ((head & WELL_KNOWN) !== 0) return head & 0x7f;
  const text = cursor.take(head + 1);
  if (cursor.failed) return { fault: "truncated", at: cursor.end };
  const bad = text.findIndex((byte) => byte > 0x7f);
  return bad < 0 ? utf8Decode(text) : { fault: "not-ascii", at: at + 1 + bad };
}

/** Writes an id. `what` names it in the UsageError for one that is not an integer from 0 to 127. */
export function writeId(out: Builder, what: string, id: number): void {
  if (!Number.isInteger(id) || id < 0 || id > 0x7f) {
    throw new UsageError("bad-argument", `Cannot encode ${what} ${id}: it must be an integer from 0 to 127`);
  }
  out.u8(WELL_KNOWN | id);
}

/** Writes a text. `what` names it in the UsageError for one that is not 1 to 128 ASCII characters. */
export function writeText(out: Builder, what: string, text: string): void {
  const bytes = utf8Encode(text);
  // A character beyond ASCII takes more bytes than UTF-16 units, so the lengths tell.
  if (bytes.length === 0 || bytes.length > MAX_TEXT_BYTES || bytes.length !== text.length) {
    throw new UsageError(
      "bad-argument",
      `Cannot encode ${what} ${JSON.stringify(text.slice(0, 200))}: it must be 1 to ${MAX_TEXT_BYTES} ASCII characters`,
    );
  }
  out.u8(bytes.length - 1).append(bytes);
}

/** Reads a MIME type; a well-known id becomes its name. */
export function readMimeType(cursor: Cursor): MimeType | Fault {
  const label = readLabel(cursor);
  if (typeof label !== "number") return label;
  return WELL_KNOWN_MIME_TYPES.get(label) ?? { id: label };
}

/** Writes a MIME type; a well-known name becomes its id. Throws UsageError ("bad-argument"). */
export function writeMimeType(out: Builder, mimeType: MimeType): void {
  const id = typeof mimeType === "string" ? wellKnownMimeId(mimeType) : mimeType.id;
  if (id !== undefined) writeId(out, "MIME type id", id);
  else if (typeof mimeType === "string") writeText(out, "MIME type", mimeType);
}

/** True for two names that are equal and for two ids that are. A well-known name is not its id: decoders give names. */
export function sameMimeType(one: MimeType | Fault, other: MimeType): boolean {
  if (isFault(one)) return false;
  return typeof one === "string" || typeof other === "string" ? one === other : one.id === other.id;
}
