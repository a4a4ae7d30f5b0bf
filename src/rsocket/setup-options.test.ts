// What a client may offer in SETUP: refused before anything is connected. RSocket 1.0, "SETUP Frame".
import { describe, expect, it } from "#test";
import { setupFrame } from "./setup.ts";

describe("setupFrame()", () => {
  it("takes a lifetime that is longer than the keepalive interval, and refuses one that is not", () => {
    expect(setupFrame({ keepAliveMs: 1_000, lifetimeMs: 1_001 }).lifetimeMs).toBe(1_001);
    expect(() => setupFrame({ keepAliveMs: 1_000, lifetimeMs: 1_000 })).toThrow("would end before it asks");
  });
});
