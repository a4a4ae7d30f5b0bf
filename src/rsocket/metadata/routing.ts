/**
 * Routing metadata: a list of tags, of which the first is usually the route. It never interprets them.
 * RSocket extension "Routing".
 *
 * @module
 */
import { Builder } from "../../bytes/builder.ts";
import { Cursor } from "../../bytes/cursor.ts";
import type { Fault } from "../../bytes/fault.ts";
import { utf8DecodeStrict, utf8Encode } from "../../bytes/utf8.ts";
import { UsageError } from "../../contract/errors.ts";

const MAX_TAG_BYTES = 255;

/**
 * The tags in their order, or a Fault: "truncated", or "not-utf8", because a tag that was repaired could name another
 * route. No bytes are no tags, and a tag may be empty.
 */
export function decodeRouting(bytes: Uint8Array): readonly string[] | Fault {
  const cursor = new Cursor(bytes);
  const tags: string[] = [];
  while (cursor.left > 0) {
    const length = cursor.u8();
    const at = cursor.at;
    const tag = cursor.take(length);
    if (cursor.failed) return { fault: "truncated", at: cursor.end };
    const text = utf8DecodeStrict(tag);
    if (text === undefined) return { fault: "not-utf8", at };
    tags.push(text);
  }
  return tags;
}

/**
 * Encodes tags in their order. Throws UsageError ("bad-argument") for a tag over 255 bytes of UTF-8.
 *
 * ```js
 * import { encodeRouting } from "headrace/rsocket/protocol";
 * encodeRouting(["person.1"]); // Uint8Array of 9 bytes
 * ```
 */
export function encodeRouting(tags: Iterable<string>): Uint8Array {
  const out = new Builder();
  for (const tag of tags) {
    const bytes = utf8Encode(tag);
    if (bytes.length > MAX_TAG_BYTES) {
      throw new UsageError(
        "bad-argument",
        `Cannot encode the routing tag ${JSON.stringify(tag.slice(0, 40))}…: ` +
          `it has ${bytes.length} bytes of UTF-8, and the most is ${MAX_TAG_BYTES}`,
      );
    }
    out.u8(bytes.length).append(bytes);
  }
  return out.build();
}
