// Shapes: drawn from the seed, or read from a URL's query.
import { describe, expect, it } from "#test";
import { UsageError } from "../../src/contract/errors.ts";
import { Random } from "./random.ts";
import { CALM, drawShape, shapeFrom } from "./shape.ts";

describe("drawShape()", () => {
  it("gives the same shape for the same seed, and many over many seeds", () => {
    expect(drawShape(new Random(3))).toEqual(drawShape(new Random(3)));
    const drawn = Array.from({ length: 50 }, (_, seed) => JSON.stringify(drawShape(new Random(seed))));
    expect(new Set(drawn).size).toBe(50);
  });

  it("cuts only when asked to", () => {
    const shapes = Array.from({ length: 50 }, (_, seed) => [seed, drawShape(new Random(seed)).cutChance] as const);
    expect(shapes.filter(([, chance]) => chance > 0)).toHaveLength(0);
    expect(shapes.filter(([seed]) => drawShape(new Random(seed), true).cutChance > 0).length).toBeGreaterThan(10);
  });
});

describe("shapeFrom()", () => {
  it("takes what the query names and leaves the rest", () => {
    const shape = shapeFrom(new URLSearchParams("kind=bytes&latencyMs=40&bytesPerSecond=1e3"), CALM);
    expect(shape).toEqual({ ...CALM, latencyMs: 40, bytesPerSecond: 1000 });
  });

  it("refuses unknown names and what is no number", () => {
    expect(() => shapeFrom(new URLSearchParams("latency=4"), CALM)).toThrow(UsageError);
    expect(() => shapeFrom(new URLSearchParams("latencyMs=soon"), CALM)).toThrow('latencyMs is "soon"');
    expect(() => shapeFrom(new URLSearchParams("latencyMs="), CALM)).toThrow(UsageError);
  });
});
