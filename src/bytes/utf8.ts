/**
 * UTF-8 both ways. Decoding is total: malformed bytes become U+FFFD, unless the caller asks to be told.
 *
 * @module
 */

const encoder = new TextEncoder();
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The UTF-8 bytes of a string. Lone surrogates become U+FFFD. */
export function utf8Encode(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The text of UTF-8 bytes; what is malformed becomes U+FFFD. */
export function utf8Decode(bytes: Uint8Array): string {
  return lenient.decode(bytes);
}

/** The text of UTF-8 bytes, or undefined when they are malformed. */
export function utf8DecodeStrict(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}
