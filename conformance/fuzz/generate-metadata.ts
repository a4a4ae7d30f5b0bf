// Writes well-formed metadata of every kind. What it says is random.
import type { Input } from "./input.ts";
import type { Random } from "./random.ts";

/** UTF-8 of every length, and the borders between them. */
const CHARACTERS = ["61", "c2a9", "dfbf", "e0a080", "e28992", "ed9fbf", "ee8080", "efbbbf", "f09f8c8a", "f48fbfbf"].map(
  (hex) => hex.match(/../g)!.map((digits) => parseInt(digits, 16)),
);

/** UTF-8 of at most `most` bytes. */
export function text(input: Input, random: Random, most: number): void {
  const end = input.length + random.below(Math.min(most, random.chance(50) ? most : 24) + 1);
  while (input.length < end) {
    const character = random.chance(4) ? random.pick(CHARACTERS) : [0x20 + random.below(95)];
    if (input.length + character.length > end) return;
    for (const byte of character) input.u8(byte);
  }
}

/** A label: an id, or a text. */
export function label(input: Input, random: Random): void {
  if (!random.chance(3)) return void input.u8(0x80 | random.u32());
  const length = 1 + random.below(random.chance(20) ? 128 : 20);
  input.u8(length - 1).fill(length, () => 0x20 + random.below(95));
}

/** Labels behind each other. */
export function labelList(input: Input, random: Random): void {
  for (let count = random.below(6); count > 0; count--) label(input, random);
}

/** Composite entries. */
export function composite(input: Input, random: Random): void {
  for (let count = random.below(6); count > 0; count--) {
    label(input, random);
    const length = random.size();
    const value = random.u32();
    input.u24(length).fill(length, () => value);
  }
}

/** Tags, each with its length. */
export function routing(input: Input, random: Random): void {
  for (let count = random.below(5); count > 0; count--) {
    const at = input.length;
    input.u8(0);
    text(input, random, 255);
    input.bytes[at] = input.length - at - 1;
  }
}

/** Flags and the ids they announce. */
export function tracing(input: Input, random: Random): void {
  const flags = random.u32() & 0xff;
  const ids = flags < 0x80 ? 0 : ((flags & 8) === 0 ? 16 : 24) + ((flags & 4) === 0 ? 0 : 8);
  input.u8(flags).fill(ids, () => random.u32());
}

/** A credential of any kind. */
export function authentication(input: Input, random: Random): void {
  const kind = random.below(3);
  if (kind === 0) {
    input.u8(0x80);
    const at = input.length;
    input.u16(0);
    text(input, random, 300);
    const length = input.length - at - 2;
    input.bytes[at] = length >>> 8;
    input.bytes[at + 1] = length;
    return text(input, random, 60);
  }
  if (kind === 1) {
    input.u8(0x81);
    return text(input, random, 300);
  }
  if (random.chance(2)) input.u8(0x82 + random.below(126));
  else input.u8(3).text("k3rb");
  input.fill(random.size(), () => random.u32());
}
