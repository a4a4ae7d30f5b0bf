// What large payloads cost: copies grow with the bytes, not with their square, and memory with what came.
// Copied bytes are counted by Uint8Array.prototype.set and slice, which is how this code copies.
import { describe, expect, it } from "#test";
import { setup } from "../../conformance/transcript/frames.ts";
import { concat, prefixed } from "../../conformance/transcript/player.ts";
import { RSocketConnection } from "./connection.ts";
import { encodeFrame } from "./encode.ts";
import { Reassembly } from "./fragments.ts";
import { FLAG, FRAME_TYPE } from "./frame.ts";
import { LengthPrefix } from "./length-prefix.ts";

const MIB = 1_048_576;

/** The methods that copy, as properties. */
interface Copying {
  set: (this: Uint8Array, source: ArrayLike<number>, offset?: number) => void;
  slice: (this: Uint8Array, start?: number, end?: number) => Uint8Array;
}

/** Runs with every copy counted. */
function copied(run: () => void): number {
  const methods = Uint8Array.prototype as unknown as Copying;
  const { set, slice } = methods;
  let bytes = 0;
  methods.set = function (source, offset) {
    bytes += source.length;
    set.call(this, source, offset);
  };
  methods.slice = function (start, end) {
    const part = slice.call(this, start, end);
    bytes += part.length;
    return part;
  };
  try {
    run();
  } finally {
    methods.set = set;
    methods.slice = slice;
  }
  return bytes;
}

/** A REQUEST_RESPONSE of `total` bytes in fragments of `size` bytes on the wire, as one array. */
function fragmented(total: number, size: number): Uint8Array {
  const room = size - 9;
  const count = Math.ceil(total / room);
  const wire = new Uint8Array(total + count * 9);
  for (let index = 0, at = 0; index < count; index++) {
    const length = 6 + Math.min(room, total - index * room);
    const type = index === 0 ? FRAME_TYPE.REQUEST_RESPONSE << 10 : (FRAME_TYPE.PAYLOAD << 10) | FLAG.NEXT;
    const flags = type | (index < count - 1 ? FLAG.FOLLOWS : 0);
    wire.set([length >>> 16, (length >>> 8) & 0xff, length & 0xff, 0, 0, 0, 1, flags >>> 8, flags & 0xff], at);
    at += 3 + length;
  }
  return wire;
}

/** Feeds an accepting server in chunks and gives the sizes of the requests it heard. */
function serve(wire: Uint8Array, chunkBytes: number): number[] {
  const machine = new RSocketConnection({ role: "server", framing: "prefixed" }, 0);
  const heard: number[] = [];
  const feed = (chunk: Uint8Array): void => {
    machine.receive(chunk, 0);
    for (let output = machine.poll(); output !== undefined; output = machine.poll()) {
      if (output.type !== "event") continue;
      if (output.event.type === "setup") machine.accept();
      if (output.event.type === "request") heard.push(output.event.data.length);
    }
  };
  feed(prefixed(encodeFrame(setup())));
  for (let at = 0; at < wire.length; at += chunkBytes) feed(wire.subarray(at, at + chunkBytes));
  return heard;
}

describe("a payload of 16 MiB", () => {
  it("in fragments of 64 bytes is taken within the default limits, and each byte is copied a few times at most", () => {
    const wire = fragmented(16 * MIB, 64);
    let heard: number[] = [];
    const bytes = copied(() => heard = serve(wire, 65_536));
    expect(heard).toEqual([16 * MIB]);
    expect(bytes).toBeLessThan(3 * wire.length);
  }, 30_000);

  it("as one frame that comes a KiB at a time is copied a few times at most", () => {
    const frame = new Uint8Array(0xff_ffff);
    frame.set([0, 0, 0, 1, FRAME_TYPE.REQUEST_RESPONSE << 2, 0]);
    const wire = prefixed(frame);
    let heard: number[] = [];
    const bytes = copied(() => heard = serve(wire, 1_024));
    expect(heard).toEqual([0xff_ffff - 6]);
    expect(bytes).toBeLessThan(3 * wire.length);
  }, 30_000);

  it("costs twice as much as one of 8 MiB, not four times", () => {
    const cost = (mebibytes: number): number => copied(() => serve(fragmented(mebibytes * MIB, 1_000), 1_024));
    expect(cost(16) / cost(8)).toBeLessThan(2.6);
  }, 30_000);
});

describe("memory", () => {
  it("held of an unfinished frame is at most twice what came, and 64 KiB", () => {
    const source = new LengthPrefix();
    const wire = concat([Uint8Array.of(0xff, 0xff, 0xff), new Uint8Array(3 * MIB)]);
    for (let at = 0; at < wire.length; at += 1_000) {
      source.push(wire.subarray(at, at + 1_000));
      expect(source.next(0xff_ffff)).toBe(0);
      if (source.capacity > 2 * (at + 1_000) + 65_536) {
        throw new RangeError(`${source.capacity} bytes held after ${at}`);
      }
    }
    expect(source.heldBytes).toBe(wire.length);
  });

  it("held of an unfinished payload is at most twice what came, and 64 KiB", () => {
    const payload = new Reassembly();
    const part = new Uint8Array(777);
    for (let size = 777; size < 3 * MIB; size += 777) {
      payload.add(undefined, part);
      if (payload.held > 2 * size + 65_536) throw new RangeError(`${payload.held} bytes held for ${size}`);
    }
    expect(payload.size).toBeGreaterThan(2 * MIB);
  });

  it("is not taken for fragments that are empty", () => {
    const payload = new Reassembly();
    for (let count = 0; count < 10_000; count++) payload.add(new Uint8Array(0), new Uint8Array(0));
    expect([payload.held, payload.count]).toEqual([0, 10_000]);
  });
});
