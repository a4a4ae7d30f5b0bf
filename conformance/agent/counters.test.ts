// Waiting for figures: it ends with the event that brings them about, and with nothing else.
import { describe, expect, it } from "#test";
import { Counters } from "./counters.ts";

const never = new AbortController().signal;

describe("counters", () => {
  it("count what is held, once", () => {
    const counters = new Counters();
    const first = counters.hold("timers");
    const second = counters.hold("timers");
    first();
    first();
    expect(counters.all.timers).toBe(1);
    second();
    expect(counters.all.timers).toBe(0);
  });

  it("end a wait at the event, or at once", async () => {
    const counters = new Counters();
    await counters.waitFor(new Map(), new Map([["timers", 0]]), never);
    let ended = false;
    const bounds = [new Map([["heldItems", 2]]), new Map([["openStreams", 0]])] as const;
    const waiting = counters.waitFor(...bounds, never).then(() => ended = true);
    const release = counters.hold("openStreams");
    counters.add("heldItems", 2);
    await Promise.resolve();
    expect(ended).toBe(false);
    release();
    await waiting;
    expect(ended).toBe(true);
  });

  it("end a wait with the signal's reason", async () => {
    const counters = new Counters();
    const giveUp = new AbortController();
    const waiting = counters.waitFor(new Map([["timers", 1]]), new Map(), giveUp.signal);
    giveUp.abort(new Error("late"));
    await expect(waiting).rejects.toThrow("late");
  });
});
