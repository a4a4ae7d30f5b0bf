/**
 * ERROR frames and the errors of the house: which wire code is which stable code, and texts within bounds.
 * RSocket 1.0, "Error Codes".
 *
 * @module
 */
import { utf8Decode, utf8Encode } from "../bytes/utf8.ts";
import type { ErrorCode } from "../contract/error-codes.ts";
import { RemoteError } from "../contract/errors.ts";
import { ERROR_CODE } from "./frame.ts";

const CODES: ReadonlyMap<number, ErrorCode> = new Map<number, ErrorCode>([
  [ERROR_CODE.INVALID_SETUP, "invalid-setup"],
  [ERROR_CODE.UNSUPPORTED_SETUP, "unsupported-setup"],
  [ERROR_CODE.REJECTED_SETUP, "rejected-setup"],
  [ERROR_CODE.REJECTED_RESUME, "rejected-resume"],
  [ERROR_CODE.CONNECTION_ERROR, "connection-error"],
  [ERROR_CODE.CONNECTION_CLOSE, "connection-close"],
  [ERROR_CODE.APPLICATION_ERROR, "application-error"],
  [ERROR_CODE.REJECTED, "rejected"],
  [ERROR_CODE.CANCELED, "canceled"],
  [ERROR_CODE.INVALID, "invalid"],
]);

/** True for the codes that only mean something before a connection is established. */
export function isSetupCode(code: number): boolean {
  return code >= ERROR_CODE.INVALID_SETUP && code <= ERROR_CODE.REJECTED_RESUME;
}

/** True for a code that may be sent on a stream: 0x201 to 0x204 and the application's own, 0x301 to 0xFFFFFFFE. */
export function isStreamCode(code: number): boolean {
  if (code >= ERROR_CODE.APPLICATION_ERROR && code <= ERROR_CODE.INVALID) return true;
  return Number.isInteger(code) && code >= 0x301 && code <= 0xffff_fffe;
}

/** The error an ERROR frame means. Its text is cut at `maxBytes`; `data` keeps the cut bytes, owned. */
export function remoteError(rsocketCode: number, data: Uint8Array, maxBytes: number): RemoteError {
  const kept = data.slice(0, maxBytes);
  const named = CODES.get(rsocketCode);
  const code = named ?? (rsocketCode >= 0x301 && rsocketCode < 0xffff_ffff ? "application-code" : "unknown-error-code");
  const label = named === undefined ? `0x${rsocketCode.toString(16)}` : named.toUpperCase().replaceAll("-", "_");
  const text = printable(utf8Decode(kept));
  const message = `The peer answered ERROR[${label}]${text === "" ? "" : `: ${text}`}`;
  return new RemoteError(code, message, { rsocketCode, data: kept });
}

/** The UTF-8 bytes of an error text, cut between characters at `maxBytes`. */
export function errorText(message: string, maxBytes: number): Uint8Array {
  const bytes = utf8Encode(message);
  if (bytes.length <= maxBytes) return bytes;
  let end = maxBytes;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}

/** Escapes control characters, line separators and turns of direction: a peer's text cannot forge log lines. */
function printable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
