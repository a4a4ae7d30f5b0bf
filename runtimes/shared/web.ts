/**
 * The clock and the randomness that every host of the web platform has. It never unrefs a timer: a pending deadline
 * is a reason for the process to live.
 *
 * @module
 */
import type { Clock } from "../../src/contract/runtime.ts";

/** The longest delay a host's timer takes; more would fire at once. */
const MAX_DELAY_MS = 2_147_483_647;
/** The most bytes one call to the host's randomness gives. */
const MAX_RANDOM_BYTES = 65_536;

/** Monotonic time since the process or the page began, and wake-ups by it. */
export const webClock: Clock = {
  now: () => performance.now(),
  wake(atMs, run) {
    if (atMs === Infinity) return () => {};
    let timer: ReturnType<typeof setTimeout>;
    // Hosts round delays down, and cut long ones: whoever wakes too early sleeps again.
    const due = () => performance.now() < atMs ? arm() : run();
    const arm = () => {
      const leftMs = Math.max(0, Math.ceil(atMs - performance.now()));
      timer = setTimeout(due, Math.min(leftMs, MAX_DELAY_MS));
    };
    arm();
    return () => clearTimeout(timer);
  },
};

/** Fills the array from the host's secure source. */
export function webRandom(into: Uint8Array): void {
  for (let at = 0; at < into.length; at += MAX_RANDOM_BYTES) {
    crypto.getRandomValues(into.subarray(at, at + MAX_RANDOM_BYTES) as Uint8Array<ArrayBuffer>);
  }
}
