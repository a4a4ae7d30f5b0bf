/**
 * Ending a call early: by its AbortSignal, or by its time. Only the waiting; what is ended is the caller's to know.
 *
 * @module
 */
import { LinkError } from "../contract/errors.ts";
import type { Clock } from "../contract/runtime.ts";
import type { CallOptions } from "../contract/transport.ts";

/** Watches a signal and a clock. Gives a function that stops watching, or undefined when there is nothing to watch. */
export function watch(
  options: CallOptions | undefined,
  clock: Clock,
  what: string,
  onEnd: (reason: unknown) => void,
): (() => void) | undefined {
  const signal = options?.signal;
  const timeoutMs = options?.timeoutMs === Infinity ? undefined : options?.timeoutMs;
  if (signal === undefined && timeoutMs === undefined) return undefined;
  const onAbort = () => {
    stop();
    onEnd(signal!.reason);
  };
  const cancel = timeoutMs === undefined ? undefined : clock.wake(clock.now() + timeoutMs, () => {
    stop();
    onEnd(timeoutError(what, timeoutMs));
  });
  const stop = () => {
    cancel?.();
    signal?.removeEventListener("abort", onAbort);
  };
  signal?.addEventListener("abort", onAbort);
  return stop;
}

/** The error of a call that took too long. */
export function timeoutError(what: string, timeoutMs: number): LinkError {
  const text = `Cannot finish ${what}: it took longer than ${timeoutMs} ms; raise timeoutMs, or check the network`;
  return new LinkError("link-timeout", "timeout", text);
}

/** The options of a call that has used up some of its time already. */
export function lessTime<O extends CallOptions>(options: O | undefined, spentMs: number): O | undefined {
  if (options?.timeoutMs === undefined) return options;
  return { ...options, timeoutMs: Math.max(options.timeoutMs - spentMs, 0) };
}
