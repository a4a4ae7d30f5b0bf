/**
 * Running the virtual clock together with code that uses promises: one wake, then everything the promises do, then the
 * next wake. It never runs two wakes without a settle between them, so no order depends on how long a chain is.
 *
 * @module
 */
import { LinkError } from "../../src/contract/errors.ts";
import type { VirtualClock } from "./clock.ts";
import { settle } from "./settle.ts";

/** More wakes than this at one moment are a loop that no virtual time will end. */
const MOST_WAKES_AT_ONCE = 1_000_000;

/** Runs everything due in the next `ms`, and leaves the time there. */
export async function advance(clock: VirtualClock, ms: number): Promise<void> {
  const end = clock.now() + ms;
  await run(clock, end, () => false);
  clock.moveTo(end);
}

/**
 * Runs until no wake is left, at most `maxVirtualMs`. False when the time was over first: something rearms itself,
 * a keepalive for example, or waits longer.
 */
export async function runUntilIdle(clock: VirtualClock, maxVirtualMs: number): Promise<boolean> {
  await run(clock, clock.now() + maxVirtualMs, () => false);
  return clock.pending === 0;
}

/**
 * Runs until the promise settles and gives what it gives. Rejects with a LinkError of reason "timeout" when it has not
 * settled after `maxVirtualMs`, or when nothing is left that could settle it.
 */
export async function complete<T>(clock: VirtualClock, promise: Promise<T>, maxVirtualMs: number): Promise<T> {
  let settled = false;
  const watch = () => {
    settled = true;
  };
  promise.then(watch, watch);
  const start = clock.now();
  await run(clock, start + maxVirtualMs, () => settled);
  if (settled) return promise;
  const left = clock.pending === 0 ? "nothing is left to wait for" : `${clock.pending} wakes are left`;
  throw new LinkError("link-timeout", "timeout", `Cannot complete: unsettled after ${clock.now() - start} ms, ${left}`);
}

async function run(clock: VirtualClock, end: number, done: () => boolean): Promise<void> {
  const release = clock.drive();
  let moment = clock.now();
  let wakes = 0;
  try {
    await settle();
    while (!done() && clock.next <= end && clock.step()) {
      wakes = clock.now() === moment ? wakes + 1 : 0;
      moment = clock.now();
      if (wakes > MOST_WAKES_AT_ONCE) throw new Error(`Cannot go on: ${wakes} wakes at ${moment} ms`);
      await settle();
    }
  } finally {
    release();
  }
}
