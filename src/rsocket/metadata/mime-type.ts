/**
 * The MIME types of one stream: what its data is, and what a requester accepts in answer. It decides nothing: without
 * this metadata the data MIME type of SETUP holds.
 * RSocket extension "Stream Data MIME Types".
 *
 * @module
 */
import { Builder } from "../../bytes/builder.ts";
import { Cursor } from "../../bytes/cursor.ts";
import { type Fault, isFault } from "../../bytes/fault.ts";
import { type MimeType, readMimeType, writeMimeType } from "./label.ts";

/** Decodes the data MIME type of a stream: exactly one. A Fault is "truncated", "not-ascii" or "trailing-bytes". */
export function decodeMimeType(bytes: Uint8Array): MimeType | Fault {
  const cursor = new Cursor(bytes);
  const mimeType = readMimeType(cursor);
  if (isFault(mimeType)) return mimeType;
  return cursor.left === 0 ? mimeType : { fault: "trailing-bytes", at: cursor.at };
}

/**
 * Encodes the data MIME type of a stream. Throws UsageError ("bad-argument") unless it is a name of 1 to 128 ASCII
 * characters or an id from 0 to 127.
 *
 * ```js
 * import { encodeMimeType } from "headrace/rsocket/protocol";
 * encodeMimeType("application/json"); // Uint8Array [0x85]
 * ```
 */
export function encodeMimeType(mimeType: MimeType): Uint8Array {
  return encodeAcceptMimeTypes([mimeType]);
}

/** Decodes what a requester accepts, best first. A Fault is "truncated" or "not-ascii". No bytes are no types. */
export function decodeAcceptMimeTypes(bytes: Uint8Array): readonly MimeType[] | Fault {
  const cursor = new Cursor(bytes);
  const mimeTypes: MimeType[] = [];
  while (cursor.left > 0) {
    const mimeType = readMimeType(cursor);
    if (isFault(mimeType)) return mimeType;
    mimeTypes.push(mimeType);
  }
  return mimeTypes;
}

/**
 * Encodes what a requester accepts, in its order. Fails as `encodeMimeType` does.
 *
 * ```js
 * import { encodeAcceptMimeTypes } from "headrace/rsocket/protocol";
 * encodeAcceptMimeTypes(["application/cbor", "text/plain"]); // Uint8Array [0x81, 0xa1]
 * ```
 */
export function encodeAcceptMimeTypes(mimeTypes: Iterable<MimeType>): Uint8Array {
  const out = new Builder();
  for (const mimeType of mimeTypes) writeMimeType(out, mimeType);
  return out.build();
}
