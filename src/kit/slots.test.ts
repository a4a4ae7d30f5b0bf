// The table of live streams: as a Map would answer, for ids that grow by two and for ids chosen to collide.
import { describe, expect, it } from "#test";
import fc from "fast-check";
import { Slots } from "./slots.ts";

interface Entry {
  readonly id: number;
}

describe("slots", () => {
  it("answer as a Map does, whatever is added and removed", () => {
    // few ids that share slots, and some that are far apart
    const id = fc.oneof(
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 0, max: 6 }).map((n) => n * 4_096 + 1),
      fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    );
    fc.assert(fc.property(fc.array(fc.tuple(id, fc.boolean()), { maxLength: 200 }), (steps) => {
      const slots = new Slots<Entry>();
      const model = new Map<number, Entry>();
      for (const [key, adds] of steps) {
        const present = model.get(key);
        if (adds && present === undefined) {
          const entry = { id: key };
          slots.add(entry);
          model.set(key, entry);
        } else if (!adds && present !== undefined) {
          slots.remove(present);
          model.delete(key);
        }
        expect(slots.size).toBe(model.size);
        expect(slots.get(key)).toBe(model.get(key));
      }
      for (const [key] of steps) expect(slots.get(key)).toBe(model.get(key));
      expect(new Set(slots.values())).toEqual(new Set(model.values()));
      expect(slots.values()).toHaveLength(model.size);
    }));
  });

  it("hold what collides, and find it after the first of them has gone", () => {
    const slots = new Slots<Entry>();
    const entries = [1, 1 + 2_048, 1 + 4_096].map((id) => ({ id }));
    for (const entry of entries) slots.add(entry);
    slots.remove(entries[0]!);
    expect(entries.map(({ id }) => slots.get(id))).toEqual([undefined, entries[1], entries[2]]);
    const again = { id: 1 };
    slots.add(again);
    slots.remove(entries[1]!);
    expect([slots.get(1), slots.get(2_049), slots.get(4_097)]).toEqual([again, undefined, entries[2]]);
    expect(slots.size).toBe(2);
  });

  it("keep every entry while they grow", () => {
    const slots = new Slots<Entry>();
    for (let id = 1; id < 4_000; id += 2) slots.add({ id });
    expect(slots.size).toBe(2_000);
    for (let id = 1; id < 4_000; id += 2) expect(slots.get(id)?.id).toBe(id);
    expect([slots.get(2), slots.get(4_001)]).toEqual([undefined, undefined]);
  });

  it("are empty at first", () => {
    const slots = new Slots<Entry>();
    expect([slots.get(0), slots.size, slots.values().length]).toEqual([undefined, 0, 0]);
  });
});
