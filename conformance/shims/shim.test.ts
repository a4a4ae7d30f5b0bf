// What every "#test" shim owes: the same names, the same matchers, the same count on each runtime.
// Skips, failures and late errors are proved by conformance/cross/runner.test.ts, which plants them.
import { describe, expect, it } from "#test";
import { skippedName, skipReason } from "./contract.ts";

class Ended extends Error {}

describe("the test shim", () => {
  it("runs a synchronous test", () => {
    expect(1 + 1).toBe(2);
  });

  it("awaits an asynchronous test", async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    await expect(Promise.resolve("a")).resolves.toBe("a");
    await expect(Promise.reject(new Ended("over"))).rejects.toThrow("over");
    await expect(Promise.reject(new Ended("over"))).rejects.toBeInstanceOf(Ended);
  });

  it("takes a timeout", () => expect(true).toBeTruthy(), 1000);

  describe("inside a group", () => {
    it("knows nested groups", () => {
      expect("nested").toHaveLength(6);
    });
  });

  it("keeps the reason of a skip in its name", () => {
    expect(skipReason(skippedName("a test", "no UDP here (yet)"))).toBe("no UDP here (yet)");
    expect(skipReason("a test (of something)")).toBeUndefined();
  });
});

describe("expect", () => {
  it("compares bytes and structures", () => {
    expect(new Uint8Array([1, 2])).toEqual(new Uint8Array([1, 2]));
    expect(new Uint8Array([1, 2])).not.toEqual(new Uint8Array([1, 3]));
    expect({ a: [1, { b: 2n }] }).toStrictEqual({ a: [1, { b: 2n }] });
    expect({ a: 1, b: 2 }).toMatchObject({ a: 1 });
    expect([1, 2]).toContain(2);
    expect([{ a: 1 }]).toContainEqual({ a: 1 });
  });

  it("compares numbers, types and texts", () => {
    expect(3).toBeGreaterThan(2);
    expect(3).toBeLessThanOrEqual(3);
    expect(0.1 + 0.2).toBeCloseTo(0.3, 10);
    expect(Number.NaN).toBeNaN();
    expect("x").toBeTypeOf("string");
    expect("headrace").toMatch(/^head/);
    expect({ a: { b: 1 } }).toHaveProperty("a.b", 1);
    expect(undefined).toBeUndefined();
    expect(null).toBeNull();
    expect(0).toBeFalsy();
    expect(0).toBeDefined();
  });

  it("sees what is thrown, and fails where nothing is", () => {
    const raise = () => {
      throw new Ended("the end");
    };
    expect(raise).toThrow(Ended);
    expect(raise).toThrow(/the end/);
    expect(() => expect(1).toBe(2)).toThrow();
    expect(() => expect(raise).not.toThrow()).toThrow();
  });

  it("has the asymmetric matchers", () => {
    expect({ id: 7, name: "wheel", tags: ["a", "b"] }).toEqual({
      id: expect.any(Number),
      name: expect.stringContaining("whe"),
      tags: expect.arrayContaining(["b"]),
    });
    expect({ a: 1, b: "x1" }).toEqual(expect.objectContaining({ b: expect.stringMatching(/\d/) }));
    expect([0]).toEqual([expect.anything()]);
  });
});
