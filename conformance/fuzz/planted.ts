// Planted bugs, one for each kind the fuzzer is there for, and the search for each. A bug that is not found in time is a
// failure of the fuzzer.
import { isFault } from "../../src/bytes/fault.ts";
import { decodeFrame } from "../../src/rsocket/decode.ts";
import { FLAG } from "../../src/rsocket/frame.ts";
import { decodeComposite } from "../../src/rsocket/metadata/composite.ts";
import { conversationTarget } from "./conversation-target.ts";
import { fuzz } from "./engine.ts";
import { type DecodeFrame, frameTarget } from "./frame-targets.ts";
import { compositeTarget } from "./metadata-targets.ts";
import { hoarder, PLANTED_MACHINES } from "./planted-machines.ts";
import { climb, isWithin } from "./retention.ts";
import { growthOf, MAX_GROWTH, reassemble } from "./scaling.ts";
import { lengthPrefixTarget, type Pieces, reassemblyTarget, type SourceUnderTest } from "./source-targets.ts";
import type { Target } from "./target.ts";
import { utf8Target } from "./text-targets.ts";

/** The longest that a bug may stay unfound. */
export const FIND_SECONDS = 10;

/** A bug, and how it was found. */
export interface Sabotage {
  readonly name: string;
  /** The law that told, or undefined when nothing did. */
  readonly law: string | undefined;
  readonly seconds: number;
  readonly inputs: number;
}

const offByOne: DecodeFrame = (bytes) => {
  const frame = decodeFrame(bytes);
  if (isFault(frame) || frame.type !== "PAYLOAD" || frame.metadata === undefined || frame.data.length > 0) return frame;
  return { fault: "metadata-length", at: 6 }; // ">=" where ">" belongs
};

const oneByteMore: DecodeFrame = (bytes) => {
  const frame = decodeFrame(bytes);
  if (isFault(frame) || frame.type !== "REQUEST_STREAM" || frame.data.length === 0) return frame;
  return { ...frame, data: new Uint8Array(bytes.buffer, frame.data.byteOffset, frame.data.length + 1) };
};

const ALL_FLAGS = FLAG.IGNORE | FLAG.METADATA | FLAG.FOLLOWS | FLAG.COMPLETE | FLAG.NEXT;
const rareFlags: DecodeFrame = (bytes) => {
  const flags = bytes.length < 6 ? 0 : (bytes[4]! << 8) | bytes[5]!;
  if (flags === ((0x0a << 10) | ALL_FLAGS)) throw new TypeError("planted");
  return decodeFrame(bytes);
};

const shortRead: typeof decodeComposite = (bytes) => {
  const entries = decodeComposite(bytes);
  return isFault(entries) && entries.fault === "truncated" && bytes.length > 0 ? [] : entries;
};

const withoutMark = new TextDecoder("utf-8", { fatal: true }); // drops a byte order mark
function dropsMark(bytes: Uint8Array): string | undefined {
  try {
    return withoutMark.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Takes as long as a pattern with two stars would, on a run of one byte. */
function backtracks(bytes: Uint8Array): string | undefined {
  let run = 0;
  for (let at = 1; at < bytes.length && run < 64; at++) run = bytes[at] === bytes[at - 1] ? run + 1 : 0;
  const endMs = performance.now() + (run < 64 ? 0 : 80);
  while (performance.now() < endMs);
  return utf8Strict(bytes);
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
function utf8Strict(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

const NONE = new Uint8Array(0);

/** Takes memory for what a length prefix promises, at once. */
class Trusting implements SourceUnderTest {
  bytes: Uint8Array = NONE;
  readonly at = 3;
  end = 0;
  readonly owned = true;
  #input: Uint8Array = NONE;
  capacity = 0;

  get heldBytes(): number {
    return this.#input.length;
  }

  get hasInput(): boolean {
    return false;
  }

  push(chunk: Uint8Array): void {
    this.#input = Uint8Array.of(...this.#input, ...chunk);
  }

  keep(): void {}

  next(maxBytes: number): number {
    this.capacity = 0;
    if (this.#input.length < 3) return 0;
    const length = this.#input[0]! * 65_536 + this.#input[1]! * 256 + this.#input[2]!;
    if (length > maxBytes) return -1;
    if (this.#input.length < 3 + length) {
      this.capacity = 3 + length;
      return 0;
    }
    this.bytes = this.#input.slice();
    this.end = 3 + length;
    this.#input = this.#input.slice(this.end);
    return 1;
  }
}

/** Joins all that is there with each fragment, as is easily written. */
class Joining implements Pieces {
  count = 0;
  #metadata: Uint8Array | undefined;
  #data: Uint8Array = NONE;

  get size(): number {
    return this.#data.length + (this.#metadata?.length ?? 0);
  }

  get held(): number {
    return this.size;
  }

  add(metadata: Uint8Array | undefined, data: Uint8Array): boolean {
    // Metadata after data is put in front, as if nothing were wrong.
    if (metadata !== undefined) this.#metadata = joined(this.#metadata ?? NONE, metadata);
    this.#data = joined(this.#data, data);
    this.count++;
    return true;
  }

  metadata(): Uint8Array | undefined {
    return this.#metadata;
  }

  data(): Uint8Array {
    return this.#data;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

/** Every planted bug that a target can find. */
export function plantedTargets(): Map<string, Target> {
  const planted = new Map<string, Target>([
    ["decoder: off by one", frameTarget(offByOne)],
    ["decoder: reads one byte more", frameTarget(oneByteMore)],
    ["decoder: throws on a rare combination of flags", frameTarget(rareFlags)],
    ["metadata: a short read instead of a fault", compositeTarget(shortRead)],
    ["text: drops a byte order mark", utf8Target(dropsMark)],
    ["text: takes very long for some inputs", utf8Target(backtracks)],
    ["length prefix: allocates what is declared", lengthPrefixTarget(() => new Trusting())],
    ["reassembly: metadata after data", reassemblyTarget(() => new Joining())],
  ]);
  for (const [name, make] of PLANTED_MACHINES) planted.set(`machine: ${name}`, conversationTarget("server", make));
  return planted;
}

/** Looks for every planted bug. `collect` calls the collector; without it memory is not looked at. */
export function* sabotage(seed: number, collect: (() => void) | undefined): Generator<Sabotage, void, undefined> {
  for (const [name, target] of plantedTargets()) {
    const before = performance.now();
    const { breach, inputs } = fuzz(target, { seed, seconds: FIND_SECONDS });
    yield { name, law: breach?.law, inputs, seconds: (performance.now() - before) / 1_000 };
  }
  const before = performance.now();
  const shape = {
    name: "planted",
    most: 65_536,
    prepare: (size: number) => () => reassemble(() => new Joining(), size, 8),
  };
  const { growth } = growthOf(shape);
  const law = growth > MAX_GROWTH ? `grows by ${growth.toFixed(2)} when the input doubles` : undefined;
  yield { name: "reassembly: quadratic", law, inputs: 1, seconds: (performance.now() - before) / 1_000 };
  if (collect === undefined) return;
  const began = performance.now();
  const worst = climb(FIND_SECONDS, seed, collect, hoarder, (found) => !isWithin(found));
  const kept = isWithin(worst) ? undefined : `keeps ${worst.retained} bytes of ${worst.received}`;
  yield { name: "machine: keeps what it received", law: kept, inputs: 1, seconds: (performance.now() - began) / 1_000 };
}
