/**
 * One try to connect, shared by all who wait for it: each may give up alone, and when nobody waits any more the try
 * itself is ended. It knows nothing of links.
 *
 * @module
 */
import type { Clock } from "../contract/runtime.ts";
import type { CallOptions } from "../contract/transport.ts";
import { watch } from "./call.ts";

/** A try that runs since it was made. */
export class Attempt<T> {
  /** Resolves when the try is over, in whatever way. */
  readonly over: Promise<void>;
  readonly #controller: AbortController = new AbortController();
  readonly #result: Promise<T>;
  #waiting = 0;

  constructor(run: (signal: AbortSignal) => Promise<T>) {
    this.#result = run(this.#controller.signal);
    const settled = () => {};
    this.over = this.#result.then(settled, settled);
  }

  /** Waits for the result, as long as the caller wants to. */
  join(options: CallOptions, clock: Clock, what: string): Promise<T> {
    this.#waiting++;
    return new Promise((resolve, reject) => {
      const unwatch = watch(options, clock, what, (reason) => {
        reject(reason);
        if (--this.#waiting === 0) this.abort(reason);
      });
      this.#result.then((value) => {
        unwatch?.();
        resolve(value);
      }, (error) => {
        unwatch?.();
        reject(error);
      });
    });
  }

  /** Ends the try for all: they reject with the reason. */
  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }
}
