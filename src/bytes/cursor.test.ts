// The reader and the growing writer: each undoes the other, and reading past the end gives zeros and never throws.
import { describe, expect, it } from "#test";
import fc from "fast-check";
import { Builder } from "./builder.ts";
import { Cursor } from "./cursor.ts";
import { isFault } from "./fault.ts";

const u = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });

describe("cursor and builder", () => {
  it("read what was written, big-endian", () => {
    const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    fc.assert(fc.property(u(8), u(16), u(24), u(32), u64, fc.uint8Array(), u(6), (a, b, c, d, e, bytes, capacity) => {
      const built = new Builder(capacity).u8(a).u16(b).u24(c).u32(d).u64(e).append(bytes).build();
      expect(built).toHaveLength(18 + bytes.length);
      const cursor = new Cursor(built);
      expect([cursor.u8(), cursor.u16(), cursor.u24(), cursor.u32()]).toEqual([a, b, c, d]);
      expect([cursor.u64(), cursor.rest(), cursor.left, cursor.failed]).toEqual([e, bytes, 0, false]);
    }));
    expect([...new Builder().u16(0x0102).u24(0x030405).u32(0x06070809).build()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...new Builder().u64(0x0102030405060708n).build()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("give bytes of their own, and views", () => {
    const builder = new Builder(4).u8(1);
    const built = builder.build();
    builder.u8(2);
    expect([...built]).toEqual([1]);
    const bytes = Uint8Array.of(1, 2, 3);
    const view = new Cursor(bytes, 1).take(2);
    bytes[2] = 9;
    expect([...view]).toEqual([2, 9]);
  });
});

describe("a cursor", () => {
  it("gives zeros past the end, and fails for good", () => {
    const whole = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
    const reads: readonly (readonly [bytes: number, read: (cursor: Cursor) => unknown, zero: unknown])[] = [
      [1, (c) => c.u8(), 0],
      [2, (c) => c.u16(), 0],
      [3, (c) => c.u24(), 0],
      [4, (c) => c.u32(), 0],
      [8, (c) => c.u64(), 0n],
      [5, (c) => c.take(5).length, 0],
    ];
    for (const [size, read, zero] of reads) {
      for (let length = 0; length < Math.min(size, 8); length++) {
        const cursor = new Cursor(whole.subarray(0, length));
        expect([read(cursor), cursor.failed, cursor.left, cursor.u8(), cursor.failed]).toEqual([
          zero,
          true,
          0,
          0,
          true,
        ]);
      }
    }
  });

  it("stays within the part it was given", () => {
    const cursor = new Cursor(Uint8Array.of(1, 2, 3, 4), 1, 3);
    expect([cursor.left, cursor.u8(), cursor.u8(), cursor.failed, cursor.u8(), cursor.failed]).toEqual([
      2,
      2,
      3,
      false,
      0,
      true,
    ]);
    expect(new Cursor(Uint8Array.of(1), 1).rest()).toHaveLength(0);
  });

  it("takes nothing without failing", () => {
    const cursor = new Cursor(new Uint8Array(0));
    expect([cursor.take(0).length, cursor.rest().length, cursor.failed]).toEqual([0, 0, false]);
  });
});

describe("a fault", () => {
  it("is told from values", () => {
    expect(isFault({ fault: "truncated", at: 1 })).toBe(true);
    expect([undefined, null, 1, "fault", {}, { type: "CANCEL" }].some(isFault)).toBe(false);
  });
});
