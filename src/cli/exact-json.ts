// JSON in which integers of 64 bits are exact, both ways. JSON.parse alone rounds them and JSON.stringify refuses
// bigints. It is no parser of its own: JSON.parse does the reading.
import { UsageError } from "../contract/errors.ts";

/** What can be written: JSON, and bigints as plain digits. */
export type ExactJson =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly ExactJson[]
  | { readonly [name: string]: ExactJson };

/** One line of JSON, with bigints as digits. */
export function exactJson(value: ExactJson): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (isList(value)) return `[${value.map(exactJson).join(",")}]`;
  return `{${Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}:${exactJson(one)}`).join(",")}}`;
}

/**
 * Reads one line of JSON. An integer of 16 to 20 digits is not rounded: it becomes an object that `exactInteger`
 * reads. Throws UsageError ("bad-argument") for what is not JSON, without the engine's own words, which differ, and for
 * more than 65,536 characters outside of strings: such a line is no frame, and takes forty times its size to parse.
 */
export function parseExactJson(text: string): unknown {
  const exact = wrapLongIntegers(text);
  try {
    return JSON.parse(exact);
  } catch {
    throw new UsageError("bad-argument", "The line is not JSON");
  }
}

/** The integer a value of `parseExactJson` stands for, or undefined when it is none or was not exact. */
export function exactInteger(value: unknown): bigint | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  const digits = typeof value === "object" && value !== null ? (value as { [WRAP]?: unknown })[WRAP] : undefined;
  return typeof digits === "string" && /^\d{16,20}$/.test(digits) ? BigInt(digits) : undefined;
}

/** The name under which the digits of a long integer are carried through JSON.parse. */
const WRAP = "exact integer";
const MAX_OUTSIDE = 65_536;
const LONG_INTEGER = /(?<![\d.eE+-])[1-9]\d{15,19}(?![\d.eE])/g;

/** Only what stands outside of strings is looked at, so digits inside data stay what they are. */
function wrapLongIntegers(text: string): string {
  const pieces: string[] = [];
  let at = 0;
  let room = MAX_OUTSIDE;
  while (at < text.length) {
    const quote = text.indexOf('"', at);
    const outside = text.slice(at, quote < 0 ? text.length : quote);
    room -= outside.length;
    if (room < 0) throw new UsageError("bad-argument", `More than ${MAX_OUTSIDE} characters stand outside of strings`);
    pieces.push(outside.replace(LONG_INTEGER, `{"${WRAP}":"$&"}`));
    if (quote < 0) break;
    const end = stringEnd(text, quote);
    pieces.push(text.slice(quote, end));
    at = end;
  }
  return pieces.join("");
}

/** The offset after the string that begins at `quote`. */
function stringEnd(text: string, quote: number): number {
  for (let end = text.indexOf('"', quote + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === "\\") slashes++;
    if (slashes % 2 === 0) return end + 1;
  }
  return text.length;
}

function isList(value: object): value is readonly ExactJson[] {
  return Array.isArray(value);
}
