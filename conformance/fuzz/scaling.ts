// How time grows with size: every parser and reassembly, on the shapes that could make them slow, from 1 to 16 MiB. Twice
// the input may take 2.3 times as long. Only minima are compared, and a growth that looks bad is measured again.
import { utf8DecodeStrict } from "../../src/bytes/utf8.ts";
import { parseExactJson } from "../../src/cli/exact-json.ts";
import { hexOf, parseHexLine } from "../../src/cli/hex-line.ts";
import { Lines } from "../../src/cli/lines.ts";
import { UsageError } from "../../src/contract/errors.ts";
import { decodeFrame } from "../../src/rsocket/decode.ts";
import { Reassembly } from "../../src/rsocket/fragments.ts";
import { MessageFrames } from "../../src/rsocket/frame-source.ts";
import { LengthPrefix } from "../../src/rsocket/length-prefix.ts";
import { decodeAuthentication } from "../../src/rsocket/metadata/authentication.ts";
import { decodeComposite, findInComposite } from "../../src/rsocket/metadata/composite.ts";
import { decodeAcceptMimeTypes } from "../../src/rsocket/metadata/mime-type.ts";
import { decodeRouting } from "../../src/rsocket/metadata/routing.ts";
import { timed } from "./clock.ts";
import type { Pieces } from "./source-targets.ts";

/** The most that twice the input may cost. */
export const MAX_GROWTH = 2.3;
const MIB = 1_048_576;
/** Below this a clock cannot tell. */
const LEAST_MS = 0.3;
/** From the smallest size to the largest. One alone says little: caches and the collector have steps of their own. */
const DOUBLINGS = 4;
const ATTEMPTS = 10;
/** Linear shapes take less than a tenth of this, so another attempt would change nothing. */
const HOPELESS_MS = 3_000;

/** One shape: `prepare` makes it of a size, outside the clock, and gives what is timed. */
export interface Shape {
  readonly name: string;
  readonly prepare: (size: number) => () => unknown;
  /** Largest size, where a shape takes many times its size in memory. 16 MiB otherwise. */
  readonly most?: number;
  /** Why it grows faster than it may, in words, as long as it does. Then it is red when it no longer does. */
  readonly open?: string;
}

/** What a shape came to. */
export interface Growth {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly ms: readonly number[];
  /** time(2n) / time(n), the geometric mean of four doublings. A quadratic parser has 4. */
  readonly growth: number;
}

/** Every shape. */
export function shapes(): Shape[] {
  return [
    of("decodeFrame: one payload", () => decodeFrame, (size) => withHead([0, 0, 0, 1, 0x28, 0x20], size)),
    of("utf8DecodeStrict: two-byte letters", () => utf8DecodeStrict, (size) => repeated([0xc3, 0xa9], size)),
    of("decodeComposite: entries of 1 KiB", () => decodeComposite, (size) => entries(size, 1_024)),
    { ...of("decodeComposite: empty entries", () => decodeComposite, (size) => entries(size, 0)), most: 2 * MIB },
    of("findInComposite: not there", () => (bytes) => findInComposite(bytes, "x/y"), (size) => entries(size, 64)),
    { ...of("decodeRouting: tags of 255", () => decodeRouting, tags), most: 8 * MIB },
    { ...of("decodeRouting: empty tags", () => decodeRouting, (size) => new Uint8Array(size)), most: 4 * MIB },
    {
      ...of("decodeAcceptMimeTypes: ids", () => decodeAcceptMimeTypes, (size) => repeated([0x85], size)),
      most: 4 * MIB,
    },
    of("decodeAuthentication: a long token", () => decodeAuthentication, (size) => withHead([0x81], size, 0x61)),
    of("parseHexLine", () => parseHexLine, (size) => repeated([0x61, 0x62, 0x20], size - (size % 3))),
    of("hexOf", () => hexOf, (size) => new Uint8Array(size)),
    { name: "parseExactJson: a long string", prepare: (size) => json(`"${"a".repeat(size)}"`) },
    { name: "parseExactJson: escaped quotes", prepare: (size) => json(`"${'\\"'.repeat(size / 2)}"`) },
    { name: "parseExactJson: backslashes", prepare: (size) => json(`"${"\\\\".repeat(size / 2)}"`) },
    { name: "parseExactJson: open quotes", prepare: (size) => json(`"${'\\"'.repeat(size / 2)}`) },
    { name: "parseExactJson: digits", prepare: (size) => json("1".repeat(size)), most: 65_536 },
    { name: "Lines: one long line in chunks", prepare: (size) => () => linesOf(new Uint8Array(size).fill(0x61)) },
    { name: "Lines: empty lines", prepare: (size) => () => linesOf(new Uint8Array(size).fill(10)), most: 4 * MIB },
    { name: "LengthPrefix: one frame in chunks of 64", prepare: (size) => () => prefixOf(size, size, 64) },
    { name: "LengthPrefix: one frame byte by byte", prepare: (size) => () => prefixOf(size, size, 1), most: 4 * MIB },
    {
      name: "LengthPrefix: chunks of 64 while nobody reads",
      prepare: (size) => () => waiting(size),
      most: MIB,
      open: "each chunk that comes while a server decides is joined to all before it",
    },
    { name: "LengthPrefix: frames of 6 bytes", prepare: (size) => () => prefixOf(size, 6, 65_536) },
    {
      name: "MessageFrames: a queue of messages of 64",
      prepare: (size) => () => messages(size / 64),
      most: 8 * MIB,
      open: "the queue is an array whose first element is taken off, which moves all others",
    },
    { name: "Reassembly: fragments of 64", prepare: (size) => () => reassemble(() => new Reassembly(), size, 64) },
    {
      name: "Reassembly: fragments of 1",
      prepare: (size) => () => reassemble(() => new Reassembly(), size, 1),
      most: 4 * MIB,
    },
  ];
}

