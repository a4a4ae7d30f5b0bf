// Writes lines for the command line: hexadecimal, JSON of every shape, frames and metadata as JSON.
import { isFault } from "../../src/bytes/fault.ts";
import { toHex } from "../../src/bytes/hex.ts";
import { exactJson } from "../../src/cli/exact-json.ts";
import { frameToJson } from "../../src/cli/frame-json.ts";
import { decodeFrame } from "../../src/rsocket/decode.ts";
import { generateFrame } from "./generate-frame.ts";
import { Input } from "./input.ts";
import type { Random } from "./random.ts";

const DIGITS = "0123456789abcdefABCDEF";
const scratch = new Input();

/** Whole bytes in hexadecimal, with blanks between some of them. */
export function hexLine(input: Input, random: Random): void {
  for (let count = random.size(); count > 0; count--) {
    if (random.chance(6)) input.text(random.chance(2) ? " " : "\t");
    input.text(DIGITS[random.below(22)]!).text(DIGITS[random.below(22)]!);
  }
}

/** Any JSON, rich in what exactness and escapes stumble over. */
export function json(input: Input, random: Random, depth: number = 0): void {
  const kind = random.below(depth > 3 ? 5 : 8);
  if (kind < 2) return number(input, random);
  if (kind < 4) return string(input, random);
  if (kind === 4) return void input.text(random.pick(["true", "false", "null", "[]", "{}"]));
  const isList = kind === 5;
  input.text(isList ? "[" : "{");
  for (let count = random.below(4); count >= 0; count--) {
    if (!isList) {
      string(input, random);
      input.text(":");
    }
    json(input, random, depth + 1);
    if (count > 0) input.text(random.chance(4) ? " , " : ",");
  }
  input.text(isList ? "]" : "}");
}

function number(input: Input, random: Random): void {
  if (random.chance(4)) input.text("-");
  const length = random.chance(2) ? 14 + random.below(9) : 1 + random.below(4);
  input.u8(0x31 + random.below(9)).fill(length - 1, () => 0x30 + random.below(10));
  if (random.chance(6)) input.text(".").fill(1 + random.below(18), () => 0x30 + random.below(10));
  if (random.chance(8)) input.text(random.pick(["e", "E+", "e-"])).u8(0x31 + random.below(9));
}

function string(input: Input, random: Random): void {
  input.text('"');
  for (let count = random.below(8); count > 0; count--) {
    input.text(random.pick(["a", '\\"', "\\\\", "\\u0061", "1234567890123456", " ", ":", "{", "exact integer"]));
  }
  input.text('"');
}

/** A frame as `headrace frame decode` writes it. */
export function frameJson(input: Input, random: Random): void {
  generateFrame(scratch.clear(), random);
  const frame = decodeFrame(scratch.view());
  if (isFault(frame)) return;
  // Bytes that are no ASCII have no place in a line made of single bytes.
  input.text(exactJson({ ...frameToJson(frame) }).replaceAll(/[^\x20-\x7e]/g, "?"));
}

/** Metadata as the golden vectors write it, mostly right. */
export function metadataJson(input: Input, random: Random): void {
  const hex = () => toHex(Uint8Array.from({ length: random.below(9) }, () => random.u32()));
  const mime = () => random.chance(2) ? '"text/plain"' : `{"id":${random.below(140)}}`;
  const fields = random.pick([
    () => `"ROUTING","fields":{"tags":["a","${"r".repeat(random.below(300))}"]}`,
    () => `"AUTH_SIMPLE","fields":{"username":"u","password":"${hex()}"}`,
    () => `"AUTH_BEARER","fields":{"token":"${hex()}"}`,
    () => `"AUTH_CUSTOM","fields":{"auth_type":${mime()},"payload":"${hex()}"}`,
    () => `"MIME_TYPE","fields":{"mimes":[${mime()}]}`,
    () => `"ACCEPT_MIMES","fields":{"mimes":[${mime()},${mime()}]}`,
    () => `"COMPOSITE","fields":{"entries":[[${mime()},"${hex()}"],[${mime()},"${hex()}"]]}`,
    () => `"ZIPKIN","fields":{"trace":"0123456789abcdef","span":"0123456789abcdef","flag":"SAMPLE"}`,
    () => `"ZIPKIN","fields":{"flag":"${random.pick(["DEBUG", "UNDECIDED", "NOT_SAMPLE", "x"])}"}`,
  ]);
  input.text(`{"type":${fields()}}`);
}
