// What finds frames, lines and payloads in chunks, as targets: the same is found for any segmentation, and what is held
// is bounded by what arrived.
import { Lines } from "../../src/cli/lines.ts";
import { Reassembly } from "../../src/rsocket/fragments.ts";
import type { FrameSource } from "../../src/rsocket/frame-source.ts";
import { MessageFrames } from "../../src/rsocket/frame-source.ts";
import { LengthPrefix } from "../../src/rsocket/length-prefix.ts";
import { generateFrame } from "./generate-frame.ts";
import { Input } from "./input.ts";
import { hashOf, Random } from "./random.ts";
import { frameSeeds, prefixedFrame } from "./seeds.ts";
import { hold, sameBytes, type Target } from "./target.ts";

const MAX_FRAME = 0xff_ffff;
const scratch = new Input();

/** Cuts bytes at random and hands each piece over in memory of its own, which is overwritten afterwards. */
function cut(bytes: Uint8Array, random: Random, give: (piece: Uint8Array) => void): void {
  const most = 1 + random.below(random.chance(3) ? 3 : 64);
  for (let at = 0; at < bytes.length;) {
    const piece = bytes.slice(at, at + 1 + random.below(most));
    at += piece.length;
    give(piece);
    piece.fill(0xdd);
  }
}

/** What LengthPrefix must have in common with a planted one. */
export type SourceUnderTest = FrameSource & Pick<LengthPrefix, "capacity" | "heldBytes">;

/** LengthPrefix, whole and cut. */
export function lengthPrefixTarget(make: () => SourceUnderTest = () => new LengthPrefix()): Target {
  return {
    name: "length-prefix",
    about: "LengthPrefix: the same frames for any segmentation, holding at most twice what arrived",
    kind: "stateless",
    covers: [LengthPrefix],
    seeds: frameSeeds().map(prefixedFrame),
    generate(input, random) {
      for (let count = 1 + random.below(4); count > 0; count--) {
        generateFrame(scratch.clear(), random);
        input.u24(scratch.length).append(scratch.view());
      }
      return true;
    },
    run(bytes, valid) {
      const random = new Random(hashOf(bytes));
      // A limit in the middle of what was made, now and then.
      const max = random.chance(4) ? random.below(64) : MAX_FRAME;
      const source = make();
      const found: Uint8Array[] = [];
      const owned: [Uint8Array, Uint8Array][] = [];
      let refused = false;
      let arrived = 0;
      cut(bytes, random, (piece) => {
        if (refused) return;
        arrived += piece.length;
        source.push(piece);
        if (random.chance(8)) return source.keep();
        refused = drain(source, max, found, owned);
        hold(source.capacity <= Math.max(2 * source.heldBytes, 64), "holds more than twice what arrived");
        hold(source.heldBytes <= arrived, "holds more than arrived");
      });
      if (!refused) refused = drain(source, max, found, owned);
      checkFrames(bytes, max, found, refused);
      for (const [view, copy] of owned) hold(sameBytes(view, copy), "a frame of its own was overwritten");
      if (valid && max === MAX_FRAME) hold(found.length > 0 && source.heldBytes === 0, "missed a valid frame");
      return refused ? "frame-too-large" : found.length > 0 ? "+frames" : "no whole frame";
    },
  };
}

function drain(source: FrameSource, max: number, found: Uint8Array[], owned: [Uint8Array, Uint8Array][]): boolean {
  for (;;) {
    const state = source.next(max);
    if (state !== 1) return state < 0;
    const frame = source.bytes.slice(source.at, source.end);
    found.push(frame);
    if (source.owned) owned.push([source.bytes.subarray(source.at, source.end), frame]);
  }
}

/** The frames that lie in bytes, found without any state. */
function checkFrames(bytes: Uint8Array, max: number, found: readonly Uint8Array[], refused: boolean): void {
  let count = 0;
  let at = 0;
  for (; at + 3 <= bytes.length; count++) {
    const length = bytes[at]! * 65_536 + bytes[at + 1]! * 256 + bytes[at + 2]!;
    if (length > max) return hold(refused && count === found.length, "a frame over the limit was not refused");
    if (at + 3 + length > bytes.length) break;
    const frame = found[count];
    hold(frame !== undefined, "a frame was not found");
    hold(sameBytes(frame!, bytes.subarray(at + 3, at + 3 + length)), "a frame has other bytes");
    at += 3 + length;
  }
  hold(count === found.length && !refused, "frames were found that are not there");
}

