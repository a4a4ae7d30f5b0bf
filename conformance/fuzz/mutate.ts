// Changes bytes blindly, and a little less blindly where a length may stand. It knows no format.
import type { Input } from "./input.ts";
import type { Random } from "./random.ts";

/** Numbers at which arithmetic goes wrong. Each is written with its low bytes where it is too wide. */
const INTERESTING = [
  0,
  1,
  2,
  3,
  0x3f,
  0x40,
  0x7f,
  0x80,
  0xff,
  0x100,
  0x7fff,
  0x8000,
  0xffff,
  0x1_0000,
  0x7f_ffff,
  0x80_0000,
  0xff_fffe,
  0xff_ffff,
  0x7fff_fffe,
  0x7fff_ffff,
  0x8000_0000,
  0xffff_fffe,
  0xffff_ffff,
] as const;
const WIDTHS = [1, 2, 3, 4, 8] as const;

type Mutation = (input: Input, random: Random, other: Uint8Array) => void;

const mutations: readonly Mutation[] = [
  function flip({ bytes, length }, random) {
    const at = random.below(length);
    if (length > 0) bytes[at] = bytes[at]! ^ (1 << random.below(8));
  },
  function replace({ bytes, length }, random) {
    if (length > 0) bytes[random.below(length)] = random.u32();
  },
  function insert(input, random) {
    const at = random.below(input.length + 1);
    const count = 1 + random.size();
    if (open(input, at, count)) { for (let one = 0; one < count; one++) input.bytes[at + one] = random.u32(); }
  },
  function remove(input, random) {
    const at = random.below(input.length);
    const count = Math.min(1 + random.size(), input.length - at);
    input.bytes.copyWithin(at, at + count, input.length);
    input.length -= count;
  },
  function duplicate(input, random) {
    const from = random.below(input.length);
    const count = Math.min(1 + random.size(), input.length - from);
    if (open(input, from, count)) input.bytes.copyWithin(from, from + count, from + 2 * count);
  },
  function splice(input, random, other) {
    const at = random.below(input.length + 1);
    const from = random.below(other.length);
    input.length = at;
    input.append(other.subarray(from));
  },
  function truncate(input, random) {
    input.length = random.below(input.length + 1);
  },
  function extend(input, random) {
    const value = random.u32();
    const same = random.chance(2);
    input.fill(1 + random.size(), () => same ? value : random.u32());
  },
  function integer(input, random) {
    const width = random.pick(WIDTHS);
    write(input, random.below(input.length - width + 1), width, random.pick(INTERESTING));
  },
  // A length field that is right, or wrong by one: what bounds checks are there for.
  function length(input, random) {
    const width = 1 + random.below(4);
    const at = random.below(input.length - width + 1);
    write(input, at, width, Math.max(0, input.length - at - width + random.below(3) - 1));
  },
  function count(input, random) {
    const width = 1 + random.below(4);
    const at = random.below(input.length - width + 1);
    if (at + width > input.length) return;
    let value = 0;
    for (let one = 0; one < width; one++) value = value * 256 + input.bytes[at + one]!;
    write(input, at, width, Math.max(0, value + (random.chance(2) ? 1 : -1)));
  },
];

/** One to four changes, seldom more. `other` is an input to splice with. */
export function mutate(input: Input, random: Random, other: Uint8Array): void {
  const count = random.chance(32) ? 1 + random.below(16) : 1 + random.below(3);
  for (let one = 0; one < count; one++) random.pick(mutations)(input, random, other);
}

/** Moves what stands from `at` on by `count` bytes. False when there is no room. */
function open(input: Input, at: number, count: number): boolean {
  if (!input.fits(count)) return false;
  input.bytes.copyWithin(at + count, at, input.length);
  input.length += count;
  return true;
}

function write(input: Input, at: number, width: number, value: number): void {
  if (at + width > input.length) return;
  let rest = value;
  for (let one = width - 1; one >= 0; one--) {
    input.bytes[at + one] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}
