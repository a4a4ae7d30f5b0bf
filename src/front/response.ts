/**
 * A request-response as a promise.
 *
 * @module
 */
import { NO_PAYLOAD, type Payload, payloadOf } from "./payload.ts";
import type { PayloadSink } from "./requester.ts";

/** Settles a promise with the one answer. */
export class ResponseSink implements PayloadSink {
  /** Stops watching signal and time, where there are any. */
  unwatch: (() => void) | undefined;
  readonly #resolve: (payload: Payload) => void;
  readonly #reject: (error: unknown) => void;

  constructor(resolve: (payload: Payload) => void, reject: (error: unknown) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  next(data: Uint8Array, metadata: Uint8Array | undefined, _complete: boolean, owned: boolean): void {
    this.unwatch?.();
    this.#resolve(payloadOf(data, metadata, owned));
  }

  complete(): void {
    this.unwatch?.();
    this.#resolve(NO_PAYLOAD);
  }

  error(error: unknown): void {
    this.unwatch?.();
    this.#reject(error);
  }
}
