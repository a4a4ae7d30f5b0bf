/**
 * One armed wake-up for one connection. A deadline that moves later costs nothing: the alarm rings early, looks, and
 * is set again.
 *
 * @module
 */
import type { Clock } from "../contract/runtime.ts";

/** Rings `run` at a deadline or later. */
export class Alarm {
  readonly #clock: Clock;
  readonly #run: () => void;
  #armedAt = Infinity;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, run: () => void) {
    this.#clock = clock;
    this.#run = run;
  }

  /** Sees to it that the alarm rings at `atMs` or earlier. Infinity: not at all. */
  set(atMs: number): void {
    if (atMs === Infinity) return this.stop();
    if (atMs >= this.#armedAt) return;
    this.#cancel?.();
    this.#armedAt = atMs;
    this.#cancel = this.#clock.wake(atMs, () => {
      this.#cancel = undefined;
      this.#armedAt = Infinity;
      this.#run();
    });
  }

  /** Never rings again, until set. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#armedAt = Infinity;
  }
}
