// A signal that fires at a time or with another signal. It takes the host's own clock, not the one under the meter.
import type { Clock } from "../../src/contract/runtime.ts";

/** A signal, and the end of its timer. */
export interface Deadline {
  readonly signal: AbortSignal;
  disarm(): void;
}

/** Fires after `ms`, saying what took too long (asked then, so that it can be exact), or when `outer` does. */
export function deadline(clock: Clock, ms: number, what: () => string, outer: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  const forward = () => controller.abort(outer?.reason);
  const cancel = clock.wake(clock.now() + ms, () => controller.abort(new Error(`${what()} took longer than ${ms} ms`)));
  if (outer?.aborted === true) forward();
  outer?.addEventListener("abort", forward, { once: true });
  return {
    signal: controller.signal,
    disarm() {
      cancel();
      outer?.removeEventListener("abort", forward);
    },
  };
}
