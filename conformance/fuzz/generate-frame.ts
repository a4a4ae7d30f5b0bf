// Writes frames of every type with every flag: well-formed ones, whether or not a peer may send them then.
import type { Input } from "./input.ts";
import type { Random } from "./random.ts";

/** Every type of RSocket 1.0. */
export const TYPES: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0x3f];

const METADATA = 0x100;
const RESUME = 0x80;

/** Words at their borders more often than not. */
export function word(random: Random): number {
  switch (random.below(6)) {
    case 0:
      return random.below(4);
    case 1:
      return 0x7fff_ffff - random.below(2);
    case 2:
      return random.u32();
    default:
      return random.below(1_000);
  }
}

/** A stream id: few, so that frames meet on a stream. */
export function streamId(random: Random): number {
  return random.chance(30) ? random.u32() : random.below(10);
}

/** Writes one frame without its length prefix. Flags are any: decoders accept all of them. */
export function generateFrame(input: Input, random: Random): void {
  const type = random.pick(TYPES);
  // Half of them with no more than two flags, as real frames have.
  const flags = random.chance(2) ? random.u32() & 0x3ff : (1 << random.below(10)) | (1 << random.below(10));
  writeFrame(input, random, type, flags, streamId(random));
}

/** Writes one frame of a type, with flags and stream as given. What it carries is random. */
export function writeFrame(input: Input, random: Random, type: number, flags: number, id: number): void {
  input.u32(id).u16((type << 10) | flags);
  switch (type) {
    case 1:
      return setup(input, random, flags);
    case 2:
      input.u32(word(random)).u32(word(random));
      if ((flags & METADATA) !== 0) blob(input, random);
      return;
    case 3:
      input.u32(word(random)).u32(word(random));
      return blob(input, random);
    case 6:
    case 7:
    case 0x3f:
      input.u32(word(random));
      return payload(input, random, flags);
    case 8:
      input.u32(word(random));
      return;
    case 9:
      return;
    case 11:
      input.u32(random.chance(2) ? 0x201 + random.below(4) : word(random));
      return blob(input, random);
    case 12:
      return blob(input, random);
    case 13:
      input.u16(1).u16(0);
      token(input, random);
      input.fill(16, () => random.u32());
      return;
    case 14:
      input.fill(8, () => random.u32());
      return;
    default:
      return payload(input, random, flags);
  }
}

function setup(input: Input, random: Random, flags: number): void {
  input.u16(random.chance(8) ? random.u32() : 1).u16(random.below(2)).u32(word(random)).u32(word(random));
  if ((flags & RESUME) !== 0) token(input, random);
  for (let text = 0; text < 2; text++) {
    const length = random.chance(20) ? 255 : random.below(30);
    const ascii = !random.chance(8);
    input.u8(length).fill(length, () => ascii ? 0x61 + random.below(26) : random.u32());
  }
  payload(input, random, flags);
}

function token(input: Input, random: Random): void {
  const length = random.below(20);
  input.u16(length).fill(length, () => random.u32());
}

function payload(input: Input, random: Random, flags: number): void {
  if ((flags & METADATA) !== 0) {
    const length = random.size();
    input.u24(length).fill(length, () => random.u32());
  }
  blob(input, random);
}

function blob(input: Input, random: Random): void {
  const value = random.u32();
  input.fill(random.size(), () => value);
}
