/**
 * Payloads as applications write them, and as they read them. Strings are UTF-8; what is read is owned.
 *
 * @module
 */
import { utf8Encode } from "../bytes/utf8.ts";
import { UsageError } from "../contract/errors.ts";

/** Bytes, or text that is sent as UTF-8. */
export type Bytes = Uint8Array | string;

/** What was received. Absent metadata is not the same as empty metadata. The bytes are the receiver's own. */
export interface Payload {
  /** The data, perhaps empty. */
  readonly data: Uint8Array;
  /** What was sent beside the data. Its form is the connection's `metadataMimeType`. */
  readonly metadata?: Uint8Array;
}

/**
 * What can be sent: bytes, text, or both parts. Bytes belong to the library from the call on.
 *
 * ```js
 * import { connect, serve } from "headrace/rsocket";
 * const server = await serve("memory://payloads", { requestResponse: (payload) => payload });
 * const client = await connect("memory://payloads");
 * const text = await client.requestResponse("héllo");
 * text.data; // 6 bytes
 * text.metadata; // undefined
 * const bytes = await client.requestResponse(new Uint8Array([1, 2]));
 * bytes.data; // Uint8Array [1, 2]
 * const both = await client.requestResponse({ data: "body", metadata: "" });
 * both.metadata; // 0 bytes
 * await server.close();
 * ```
 */
export type PayloadInit = Bytes | { readonly data?: Bytes; readonly metadata?: Bytes };

/**
 * What requestResponse resolves to when the peer completes without an item. It is this one object, so compare with ===.
 *
 * ```js
 * import { connect, NO_PAYLOAD, serve } from "headrace/rsocket";
 * const server = await serve("memory://nothing", { requestResponse: () => undefined });
 * const client = await connect("memory://nothing");
 * const answer = await client.requestResponse("anything?");
 * answer === NO_PAYLOAD; // true
 * await server.close();
 * ```
 */
export const NO_PAYLOAD: Payload = Object.freeze({ data: new Uint8Array(0) });

/** The data of a payload to send. Throws UsageError ("bad-argument"). */
export function dataOf(init: PayloadInit): Uint8Array {
  if (init instanceof Uint8Array) return init;
  if (typeof init === "string") return utf8Encode(init);
  if (typeof init === "object" && init !== null) return init.data === undefined ? EMPTY : bytesOf(init.data, "data");
  throw new UsageError("bad-argument", `Cannot send ${typeof init}: a payload is bytes, text, or {data, metadata}`);
}

/** The metadata of a payload to send, if it has any. Throws UsageError ("bad-argument"). */
export function metadataOf(init: PayloadInit): Uint8Array | undefined {
  if (typeof init === "string" || init instanceof Uint8Array) return undefined;
  return init.metadata === undefined ? undefined : bytesOf(init.metadata, "metadata");
}

/** The bytes of a field. Throws UsageError ("bad-argument"). */
export function bytesOf(value: Bytes, field: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === "string") return utf8Encode(value);
  throw new UsageError("bad-argument", `Cannot send ${field} of type ${typeof value}: it must be Uint8Array or string`);
}

/** A payload to keep. Borrowed bytes are copied. */
export function payloadOf(data: Uint8Array, metadata: Uint8Array | undefined, owned: boolean): Payload {
  if (owned) return metadata === undefined ? { data } : { data, metadata };
  // A new array of the old one: on Node 20 slice() takes twice as long.
  const copy = new Uint8Array(data);
  return metadata === undefined ? { data: copy } : { data: copy, metadata: new Uint8Array(metadata) };
}

const EMPTY = new Uint8Array(0);
