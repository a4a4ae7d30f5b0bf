// Hexadecimal text of whole frames, up to 16 MiB, both ways. It builds no text digit by digit, as bytes/hex.ts may: that
// takes a gigabyte for the largest frame.
import { utf8Decode } from "../bytes/utf8.ts";
import { UsageError } from "../contract/errors.ts";

/** Two lower-case digits for each byte. */
export function hexOf(bytes: Uint8Array): string {
  const digits = new Uint8Array(bytes.length * 2);
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    digits[at * 2] = codeOf(byte >>> 4);
    digits[at * 2 + 1] = codeOf(byte & 0xf);
  }
  return utf8Decode(digits);
}

/** The bytes of a line of digits; blanks may stand around it and between bytes. Throws UsageError ("bad-argument"). */
export function parseHexLine(line: Uint8Array): Uint8Array {
  return parseDigits(line.length, (at) => line[at]!, true);
}

/** The bytes of a text of digits and nothing else. `what` names it in the UsageError. */
export function parseHexText(what: string, text: string): Uint8Array {
  return parseDigits(text.length, (at) => text.charCodeAt(at), false, `${what}: `);
}

function parseDigits(length: number, codeAt: (at: number) => number, blanks: boolean, prefix: string = ""): Uint8Array {
  const bytes = new Uint8Array(length >>> 1);
  let size = 0;
  let high = -1;
  for (let at = 0; at < length; at++) {
    const code = codeAt(at);
    if (blanks && high < 0 && (code === 0x20 || code === 0x09)) continue;
    const digit = digitOf(code);
    if (digit < 0) {
      throw new UsageError("bad-argument", `${prefix}Not hexadecimal at character ${at + 1}`);
    }
    if (high < 0) {
      high = digit;
    } else {
      bytes[size++] = (high << 4) | digit;
      high = -1;
    }
  }
  if (high >= 0) throw new UsageError("bad-argument", `${prefix}Not hexadecimal: the last byte has one digit`);
  return bytes.subarray(0, size);
}

function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function codeOf(digit: number): number {
  return digit + (digit < 10 ? 0x30 : 0x57);
}
