/**
 * Hexadecimal text both ways, for tools and tests. Not for the hot path.
 *
 * @module
 */

import { utf8Decode } from "./utf8.ts";

const DIGITS = "0123456789abcdef";

/** Two lower-case digits for each byte. */
export function toHex(bytes: Uint8Array): string {
  const digits = new Uint8Array(bytes.length * 2);
  for (let at = 0; at < bytes.length; at++) {
    digits[at * 2] = DIGITS.charCodeAt(bytes[at]! >>> 4);
    digits[at * 2 + 1] = DIGITS.charCodeAt(bytes[at]! & 15);
  }
  return utf8Decode(digits);
}

/** The bytes of a hex text, or undefined when it is not one. Case does not matter. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = parseInt(text.slice(at * 2, at * 2 + 2), 16);
  return bytes;
}