/** A planted parser, or any other function of bytes. */
export function of(
  name: string,
  parser: (size: number) => (bytes: Uint8Array) => unknown,
  make: (size: number) => Uint8Array,
): Shape {
  return {
    name,
    prepare(size) {
      const bytes = make(size);
      const parse = parser(size);
      return () => parse(bytes);
    },
  };
}

/**
 * Times one shape. A growth that looks too large is measured again, up to ten times, and the least times count.
 * `collect` calls the collector first, so that garbage of before is not counted.
 */
export function growthOf({ name, prepare, most = 16 * MIB }: Shape, collect: () => void = () => {}): Growth {
  const sizes = Array.from({ length: DOUBLINGS + 1 }, (_, index) => most / 2 ** (DOUBLINGS - index));
  const ms = sizes.map(() => Infinity);
  let growth = Infinity;
  for (let attempt = 0; attempt < ATTEMPTS && (attempt < 2 || growth > MAX_GROWTH); attempt++) {
    if (ms.at(-1)! > HOPELESS_MS && ms.at(-1)! < Infinity) break;
    sizes.forEach((size, index) => {
      const run = prepare(size);
      collect();
      ms[index] = Math.min(ms[index]!, timed(run));
    });
    growth = (ms.at(-1)! / Math.max(ms[0]!, LEAST_MS)) ** (1 / DOUBLINGS);
  }
  return { name, sizes, ms, growth };
}

function withHead(head: readonly number[], size: number, fill: number = 0): Uint8Array {
  const bytes = new Uint8Array(size).fill(fill);
  bytes.set(head);
  return bytes;
}

function repeated(pattern: readonly number[], size: number): Uint8Array {
  return new Uint8Array(size).map((_, at) => pattern[at % pattern.length]!);
}

/** Composite entries of a well-known type, each with so much content. */
function entries(size: number, content: number): Uint8Array {
  const entry = 4 + content;
  const bytes = new Uint8Array(size - (size % entry));
  for (let at = 0; at < bytes.length; at += entry) bytes.set([0x85, 0, content >>> 8, content], at);
  return bytes;
}

function tags(size: number): Uint8Array {
  const bytes = new Uint8Array(size - (size % 256)).fill(0x61);
  for (let at = 0; at < bytes.length; at += 256) bytes[at] = 255;
  return bytes;
}

function json(text: string): () => unknown {
  return () => {
    try {
      return parseExactJson(text);
    } catch (error) {
      if (error instanceof UsageError) return undefined;
      throw error;
    }
  };
}

function linesOf(bytes: Uint8Array): number {
  const lines = new Lines(32 * MIB);
  let count = 0;
  for (let at = 0; at < bytes.length; at += 1_024) {
    for (const line of lines.push(bytes.subarray(at, at + 1_024))) count += line.number & 1;
  }
  return count;
}

function prefixOf(size: number, frame: number, chunk: number): number {
  const source = new LengthPrefix();
  const length = Math.min(frame, 0xff_ffff);
  const bytes = new Uint8Array(size);
  for (let at = 0; at + 3 <= size; at += 3 + length) bytes.set([length >>> 16, length >>> 8, length], at);
  let found = 0;
  for (let at = 0; at < size; at += chunk) {
    source.push(bytes.subarray(at, at + chunk));
    while (source.next(0xff_ffff) === 1) found++;
  }
  return found;
}

/** As a link that was told to pause and goes on, while a server has not said whether it takes the client. */
function waiting(size: number): number {
  const source = new LengthPrefix();
  for (let at = 0; at < size; at += 64) {
    source.push(new Uint8Array(64));
    source.keep();
  }
  return source.heldBytes;
}

function messages(count: number): number {
  const source = new MessageFrames();
  const message = new Uint8Array(64);
  for (let one = 0; one < count; one++) source.push(message);
  let found = 0;
  while (source.next(0xff_ffff) === 1) found++;
  return found;
}

/** Puts a payload together of fragments of one size. */
export function reassemble(make: () => Pieces, size: number, fragment: number): number {
  const partial = make();
  const piece = new Uint8Array(fragment);
  for (let at = 0; at < size; at += fragment) partial.add(undefined, piece);
  return partial.data().length;
}
