// Limits as users give them: what is absent is the default, and what cannot be is refused by name.
import { describe, expect, it } from "#test";
import { DEFAULT_LIMITS, type Limits } from "../contract/limits.ts";
import { limitsOf } from "./limits.ts";

describe("limits", () => {
  it("are the defaults where nothing is given", () => {
    expect(limitsOf(undefined)).toBe(DEFAULT_LIMITS);
    expect(limitsOf({})).toEqual(DEFAULT_LIMITS);
    expect(limitsOf({ maxSendBytes: undefined } as unknown as Partial<Limits>)).toEqual(DEFAULT_LIMITS);
  });

  it("are what is given, and nothing else changes", () => {
    const given = { maxFrameBytes: 5, maxConcurrentStreams: 0, writeStallMs: Infinity };
    expect(limitsOf(given)).toEqual({ ...DEFAULT_LIMITS, ...given });
  });

  it("give fragments a 32nd of the payload, unless both are given", () => {
    expect(DEFAULT_LIMITS.maxFragmentsPerPayload).toBe(DEFAULT_LIMITS.maxPayloadBytes / 32);
    expect(limitsOf({ maxPayloadBytes: 3_201 }).maxFragmentsPerPayload).toBe(101);
    expect(limitsOf({ maxPayloadBytes: 1 }).maxFragmentsPerPayload).toBe(16);
    expect(limitsOf({ maxPayloadBytes: 3_201, maxFragmentsPerPayload: 3 }).maxFragmentsPerPayload).toBe(3);
  });

  it("refuse what is no number, no integer, or negative", () => {
    for (const value of [Number.NaN, -1, 1.5, "5", null]) {
      const given = { maxSetupBytes: value } as unknown as Partial<Limits>;
      expect(() => limitsOf(given)).toThrow(`Cannot use the limit maxSetupBytes of ${value}`);
    }
  });

  it("refuse names that are none, also those every object has", () => {
    for (const name of ["maxPayloadByte", "constructor", "toString"]) {
      expect(() => limitsOf({ [name]: 5 })).toThrow(`Cannot use the limit ${name}: there is none`);
    }
  });

  it("take a lifetime of 100 ms as the shortest floor, and a high-water mark of 1", () => {
    expect(limitsOf({ minLifetimeMs: 100 }).minLifetimeMs).toBe(100);
    expect(() => limitsOf({ minLifetimeMs: 99 })).toThrow("100 or more");
    expect(limitsOf({ sendHighWaterBytes: 1 }).sendHighWaterBytes).toBe(1);
    expect(() => limitsOf({ sendHighWaterBytes: 0 })).toThrow("1 or more");
  });
});
