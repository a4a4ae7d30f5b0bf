// The clock and the randomness of whatever host runs this file.
import { describe, expect, it } from "#test";
import { webClock, webRandom } from "./web.ts";

/** Replaces the host's setTimeout for one call. */
function withTimers<T>(setTimer: (run: () => void, delayMs: number) => unknown, work: () => T): T {
  const host = globalThis as { setTimeout: unknown };
  const real = host.setTimeout;
  host.setTimeout = setTimer;
  try {
    return work();
  } finally {
    host.setTimeout = real;
  }
}

describe("the clock", () => {
  it("wakes at the time or after it, never before", async () => {
    for (const delayMs of [0, 0.4, 1.5, 7.3]) {
      const atMs = webClock.now() + delayMs;
      await new Promise<void>((resolve) => void webClock.wake(atMs, resolve));
      expect(webClock.now()).toBeGreaterThanOrEqual(atMs);
    }
  });

  it("wakes for a time that has passed", async () => {
    await new Promise<void>((resolve) => void webClock.wake(-5, resolve));
  });

  it("does not wake after it was cancelled", async () => {
    let woken = false;
    const cancel = webClock.wake(webClock.now() + 1, () => woken = true);
    cancel();
    cancel();
    await new Promise<void>((resolve) => void webClock.wake(webClock.now() + 10, resolve));
    expect(woken).toBe(false);
  });

  it("sleeps in pieces when the host cannot sleep that long", () => {
    const delays: number[] = [];
    let pending: () => void = () => {};
    let woken = 0;
    withTimers((run, delayMs) => {
      pending = run;
      delays.push(delayMs);
      return 0;
    }, () => {
      webClock.wake(webClock.now() + 5_000_000_000, () => woken++);
      pending();
      pending();
    });
    expect(delays).toEqual([2_147_483_647, 2_147_483_647, 2_147_483_647]);
    expect(woken).toBe(0);
  });

  it("arms nothing for never", () => {
    let armed = 0;
    withTimers(() => armed++, () => webClock.wake(Infinity, () => {})());
    expect(armed).toBe(0);
  });
});

describe("randomness", () => {
  it("fills arrays larger than the host gives at once, and only them", () => {
    const whole = new Uint8Array(200_010);
    webRandom(whole.subarray(5, 200_005));
    expect(whole.subarray(0, 5)).toEqual(new Uint8Array(5));
    expect(whole.subarray(200_005)).toEqual(new Uint8Array(5));
    for (let at = 5; at < 200_005; at += 10_000) {
      expect(whole.subarray(at, at + 10_000).some((byte) => byte !== 0)).toBe(true);
    }
    expect(whole.subarray(5, 1_005)).not.toEqual(whole.subarray(65_541, 66_541));
  });
});
