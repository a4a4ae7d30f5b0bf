/**
 * `timeoutMs` and `signal` of a call as one signal, by the clock of the runtime. It never leaves a timer behind.
 *
 * @module
 */
import { LinkError } from "../src/contract/errors.ts";
import type { Clock } from "../src/contract/runtime.ts";
import type { CallOptions } from "../src/contract/transport.ts";

/** Runs the work with a signal that fires when the caller's does, or with a LinkError when `timeoutMs` have passed. */
export async function withinDeadline<T>(
  clock: Clock,
  what: string,
  options: CallOptions,
  work: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  const { signal, timeoutMs } = options;
  signal?.throwIfAborted();
  if (timeoutMs === undefined) return await work(signal);
  const both = new AbortController();
  const forward = () => both.abort(signal?.reason);
  signal?.addEventListener("abort", forward, { once: true });
  const disarm = clock.wake(clock.now() + timeoutMs, () => {
    const text = `${what} took longer than ${timeoutMs} ms. Raise \`timeoutMs\`, or check the network.`;
    both.abort(new LinkError("link-timeout", "timeout", text));
  });
  try {
    return await work(both.signal);
  } finally {
    disarm();
    signal?.removeEventListener("abort", forward);
  }
}
