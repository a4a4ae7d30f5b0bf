/**
 * Authentication metadata: who is asking, as a user and a password, a bearer token, or anything else under its own
 * name. It never checks a credential, and no message of it holds one.
 * RSocket extensions "Authentication" and "Well-known Auth Types".
 *
 * @module
 */
import { Builder } from "../../bytes/builder.ts";
import { Cursor } from "../../bytes/cursor.ts";
import { type Fault, isFault } from "../../bytes/fault.ts";
import { utf8DecodeStrict, utf8Encode } from "../../bytes/utf8.ts";
import { UsageError } from "../../contract/errors.ts";
import { readLabel, type UnknownId, writeId, writeText } from "./label.ts";

/** What a peer shows of itself. */
export type Authentication =
  /** "simple" (id 0). The username has at most 65,535 bytes of UTF-8. */
  | { readonly type: "simple"; readonly username: string; readonly password: string }
  /** "bearer" (id 1). */
  | { readonly type: "bearer"; readonly token: string }
  /** Any other: a name of 1 to 128 ASCII characters, or a well-known id this library does not know (2 to 127). */
  | { readonly type: "custom"; readonly authType: string | UnknownId; readonly payload: Uint8Array };

const SIMPLE = 0;
const BEARER = 1;
const MAX_USERNAME_BYTES = 0xffff;

/**
 * Decodes authentication metadata, or gives a Fault: "truncated", "not-ascii" (a type's name) or "not-utf8" (a
 * credential, which is never repaired, since two could become one). A custom payload is a view of `bytes`.
 */
export function decodeAuthentication(bytes: Uint8Array): Authentication | Fault {
  const cursor = new Cursor(bytes);
  const type = readLabel(cursor);
  if (isFault(type)) return type;
  if (type === SIMPLE) return simple(cursor);
  if (type === BEARER) {
    const token = text(cursor, cursor.left);
    return isFault(token) ? token : { type: "bearer", token };
  }
  return { type: "custom", authType: typeof type === "number" ? { id: type } : type, payload: cursor.rest() };
}

/**
 * Encodes authentication metadata. Throws UsageError ("bad-argument") for a username that is too long, or a custom
 * type that has no form on the wire.
 *
 * ```js
 * import { encodeAuthentication } from "headrace/rsocket/protocol";
 * encodeAuthentication({ type: "simple", username: "user", password: "pass" }); // Uint8Array of 11 bytes
 * ```
 */
export function encodeAuthentication(authentication: Authentication): Uint8Array {
  const out = new Builder();
  switch (authentication.type) {
    case "simple": {
      const username = utf8Encode(authentication.username);
      if (username.length > MAX_USERNAME_BYTES) {
        throw new UsageError(
          "bad-argument",
          `Cannot encode a username of ${username.length} bytes: the most is ${MAX_USERNAME_BYTES}`,
        );
      }
      writeId(out, "authentication type", SIMPLE);
      out.u16(username.length).append(username).append(utf8Encode(authentication.password));
      return out.build();
    }
    case "bearer":
      writeId(out, "authentication type", BEARER);
      return out.append(utf8Encode(authentication.token)).build();
    default:
      writeCustom(out, authentication.authType);
      return out.append(authentication.payload).build();
  }
}

function writeCustom(out: Builder, authType: string | UnknownId): void {
  if (typeof authType === "string") return writeText(out, "authentication type", authType);
  if (authType.id === SIMPLE || authType.id === BEARER) {
    throw new UsageError(
      "bad-argument",
      `Cannot encode authentication type ${authType.id} as custom: it has its own form`,
    );
  }
  writeId(out, "authentication type", authType.id);
}

function simple(cursor: Cursor): Authentication | Fault {
  const username = text(cursor, cursor.u16());
  if (isFault(username)) return username;
  const password = text(cursor, cursor.left);
  return isFault(password) ? password : { type: "simple", username, password };
}

function text(cursor: Cursor, length: number): string | Fault {
  const at = cursor.at;
  const bytes = cursor.take(length);
  if (cursor.failed) return { fault: "truncated", at: cursor.end };
  return utf8DecodeStrict(bytes) ?? { fault: "not-utf8", at };
}
