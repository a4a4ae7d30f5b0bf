/**
 * Composite metadata: several pieces of metadata in one, each with its MIME type. Entries keep their order and may
 * repeat. Nothing is copied on the way in, and a malformed entry is a Fault, never a short read and never a throw.
 * RSocket extension "Composite Metadata".
 *
 * @module
 */
import { Builder } from "../../bytes/builder.ts";
import { Cursor } from "../../bytes/cursor.ts";
import { type Fault, isFault } from "../../bytes/fault.ts";
import { UsageError } from "../../contract/errors.ts";
import { type MimeType, readMimeType, sameMimeType, writeMimeType } from "./label.ts";

/** One piece of metadata. */
export interface CompositeEntry {
  /** A name, or the id of a well-known type that has no name here. */
  readonly mimeType: MimeType;
  /** At most 16,777,215 bytes. After decoding a view of the bytes that were decoded. */
  readonly content: Uint8Array;
}

const MAX_CONTENT_BYTES = 0xff_ffff;

/**
 * Reads entries one at a time, as they are asked for. A Fault is the last thing it gives: what comes after a malformed
 * entry cannot be found.
 *
 * ```js
 * import { compositeEntries } from "headrace/rsocket/protocol";
 * for (const entry of compositeEntries(new Uint8Array([0x85, 0, 0, 1, 0x31]))) {
 *   if ("fault" in entry) break;
 *   entry.mimeType; // "application/json"
 *   entry.content; // Uint8Array [0x31]
 * }
 * ```
 */
export function* compositeEntries(bytes: Uint8Array): Generator<CompositeEntry | Fault, void, undefined> {
  const cursor = new Cursor(bytes);
  while (cursor.left > 0) {
    const mimeType = readMimeType(cursor);
    if (isFault(mimeType)) {
      yield mimeType;
      return;
    }
    const content = cursor.take(cursor.u24());
    if (cursor.failed) {
      yield { fault: "truncated", at: cursor.end };
      return;
    }
    yield { mimeType, content };
  }
}

/** All entries in order, or a Fault when any is malformed. No bytes are no entries. */
export function decodeComposite(bytes: Uint8Array): readonly CompositeEntry[] | Fault {
  const entries: CompositeEntry[] = [];
  for (const entry of compositeEntries(bytes)) {
    if (isFault(entry)) return entry;
    entries.push(entry);
  }
  return entries;
}

/**
 * The content of the first entry of a MIME type, as a view; undefined when there is none. Entries after it are not
 * looked at. A Fault when a malformed entry comes first.
 */
export function findInComposite(bytes: Uint8Array, mimeType: MimeType): Uint8Array | Fault | undefined {
  for (const entry of compositeEntries(bytes)) {
    if (isFault(entry)) return entry;
    if (sameMimeType(entry.mimeType, mimeType)) return entry.content;
  }
  return undefined;
}

/**
 * Encodes entries in their order. Throws UsageError ("bad-argument") for a MIME type that is not 1 to 128 ASCII
 * characters, an id over 127, or content over 16,777,215 bytes.
 *
 * ```js
 * import { encodeComposite, encodeRouting, METADATA_MIME_TYPE } from "headrace/rsocket/protocol";
 * encodeComposite([{ mimeType: METADATA_MIME_TYPE.routing, content: encodeRouting(["person.1"]) }]);
 * ```
 */
export function encodeComposite(entries: Iterable<CompositeEntry>): Uint8Array {
  const out = new Builder();
  for (const { mimeType, content } of entries) {
    writeMimeType(out, mimeType);
    if (content.length > MAX_CONTENT_BYTES) {
      throw new UsageError(
        "bad-argument",
        `Cannot encode a composite entry of ${content.length} bytes: the most is ${MAX_CONTENT_BYTES}`,
      );
    }
    out.u24(content.length).append(content);
  }
  return out.build();
}
