// The golden fragmentation sequences of three peers: put together they give the payload, and our own split at 64 bytes
// gives exactly the frames of rsocket-java, which counts as we do. No connection is involved.
import { describe, expect, it } from "#test";
import { type FragmentationSequence, rsocketVectors } from "../../conformance/vectors/rsocket.ts";
import { isFault } from "../bytes/fault.ts";
import { fromHex, toHex } from "../bytes/hex.ts";
import { slabPool } from "../bytes/slabs.ts";
import { Outbox } from "../kit/outbox.ts";
import { decodeFrame } from "./decode.ts";
import { Reassembly, writeFragments } from "./fragments.ts";
import { FLAG, type Frame, FRAME_TYPE, type FrameType, HEADER_BYTES } from "./frame.ts";
import { PREFIX_BYTES } from "./length-prefix.ts";
import { FrameWriter } from "./writer.ts";

const expected = 23;
const { fragmentation_sequences: sequences } = rsocketVectors;

function decoded(hex: string): Frame & { metadata?: Uint8Array; data: Uint8Array; follows: boolean } {
  const frame = decodeFrame(fromHex(hex)!);
  if (isFault(frame)) throw new Error(`${frame.fault} at ${frame.at}`);
  return frame as Frame & { metadata?: Uint8Array; data: Uint8Array; follows: boolean };
}

/** RSocket 1.0, "Fragmentation And Reassembly": F on all but the last; PAYLOAD with N after the first; C on the last. */
function expectLegalFlags({ name, type, stream_id, frames, flags, options }: FragmentationSequence): void {
  frames.forEach((hex, index) => {
    const frame = decoded(hex);
    const first = index === 0;
    const last = index === frames.length - 1;
    const what = `${name} frame ${index}`;
    expect(frame.streamId, what).toBe(stream_id);
    expect(frame.type, what).toBe(first ? type : "PAYLOAD");
    expect(frame.follows, what).toBe(!last);
    if (frame.type === "PAYLOAD") {
      expect(frame.next, what).toBe(true);
      expect(frame.complete, what).toBe(last && (options.complete ?? false));
    }
    expect(bitsOf(hex).toString(16).padStart(3, "0"), what).toBe(flags[index]);
    expect((bitsOf(hex) & FLAG.METADATA) !== 0, what).toBe(frame.metadata !== undefined);
  });
}

function bitsOf(hex: string): number {
  return parseInt(hex.slice(8, 12), 16) & 0x3ff;
}

/** Our own frames for the payload of a sequence, in hexadecimal without their prefixes. */
function split(sequence: FragmentationSequence, fragmentBytes: number): string[] {
  const out = new Outbox<never>(slabPool());
  const writer = new FrameWriter(out, "message");
  const type = FRAME_TYPE[sequence.type as FrameType] << 10;
  const { next, complete, request_n } = sequence.options;
  writeFragments(
    writer,
    fragmentBytes,
    0,
    sequence.stream_id,
    type | (next === true ? FLAG.NEXT : 0),
    request_n ?? -1,
    sequence.metadata === null ? undefined : fromHex(sequence.metadata)!,
    fromHex(sequence.data ?? "")!,
    complete === true ? FLAG.COMPLETE : 0,
  );
  const frames: string[] = [];
  for (let output = out.shift(); output !== undefined; output = out.shift()) {
    if (output.type === "send") frames.push(toHex(output.bytes));
  }
  return frames;
}

function reassembled(frames: readonly string[]): { metadata: string | null; data: string } {
  const whole = new Reassembly();
  for (const hex of frames) {
    const { metadata, data } = decoded(hex);
    expect(whole.add(metadata, data)).toBe(true);
  }
  const metadata = whole.metadata();
  return { metadata: metadata === undefined ? null : toHex(metadata), data: toHex(whole.data()) };
}

describe("the golden fragmentation sequences", () => {
  it(`are ${expected} with different names, and none is marked as defective`, () => {
    expect(sequences).toHaveLength(expected);
    expect(new Set(sequences.map(({ name }) => name)).size).toBe(expected);
    expect(sequences.filter(({ defects }) => defects.length > 0)).toEqual([]);
  });

  it("have legal flags and give their payloads when put together", () => {
    let passed = 0;
    for (const sequence of sequences) {
      expectLegalFlags(sequence);
      expect(reassembled(sequence.frames), sequence.name).toEqual({
        metadata: sequence.metadata,
        data: sequence.data ?? "",
      });
      passed++;
    }
    console.log(`golden fragmentation sequences: ${passed}/${expected}`);
    expect(passed).toBe(expected);
  });

  it("of rsocket-java are what we send with 64 bytes for a fragment", () => {
    const fromJava = sequences.filter(({ producer }) => producer === "rsocket-java");
    for (const sequence of fromJava) expect(split(sequence, 64), sequence.name).toEqual(sequence.frames);
    console.log(`byte-identical to rsocket-java at 64 bytes: ${fromJava.length}`);
    expect(fromJava).toHaveLength(5);
  });

  it("come back from our own split at any size, within the size and with legal flags", () => {
    for (const sequence of sequences) {
      for (const size of [64, 65, 67, 100, 255, 256, 4_096]) {
        const frames = split(sequence, size);
        const what = `${sequence.name} at ${size}`;
        expectLegalFlags({
          ...sequence,
          name: what,
          frames,
          flags: frames.map((hex) => bitsOf(hex).toString(16).padStart(3, "0")),
        });
        expect(Math.max(...frames.map((hex) => hex.length / 2 + PREFIX_BYTES)), what).toBeLessThanOrEqual(size);
        expect(Math.min(...frames.map((hex) => hex.length / 2)), what).toBeGreaterThan(HEADER_BYTES);
        expect(reassembled(frames), what).toEqual({ metadata: sequence.metadata, data: sequence.data ?? "" });
      }
    }
  });

  it("refuse metadata behind data", () => {
    const whole = new Reassembly();
    expect(whole.add(undefined, new Uint8Array([1]))).toBe(true);
    expect(whole.add(new Uint8Array([2]), new Uint8Array(0))).toBe(false);
  });
});