/** MessageFrames: messages of the lengths that the input names. */
export function messageFramesTarget(): Target {
  return {
    name: "message-frames",
    about: "MessageFrames: every message once, in order, intact when its memory is reused after keep",
    kind: "stateless",
    covers: [MessageFrames],
    seeds: [new Uint8Array([1, 2, 0, 3, 9, 9, 9])],
    generate(input, random) {
      input.fill(1 + random.below(40), () => random.u32());
      return false;
    },
    run(bytes) {
      const random = new Random(hashOf(bytes));
      const source = new MessageFrames();
      const sent: Uint8Array[] = [];
      const found: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += sent.at(-1)!.length + 1) {
        const message = bytes.slice(at + 1, at + 1 + (bytes[at]! & 15));
        sent.push(message.slice());
        source.push(message);
        if (random.chance(2)) {
          source.keep();
          message.fill(0xdd);
        } else drain(source, MAX_FRAME, found, []);
      }
      drain(source, MAX_FRAME, found, []);
      hold(found.length === sent.length, "another number of messages");
      hold(found.every((one, index) => sameBytes(one, sent[index]!)), "a message has other bytes");
      hold(!source.hasInput && source.bytes.length === 0, "keeps what was read");
      return sent.length > 0 ? "+messages" : "none";
    },
  };
}

/** Lines of the command line. */
export function linesTarget(): Target {
  return {
    name: "lines",
    about: "Lines: the same lines for any segmentation, as splitting the whole text",
    kind: "stateless",
    covers: [Lines],
    seeds: [new Uint8Array([0x61, 13, 10, 10, 0x62]), new Uint8Array([0x61, 0x61, 13, 13, 10])],
    generate(input, random) {
      input.fill(random.size(), () => random.pick([10, 13, 0x61, 0x62, 0x20]));
      return false;
    },
    run(bytes) {
      const random = new Random(hashOf(bytes));
      const most = 1 + random.below(random.chance(2) ? 6 : 2_000);
      const lines = new Lines(most);
      const found: string[] = [];
      const take = (all: Iterable<{ bytes: Uint8Array | undefined }>): void => {
        for (const one of all) found.push(one.bytes === undefined ? "too long" : String(hashOf(one.bytes)));
      };
      cut(bytes, random, (piece) => take(lines.push(piece)));
      take(lines.end());
      const expected = split(bytes).map((line) => line.length > most ? "too long" : String(hashOf(line)));
      hold(
        found.join() === expected.join(),
        "other lines than the whole text has",
        () => `${found.join()}, not ${expected.join()}`,
      );
      return found.includes("too long") ? "too-long" : "+lines";
    },
  };
}

function split(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(10, at);
    const line = bytes.subarray(at, end < 0 ? bytes.length : end);
    lines.push(line.at(-1) === 13 ? line.subarray(0, -1) : line);
    at = (end < 0 ? bytes.length : end) + 1;
  }
  return lines;
}

/** What Reassembly must have in common with a planted one. */
export type Pieces = Pick<Reassembly, "add" | "count" | "data" | "held" | "metadata" | "size">;

/** Reassembly against joining everything at the end. */
export function reassemblyTarget(make: () => Pieces = () => new Reassembly()): Target {
  return {
    name: "reassembly",
    about: "Reassembly: metadata and data as joined at the end, holding at most twice what arrived",
    kind: "stateless",
    covers: [Reassembly],
    seeds: [new Uint8Array([0x81, 0x42, 9, 8, 7, 3, 1, 2, 3])],
    generate(input, random) {
      let mayHaveMetadata = random.chance(2);
      for (let count = 1 + random.below(8); count > 0; count--) {
        const metadata = mayHaveMetadata ? random.below(8) : 0;
        const data = mayHaveMetadata && random.chance(2) ? 0 : random.below(16);
        if (data > 0) mayHaveMetadata = false;
        input.u8((metadata << 4) | data | (metadata > 0 ? 0x80 : 0)).fill(metadata + data, () => random.u32());
      }
      return true;
    },
    run(bytes, valid) {
      const partial = make();
      const [metadata, data]: [number[], number[]] = [[], []];
      let hasMetadata = false;
      for (let at = 0; at < bytes.length;) {
        const head = bytes[at++]!;
        const first = bytes.subarray(at, at + ((head >>> 4) & 7));
        const second = bytes.subarray(at + first.length, at + first.length + (head & 15));
        at += first.length + second.length;
        const given = (head & 0x80) !== 0 ? first : undefined;
        const inOrder = partial.add(given, second);
        hold(inOrder === (given === undefined || given.length === 0 || data.length === 0), "another order is allowed");
        if (!inOrder) {
          hold(!valid, "refused valid fragments");
          return "fragment-invalid";
        }
        hasMetadata ||= given !== undefined;
        metadata.push(...(given ?? []));
        data.push(...second);
        hold(partial.size === metadata.length + data.length, "another size");
        hold(partial.held <= 2 * partial.size, "holds more than twice what arrived");
      }
      hold(sameBytes(partial.data(), Uint8Array.from(data)), "other data");
      hold((partial.metadata() !== undefined) === hasMetadata, "metadata there and not there");
      if (hasMetadata) hold(sameBytes(partial.metadata()!, Uint8Array.from(metadata)), "other metadata");
      return "+payload";
    },
  };
}
